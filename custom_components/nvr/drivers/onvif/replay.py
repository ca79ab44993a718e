"""Footage by replay over RTSP: the only way in which ONVIF hands out what is recorded (section 9 of the notes)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from ..clock import DeviceClock
from ..driver import Download, Purpose
from ..errors import CannotConnectError, DriverError, NoFootageError, NotSupportedError
from ..fetching import Wish
from ..guard import LoginGuard
from ..models import Connection, Right
from ..rtsp.connection import Tally
from ..rtsp.container import container_head
from ..rtsp.headers import parse_clock, range_by_clock
from ..rtsp.message import Frame
from ..rtsp.refusals import (
    SESSION_NOT_FOUND,
    NotTakenError,
    NotThereError,
    SessionGoneError,
)
from ..rtsp.replay import FORMS, ReplayForm, ReplayMark, replay_mark
from ..rtsp.session import PlayedTrack, Started
from ..rtsp_sessions import SLOT_PAUSES_SECONDS, RtspSessions, first_of, set_up
from ..shortfalls import Shortfalls
from ..slot import TransferSlot
from .addresses import SafeAddresses
from .containers import plausible
from .labels import Labels
from .memory import REPLAY_FORM, DeviceMemory
from .question import Question
from .replayed_footage import ReplayedFootage
from .service import Service
from .transport import Transport
from .uris import read_uri

SILENCE_SECONDS = 10.0
# Addresses hold for as long as the container is there.
MAX_ADDRESSES = 256
# How much further than wanted is asked for, so that what comes tells by itself that the end has been reached.
BEYOND = timedelta(seconds=2)
# There is nothing at this address, however it is asked for.
_NOTHING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# Cameras that spare bits have a key picture in many seconds; what begins earlier is not what was asked for.
LONGEST_LEAD = timedelta(seconds=60)


def replay_uri(token: str) -> Question[str]:
    """Return the question for where a container is replayed."""
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    return Question(
        service=Service.REPLAY,
        operation="GetReplayUri",
        arguments={"StreamSetup": setup, "RecordingToken": token},
        read=read_uri,
        right=Right.PLAYBACK,
    )


class Replays:
    """Replays recordings of one device, one at a time: it is the recorder's one bulk transfer."""

    def __init__(
        self,
        connection: Connection,
        memory: DeviceMemory,
        guard: LoginGuard,
        bulk: TransferSlot,
        transport: Transport,
        addresses: SafeAddresses,
        labels: Labels,
    ) -> None:
        """Initialize; ``labels`` knows what the times of recordings mean."""
        self._addresses = addresses
        self._memory = memory
        self._bulk = bulk
        self._transport = transport
        self._labels = labels
        self._sessions = RtspSessions(connection, guard, bulk)
        self._known: dict[str, str] = {}
        # The form of the last replay that came to something, if no other did not since.
        self._supposed: str | None = None
        self._shortfalls = Shortfalls(memory)

    @property
    def tally(self) -> Tally:
        """What was asked over RTSP."""
        return self._sessions.tally

    @property
    def shortfalls(self) -> Shortfalls:
        """What is known of footage that came short."""
        return self._shortfalls

    def close(self) -> None:
        """End what runs, and begin nothing any more."""
        self._sessions.close()

    @asynccontextmanager
    async def open(self, wish: Wish) -> AsyncIterator[Download]:
        """Replay what is wished for. Raises DriverError."""
        if not wish.recording.token:
            raise NoFootageError("the device gave no name for this recording")
        self._shortfalls.note_way(wish.recording.token, played=True)
        async with self._sessions.in_turn(lambda: self._replaying(wish), SLOT_PAUSES_SECONDS) as (
            download,
            form,
        ):
            if wish.purpose is Purpose.PLAY and not form.hurries:
                download.take_turns(lambda: self._bulk.wanted)
            yield download

    @asynccontextmanager
    async def _replaying(self, wish: Wish) -> AsyncIterator[tuple[ReplayedFootage, ReplayForm]]:
        """Replay, by the headers that this device takes."""
        known = self._memory.text(REPLAY_FORM)
        error: DriverError | None = None
        hung_up = False
        for name in sorted(FORMS, key=lambda entry: entry != known):
            async with AsyncExitStack() as stack:
                try:
                    download = await self._begin(stack, wish, FORMS[name])
                except (NotTakenError, NotThereError, _IgnoredError, _HungUpError) as err:
                    if isinstance(err, NotThereError) and (name == known or err.status in _NOTHING):
                        raise
                    hung_up = hung_up or isinstance(err, _HungUpError)
                    if name == known:
                        self._doubt(hung_up=hung_up)
                        raise
                    # The first form says most: what later ones lack may be what they failed for.
                    error = error or err
                    continue
                self._learn(name, hung_up=hung_up)
                yield download, FORMS[name]
                return
        raise error or NotSupportedError("the device takes no form of replay")

    def _learn(self, name: str, *, hung_up: bool) -> None:
        """Take that a form works; where others failed as any connection may, that has to happen twice."""
        if not hung_up or self._supposed == name:
            self._memory.keep(REPLAY_FORM, name)
        self._supposed = name

    def _doubt(self, *, hung_up: bool) -> None:
        """Take that the form that worked does not: the next time all of them are tried."""
        if not hung_up or self._supposed is None:
            self._memory.forget(REPLAY_FORM)
        self._supposed = None

    async def _begin(self, stack: AsyncExitStack, wish: Wish, form: ReplayForm) -> ReplayedFootage:
        """Return footage that has begun to arrive. Raises DriverError for anything else."""
        token = wish.recording.token
        address, port = await self._address(token)
        try:
            session = await stack.enter_async_context(self._sessions.open(address, port))
            description = await session.describe()
        except NotThereError, CannotConnectError:
            # It may have another address by now, and another port.
            self._known.pop(token, None)
            raise
        begin, end = (self._labels.device.to_device(one) for one in (wish.start, wish.end))
        # All that is wanted of its very beginning is a key picture.
        intra = wish.purpose is Purpose.PICTURE and wish.start <= wish.recording.start
        try:
            await set_up(session, description, form.setup_headers())
            started = await session.play(
                # It has an end, as some servers don't stop before what comes next.
                range=range_by_clock(begin, end + BEYOND),
                headers=form.play_headers(intra=intra),
            )
            frames = await stack.enter_async_context(aclosing(session.frames(SILENCE_SECONDS)))
            first = await first_of(session.tracks[0], frames)
        except SessionGoneError as err:
            # Some say so of what they don't take.
            raise NotTakenError(str(err), SESSION_NOT_FOUND) from err
        except CannotConnectError as err:
            raise _HungUpError(str(err)) from err
        mark = _mark_of(session.tracks[0], first)
        told = _told(started)
        times = self._times_of(mark, told, form, wish)
        ahead = times.to_device(wish.start).replace(tzinfo=UTC) - wish.start
        head = container_head(session.tracks, started.infos, self._begun(told, begin, end), ahead)
        return ReplayedFootage(
            session.tracks[0], head, first, frames, wish.end + ahead, wish.end - wish.start
        )

    def _times_of(
        self, mark: ReplayMark | None, told: datetime | None, form: ReplayForm, wish: Wish
    ) -> DeviceClock:
        """Return the clock by which packets tell times: that of searches, or by the other meaning of their label.

        Where packets tell no times, what the server ``told`` of its beginning does; where nothing does, only who took
        it that replay is required is believed. Raises NoFootageError where what comes lies behind what was asked for,
        and _IgnoredError where it lies before: the device plays from its beginning, or what is live.
        """
        digits = told if mark is None else mark.time.replace(tzinfo=None)
        if digits is None:
            if form.requires:
                return self._labels.device
            raise _IgnoredError("the recorder does not tell what it plays")
        readings = [self._labels.device, self._labels.other]
        for device in readings:
            if wish.start - LONGEST_LEAD <= device.to_utc(digits) < wish.end:
                return device
        taken = readings[0].to_utc(digits)
        if taken >= wish.end and taken < datetime.now(UTC) - LONGEST_LEAD:
            raise NoFootageError("the recorder has nothing there, but later")
        raise _IgnoredError("the recorder plays something else than what it was asked for")

    def _begun(self, told: datetime | None, begin: datetime, end: datetime) -> datetime | None:
        """Return the instant that the server names as the beginning, None where that makes no sense."""
        if told is None or not begin - LONGEST_LEAD <= told <= end:
            return None
        return self._labels.device.to_utc(told)

    async def _address(self, token: str) -> tuple[str, int]:
        """Return where a container is replayed, and the port. Raises DriverError."""
        if (known := self._known.get(token)) is None:
            known = self._addresses.rtsp(await self._transport.ask(replay_uri(token)))
            if known is None:
                raise NotSupportedError("the device names no address for replay")
            while len(self._known) >= MAX_ADDRESSES:
                self._known.pop(next(iter(self._known)))
            self._known[token] = known
        return known, self._addresses.rtsp_port(known)


class _IgnoredError(NotSupportedError):
    """The server passed over what was asked, and plays something else."""


class _HungUpError(CannotConnectError):
    """The server was there, and hung up on what it was asked."""


def _mark_of(track: PlayedTrack, frames: list[Frame]) -> ReplayMark | None:
    """Return what the first picture's packets tell, None where they tell nothing."""
    marks = (replay_mark(one.payload) for one in frames if one.channel == track.channel)
    return next((mark for mark in marks if mark is not None), None)


def _told(started: Started) -> datetime | None:
    """Return the digits at which the server says that it begins, None where no clock can have shown them."""
    digits = parse_clock(started.range)
    return None if digits is None or plausible(digits.replace(tzinfo=UTC)) is None else digits
