"""Addresses of live streams, in the forms that firmware differs about (section 9 of the notes)."""

import asyncio
from collections.abc import Callable, Mapping
import logging
from time import monotonic
from urllib.parse import quote

from ..errors import DriverError
from ..guard import LoginGuard
from ..models import Connection, Right, StreamName
from ..rtsp.authentication import Authentication
from ..rtsp.connection import RtspConnection, Tally
from ..rtsp.refusals import NotTakenError, NotThereError
from ..rtsp.session import playing
from .facts import ChannelPlace, Facts
from .memory import LIVE_FORM, DeviceMemory
from .ports import DEFAULT_RTSP_PORT
from .streams import STREAM_TYPES

_LOGGER = logging.getLogger(__name__)

# On old recorders IP channels are counted from 33 on.
OLD_IP_OFFSET = 32
# A device on which nothing answered is asked again after so long.
LEARN_AGAIN_SECONDS = 3600.0

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
    """Knows where a device's live streams are; learns it by asking for a description, once per device."""

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
        self._guard = guard
        self._tally = tally
        self._now = now
        self._not_before = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def url(self, place: ChannelPlace, stream: StreamName) -> str:
        """Return the RTSP address of a stream, every reserved character of the credentials encoded."""
        credentials = (
            f"{quote(self._connection.username, safe='')}:"
            f"{quote(self._connection.password, safe='')}@"
        )
        known = self._memory.text(LIVE_FORM) or _USUAL
        return self._address(known if known in _FORMS else _USUAL, place, stream, credentials)

    def start(self) -> None:
        """Begin to learn in the background where it is not known yet."""
        running = self._task is not None and not self._task.done()
        if not running and self._is_open and self._now() >= self._not_before:
            self._task = asyncio.create_task(self.learn())

    async def learn(self) -> None:
        """Find the form that this device takes. Failures only leave the usual one in use."""
        if not self._is_open:
            return
        self._not_before = self._now() + LEARN_AGAIN_SECONDS
        place = self._likely()
        if place is None:
            return
        for form in _FORMS:
            try:
                await self._describe(self._address(form, place, StreamName.MAIN))
            except NotThereError, NotTakenError:
                continue
            except DriverError as err:
                _LOGGER.debug("No word on where live streams are: %s", err)
                return
            self._memory.keep(LIVE_FORM, form)
            return

    async def close(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _is_open(self) -> bool:
        return self._memory.text(LIVE_FORM) is None and not self._guard.refused

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

    async def _describe(self, address: str) -> None:
        login = Authentication(self._connection.username, self._connection.password)
        connection = RtspConnection(
            self._connection.host, self._port, login, self._guard, self._tally
        )
        async with playing(connection, address, right=Right.LIVE) as session:
            await session.describe()
