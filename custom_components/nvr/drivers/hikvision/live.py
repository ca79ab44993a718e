"""Addresses of live streams, in the forms that firmware differs about (section 9 of the notes)."""

import asyncio
from collections.abc import Callable, Mapping
import logging
from time import monotonic
from urllib.parse import quote

from ..errors import CannotConnectError, DriverError
from ..guard import RETRY_AFTER_SECONDS, LoginGuard
from ..listeners import Listeners, joined
from ..models import Connection, Right, StreamName
from ..ports import DEFAULT_RTSP_PORT
from ..rtsp.authentication import Authentication
from ..rtsp.connection import RtspConnection, Tally
from ..rtsp.guard import RtspGuard
from ..rtsp.refusals import NotTakenError, NotThereError
from ..rtsp.session import RtspSession
from .facts import ChannelPlace, Facts
from .memory import LIVE_FORM, DeviceMemory
from .streams import CHANNEL_FACTOR, STREAM_TYPES

_LOGGER = logging.getLogger(__name__)

# On old recorders IP channels are counted from 33 on.
OLD_IP_OFFSET = 32
# A device that did not answer over RTSP, or did not let us in, is asked again after so long.
LEARN_AGAIN_SECONDS = RETRY_AFTER_SECONDS
# In the life of a driver; then the usual form stays in use.
LEARNT_AT_MOST = 3

_AV_STREAMS = {StreamName.MAIN: "main", StreamName.SUB: "sub"}


def _av_stream(channel: int, stream: StreamName) -> str:
    return f"/h264/ch{channel}/{_AV_STREAMS.get(stream, 'main')}/av_stream"


# By the name under which it is remembered; what is usual since 2012 first. Of a channel's own number, the id of
# the stream and the stream.
_FORMS: Mapping[str, Callable[[int, int, StreamName], str]] = {
    "streaming": lambda channel, number, stream: f"/Streaming/Channels/{number}",
    "isapi": lambda channel, number, stream: f"/ISAPI/Streaming/channels/{number}",
    "psia": lambda channel, number, stream: f"/PSIA/streaming/channels/{number}",
    "channel": lambda channel, number, stream: f"/Streaming/Channels/{channel}",
    "av_stream": lambda channel, number, stream: _av_stream(channel, stream),
    "av_stream_33": lambda channel, number, stream: _av_stream(channel + OLD_IP_OFFSET, stream),
}
_USUAL = "streaming"


class LivePaths:
    """Knows where a device's live streams are; asks it where there is reason to doubt the usual form.

    That costs a login, and what it tells concerns live streams alone: where it is refused they are withdrawn.
    """

    def __init__(
        self,
        connection: Connection,
        facts: Facts,
        memory: DeviceMemory,
        guard: LoginGuard,
        tally: Tally,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds, ``tally`` the requests."""
        self._connection = connection
        self._facts = facts
        self._memory = memory
        self._recorder = guard
        self._guard = RtspGuard(guard, now)
        self._tally = tally
        self._now = now
        self._not_before = float("-inf")
        self._tries_left = LEARNT_AT_MOST
        self._doubted = False
        self._task: asyncio.Task[None] | None = None
        self._listeners = Listeners()

    @property
    def refused(self) -> bool:
        """Whether the device refuses our login over RTSP; whoever plays live streams would be refused, too."""
        return self._guard.refused

    def on_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever addresses may be others; return what removes it."""
        return joined(self._listeners.add(listener), self._guard.on_refused_changed(listener))

    def doubt(self) -> None:
        """Note that a live stream failed: its address may be wrong."""
        self._doubted = True

    def url(self, place: ChannelPlace, stream: StreamName) -> str:
        """Return the RTSP address of a stream, every reserved character of the credentials encoded."""
        credentials = (
            f"{quote(self._connection.username, safe='')}:"
            f"{quote(self._connection.password, safe='')}@"
        )
        known = self._memory.text(LIVE_FORM) or _USUAL
        return self._address(known if known in _FORMS else _USUAL, place, stream, credentials)

    def start(self) -> None:
        """Begin to learn in the background where there is reason to."""
        running = self._task is not None and not self._task.done()
        if not running and self._is_needed and self._now() >= self._not_before:
            self._task = asyncio.create_task(self.learn())

    async def learn(self) -> None:
        """Find the form that this device takes. Failures only leave the usual one in use."""
        place = self._likely()
        if place is None or not self._is_open:
            return
        self._not_before = self._now() + LEARN_AGAIN_SECONDS
        self._tries_left -= 1
        try:
            form = await self._first_taken(place)
        except DriverError as err:
            _LOGGER.debug("No word on where live streams are: %s", err)
            return
        if form is None:
            self._tries_left = 0
            return
        self._memory.keep(LIVE_FORM, form)
        if form != _USUAL:
            self._listeners.call()

    async def close(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _is_open(self) -> bool:
        known = self._memory.text(LIVE_FORM) is not None
        return not known and self._tries_left > 0 and not self._recorder.refused

    @property
    def _is_needed(self) -> bool:
        """Whether the usual form failed, or the device counts its streams as firmware did before that form."""
        old = any(number < CHANNEL_FACTOR for number in self._facts.streams)
        return self._is_open and (old or self._doubted or self.refused)

    @property
    def _port(self) -> int:
        """The user's port goes before the reported one: a recorder knows nothing of port forwarding."""
        return self._connection.rtsp_port or self._facts.rtsp_port or DEFAULT_RTSP_PORT

    def _likely(self) -> ChannelPlace | None:
        """Return a channel that shows something."""
        channels = self._facts.state().channels
        online = [channel.number for channel in channels if channel.online and channel.streams]
        return self._facts.place(online[0]) if online else None

    def _address(
        self, form: str, place: ChannelPlace, stream: StreamName, credentials: str = ""
    ) -> str:
        number = place.stream_id(stream)
        streams = self._facts.streams
        if number not in streams and place.base == 1 and STREAM_TYPES[stream] in streams:
            number = STREAM_TYPES[stream]
        host = self._connection.host
        host = f"[{host}]" if ":" in host else host
        path = _FORMS[form](place.base, number, stream)
        return f"rtsp://{credentials}{host}:{self._port}{path}"

    async def _first_taken(self, place: ChannelPlace) -> str | None:
        """Return the first form that is taken, None where none is. Raises DriverError where that stays open.

        All are asked over one connection and with one login, another where the device hangs up after a refusal.
        """
        forms = list(_FORMS)
        while forms:
            login = Authentication(
                self._connection.username,
                self._connection.password,
                digest_only=self._connection.digest_only,
            )
            connection = RtspConnection(
                self._connection.host, self._port, login, self._guard, self._tally
            )
            try:
                await connection.open()
                asked = len(forms)
                while forms:
                    try:
                        await self._describe(connection, forms[0], place)
                    except NotThereError, NotTakenError:
                        del forms[0]
                    except CannotConnectError:
                        if len(forms) == asked:
                            raise
                        break
                    else:
                        return forms[0]
            finally:
                connection.close()
        return None

    async def _describe(self, connection: RtspConnection, form: str, place: ChannelPlace) -> None:
        address = self._address(form, place, StreamName.MAIN)
        await RtspSession(connection, address, right=Right.LIVE).describe()
