"""Playing over one connection: DESCRIBE, SETUP, PLAY, PAUSE, and TEARDOWN in the end, whatever happens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlsplit

from ..answer import StalledError
from ..errors import (
    AuthenticationError,
    CannotConnectError,
    DriverError,
    InvalidAnswerError,
    NotSupportedError,
)
from ..models import Right
from .connection import ClosedError, RtspConnection
from .description import Description, Track, control_url, parse_description
from .headers import Info, Session, parse_infos, parse_interleaved, parse_session
from .message import Frame, Response
from .packet import says_goodbye
from .refusals import SESSION_NOT_FOUND, error_of

# A server forgets a session after its time-out; several of ours in it are sure to arrive.
KEEP_ALIVES_PER_TIMEOUT = 2.5
TEARDOWN_SECONDS = 2.0
DEFAULT_PORT = 554
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTrack:
    """A track that was set up, and the interleaved channels of its packets."""

    track: Track
    url: str
    channel: int
    rtcp_channel: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What the server said to PLAY: its range as written, its scale, and where each track begins."""

    range: str = ""
    scale: str = ""
    infos: Mapping[int, Info]
    """By the channel of the track."""


class RtspSession:
    """One presentation of a server; to be used by one task at a time.

    Every method raises DriverError by the table of ``refusals``; ``headers`` are added to a request. ``right`` is
    what the account needs for what is played.
    """

    def __init__(
        self, connection: RtspConnection, url: str, *, right: Right = Right.PLAYBACK
    ) -> None:
        """Initialize; ``url`` holds no credentials."""
        self._connection = connection
        self._right = right
        self._url = self._base = self._aggregate = url
        self._session: Session | None = None
        self._setting_up = False
        self._keep_alive = "GET_PARAMETER"
        self._keep_alive_at = 0.0
        self.tracks: list[PlayedTrack] = []

    async def describe(self, headers: Mapping[str, str] = NO_HEADERS) -> Description:
        """Return what there is to play. A redirect is followed once, and on this very connection only."""
        response = await self._describe(headers)
        if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
            self._url = self._redirected(response.headers.get("Location", ""))
            response = await self._describe(headers)
        self._judge("DESCRIBE", response)
        stated = (response.headers.get(name, "") for name in ("Content-Base", "Content-Location"))
        self._base = next((one for one in stated if one.lower().startswith("rtsp://")), self._url)
        description = parse_description(response.body)
        if not description.tracks:
            raise InvalidAnswerError("the recorder describes nothing that can be played")
        self._aggregate = control_url(self._base, description.control)
        return description

    async def setup(self, track: Track, headers: Mapping[str, str] = NO_HEADERS) -> PlayedTrack:
        """Set up one track, its packets interleaved. Raises NotSupportedError where they can't be."""
        url = control_url(self._base, track.control)
        wanted = 2 * len(self.tracks)
        transport = f"RTP/AVP/TCP;unicast;interleaved={wanted}-{wanted + 1}"
        self._setting_up = True
        try:
            response = await self._request("SETUP", url, {"Transport": transport, **headers})
        except AuthenticationError, InvalidAnswerError:
            self._setting_up = False
            raise
        self._setting_up = False
        self._note_session(response)
        self._judge("SETUP", response)
        if self._session is None:
            raise InvalidAnswerError("the recorder set up a track without a session")
        answered = response.headers.get("Transport", transport)
        channels = parse_interleaved(answered)
        if channels is None and "client_port" in answered:
            raise NotSupportedError("the recorder plays over UDP only")
        channel, rtcp_channel = channels or (wanted, wanted + 1)
        taken = {one for track in self.tracks for one in (track.channel, track.rtcp_channel)}
        if channel in taken:
            raise InvalidAnswerError("the recorder puts two tracks into one channel")
        if rtcp_channel in taken:
            rtcp_channel = None
        played = PlayedTrack(track=track, url=url, channel=channel, rtcp_channel=rtcp_channel)
        self.tracks.append(played)
        self._connection.allow_channel(channel)
        if rtcp_channel is not None:
            self._connection.allow_channel(rtcp_channel)
        return played

    async def play(
        self,
        *,
        range: str | None = None,
        scale: float | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Started:
        """Play, or go on after a pause where ``range`` is None. ``scale`` is the speed, 1 the natural one."""
        added = {} if range is None else {"Range": range}
        if scale is not None:
            added["Scale"] = f"{scale:.3f}"
        response = await self._request("PLAY", self._aggregate, {**added, **headers})
        self._judge("PLAY", response)
        self._schedule_keep_alive()
        infos = parse_infos(response.headers.get("RTP-Info", ""))
        return Started(
            range=response.headers.get("Range", ""),
            scale=response.headers.get("Scale", ""),
            infos=dict(self._assign(infos)),
        )

    async def pause(self) -> None:
        """Stop the flow of packets, until ``play``."""
        self._judge("PAUSE", await self._request("PAUSE", self._aggregate, {}))
        self._schedule_keep_alive()

    async def frames(self, silence: float) -> AsyncGenerator[list[Frame]]:
        """Yield packets as they arrive, several at a time, until the server says or shows that there are no more.

        Keeps the session alive meanwhile. Raises StalledError after ``silence`` seconds without a packet,
        CannotConnectError where the connection breaks or the server forgets the session.
        """
        heard = monotonic()
        while not self._connection.ended:
            # One that never stops sending must not keep others from their turn.
            await asyncio.sleep(0)
            now = monotonic()
            if now >= self._keep_alive_at:
                await self._stay_alive()
            wait = min(self._keep_alive_at, heard + silence) - monotonic()
            try:
                frames = await self._connection.receive(max(wait, 0.0))
            except ClosedError:
                return
            await self._judge_late()
            if frames:
                heard = monotonic()
                yield frames
                if self._says_goodbye(frames):
                    return
            elif monotonic() - heard >= silence:
                raise StalledError("the recorder stopped playing")

    async def end(self) -> None:
        """End the session, so that the recorder has its slot again, and close the connection."""
        try:
            async with asyncio.timeout(TEARDOWN_SECONDS):
                if self._setting_up:
                    # Cut off in the middle: the answer says what is to be ended.
                    self._note_session(await self._connection.answer(TEARDOWN_SECONDS))
                if self._session is not None:
                    await self._request("TEARDOWN", self._aggregate, {}, seconds=TEARDOWN_SECONDS)
        except DriverError, TimeoutError:
            # The recorder ends it by itself after the time-out.
            pass
        finally:
            self._connection.close()

    async def _describe(self, headers: Mapping[str, str]) -> Response:
        return await self._request("DESCRIBE", self._url, {"Accept": "application/sdp", **headers})

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], *, seconds: float | None = None
    ) -> Response:
        added = {} if self._session is None else {"Session": self._session.id}
        return await self._connection.request(method, url, {**added, **headers}, seconds=seconds)

    def _judge(self, method: str, response: Response) -> None:
        if (error := error_of(method, response.status, self._right)) is not None:
            raise error

    def _redirected(self, location: str) -> str:
        """Return where a redirect leads. Raises InvalidAnswerError where that is not this very server."""
        try:
            here, there = urlsplit(self._url), urlsplit(location)
            same = (here.hostname, here.port or DEFAULT_PORT) == (
                there.hostname,
                there.port or DEFAULT_PORT,
            )
        except ValueError:
            same = False
        if not same or there.scheme.lower() != "rtsp":
            raise InvalidAnswerError("the recorder redirects elsewhere; redirects are not followed")
        return there._replace(netloc=here.netloc).geturl()

    def _note_session(self, response: Response) -> None:
        if (found := parse_session(response.headers.get("Session", ""))) is None:
            return
        # The time-out is said once as a rule, with the first track.
        if self._session is not None and ";" not in response.headers["Session"]:
            found = replace(found, timeout=self._session.timeout)
        self._session = found
        self._schedule_keep_alive()

    def _schedule_keep_alive(self) -> None:
        if self._session is not None:
            self._keep_alive_at = monotonic() + self._session.timeout / KEEP_ALIVES_PER_TIMEOUT

    async def _stay_alive(self) -> None:
        self._schedule_keep_alive()
        added = {} if self._session is None else {"Session": self._session.id}
        await self._connection.send(self._keep_alive, self._aggregate, added)

    async def _judge_late(self) -> None:
        """Take note of the answers to keep-alives."""
        while self._connection.late:
            status = self._connection.late.popleft().status
            if status == SESSION_NOT_FOUND:
                raise CannotConnectError("the recorder has forgotten the session")
            if status == HTTPStatus.UNAUTHORIZED:
                # The nonce has run out: asked once more with an answer waited for, which logs in anew.
                self._judge("OPTIONS", await self._request("OPTIONS", self._aggregate, {}))
            elif status >= HTTPStatus.BAD_REQUEST:
                # Some know one, some the other, and all take it for a sign of life.
                self._keep_alive = "OPTIONS"

    def _says_goodbye(self, frames: Iterable[Frame]) -> bool:
        """Return whether the first track, which is the pictures where there are any, has ended."""
        channel = self.tracks[0].rtcp_channel if self.tracks else None
        return any(one.channel == channel and says_goodbye(one.payload) for one in frames)

    def _assign(self, infos: list[Info]) -> Iterable[tuple[int, Info]]:
        """Say which entry of RTP-Info belongs to which track: by address, or else by place."""
        for number, track in enumerate(self.tracks):
            for info in infos:
                control = track.track.control
                if info.url and (info.url == track.url or (control and info.url.endswith(control))):
                    yield track.channel, info
                    break
            else:
                if len(infos) == len(self.tracks):
                    yield track.channel, infos[number]


@asynccontextmanager
async def playing(
    connection: RtspConnection, url: str, *, right: Right = Right.PLAYBACK
) -> AsyncIterator[RtspSession]:
    """Connect, and end the session when the context is left, also when it is cancelled. Raises DriverError."""
    session = RtspSession(connection, url, right=right)
    try:
        await connection.open()
        yield session
    finally:
        await session.end()
