"""Asking a device about itself: everything once, then a little each minute."""

import asyncio
from contextlib import suppress
import logging

from ..errors import DeviceFaultError, InvalidAnswerError, NotSupportedError
from ..inquiry import ABSENT, UNHEARD, Inquired, Inquiry
from .channels import IP_CHANNEL_STATUSES, IP_CHANNELS, MAX_CHANNELS, VIDEO_INPUTS
from .clock import RecorderClock
from .device_time import STATUS, TIME, DeviceTime
from .facts import Facts
from .identity import DEVICE_INFO
from .memory import DeviceMemory
from .ports import RTSP_PORT
from .storage import HARD_DISKS, STORAGE
from .streams import CHANNEL_FACTOR, PROXIED_STREAMS, STREAM_NAMES, STREAMS, single_stream
from .transport import Transport, decode
from .working import WORKING_STATUS

_LOGGER = logging.getLogger(__name__)

PROBED_STREAMS = (1, 2)
# Where streams alone tell which channels there are, one that is offline answers for none.
CHANNELS_BEYOND = 2
MAX_PROBES = MAX_CHANNELS * len(STREAM_NAMES)

# Set-up asks for all of these at once, after the identity.
_FIRST = ("channels", "inputs", "streams", "disks", "time", "rtsp_port", "status", "working")
_ESSENTIAL = frozenset({"channels", "inputs"})
# Now is long ago where answers were recorded.
_OF_NOW = frozenset({"time", "status"})


class Survey(Inquiry[Transport]):
    """Collects facts. Every method may raise DriverError; AuthenticationError always ends it."""

    def __init__(self, facts: Facts, clock: RecorderClock, memory: DeviceMemory) -> None:
        """Initialize."""
        super().__init__(facts.absent)
        self._facts = facts
        self._clock = clock
        self._memory = memory
        self._inquired = {
            "identity": Inquired("recorder", self.identity),
            "channels": Inquired("channels", self.ip_channels),
            "statuses": Inquired("channel_status", self.statuses),
            "inputs": Inquired("channels", self.inputs),
            "streams": Inquired("streams", self.streams),
            "disks": Inquired("disks", self.disks),
            "time": Inquired("clock", self.time),
            "rtsp_port": Inquired("rtsp_port", self.rtsp_port),
            "status": Inquired("last_boot", self.status),
            "working": Inquired("working", self.working),
        }

    async def everything(self, transport: Transport) -> None:
        """Ask for all that a first state needs.

        Identity comes first and alone: its answer carries the challenge, and all others reuse the nonce.
        """
        await self.ask("identity", transport)
        outcomes = await asyncio.gather(
            *(self._put(name, transport, essential=name in _ESSENTIAL) for name in _FIRST),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        await self._mend_streams(transport)
        if not self._facts.places():
            # No list of anything: what answers as the first channel is one, others follow by and by.
            with suppress(*UNHEARD):
                await self.probe_stream(transport, CHANNEL_FACTOR + PROBED_STREAMS[0])
        if not self._facts.places() and self._refusal is not None:
            raise self._refusal

    async def thoroughly(self, transport: Transport) -> None:
        """Ask for all that there is, whatever it costs; what is absent stops nothing. Raises DriverError."""
        with suppress(*ABSENT):
            await self.ask("identity", transport)
        for name in _FIRST:
            await self._put(name, transport)
        if self._facts.ip_channels is None:
            await self._put("statuses", transport)
        await self._mend_streams(transport)
        if not self._facts.places():
            await self.probe_stream(transport, CHANNEL_FACTOR + PROBED_STREAMS[0])
        for _ in range(MAX_PROBES):
            if not (unknown := self.unprobed_streams(tuple(STREAM_NAMES))):
                return
            await self.probe_stream(transport, unknown[0])

    async def recorded(self, transport: Transport) -> None:
        """Ask a recording, where nothing is essential, not even who it is, and now is long ago."""
        for name in ("identity", *_FIRST):
            if name not in _OF_NOW:
                await self._put(name, transport)
        if self._facts.ip_channels is None:
            await self._put("statuses", transport)
        await self._mend_streams(transport)

    async def identity(self, transport: Transport) -> None:
        """Ask who the recorder is."""
        self._facts.recorder = await transport.send(DEVICE_INFO)
        self._memory.note_firmware(self._facts.recorder.firmware)

    async def ip_channels(self, transport: Transport) -> None:
        """Ask for IP channels, and for their state where there are any."""
        self._facts.ip_channels = await transport.send(IP_CHANNELS)
        if self._facts.ip_channels and self._facts.statuses is None:
            with suppress(*UNHEARD):
                await self.ask("statuses", transport)

    async def statuses(self, transport: Transport) -> None:
        """Ask which IP channels are online."""
        self._facts.statuses = await transport.send(IP_CHANNEL_STATUSES)

    async def inputs(self, transport: Transport) -> None:
        """Ask for analogue inputs or the camera's own."""
        self._facts.inputs = await transport.send(VIDEO_INPUTS)

    async def streams(self, transport: Transport) -> None:
        """Ask for the list of all streams.

        What is not listed now but was before is kept while its channel is offline: recorders hide it then.
        """
        listed = await transport.send(STREAMS)
        facts = self._facts
        offline = {
            place.base
            for place, channel in zip(facts.places(), facts.state().channels, strict=True)
            if channel.online is False
        }
        kept = {
            number: setting
            for number, setting in facts.streams.items()
            if number not in listed and setting.channel in offline
        }
        facts.streams = dict(sorted({**kept, **listed}.items()))
        facts.streams_listed = True

    async def disks(self, transport: Transport) -> None:
        """Ask for disks, by the older path where the newer is refused."""
        try:
            self._facts.disks = await transport.send(STORAGE)
        except NotSupportedError, InvalidAnswerError, DeviceFaultError:
            self._facts.disks = await transport.send(HARD_DISKS)

    async def time(self, transport: Transport) -> None:
        """Ask for the device's time and zone."""
        answer = await transport.exchange(TIME)
        time = await decode(TIME, answer)
        if time is None:
            raise InvalidAnswerError("System/time holds no time")
        self._clock.note_time(answer.sent, answer.received, time)

    async def rtsp_port(self, transport: Transport) -> None:
        """Ask where RTSP is offered."""
        self._facts.rtsp_port = await transport.send(RTSP_PORT)

    async def status(self, transport: Transport) -> None:
        """Ask how long the device has been running.

        Where nothing else ever told the device's time, this does.
        """
        answer = await transport.exchange(STATUS)
        status = await decode(STATUS, answer)
        untold = "clock" in self._facts.absent and "time" not in self._answered
        if status.stamp is not None and untold:
            self._clock.note_time(answer.sent, answer.received, DeviceTime(stamp=status.stamp))
        if status.uptime is not None:
            self._facts.note_uptime(status.uptime)

    async def working(self, transport: Transport) -> None:
        """Ask what every channel is doing."""
        self._facts.working = await transport.send(WORKING_STATUS)

    async def probe_stream(self, transport: Transport, number: int) -> None:
        """Ask for a single stream; a refusal says that there is none."""
        try:
            found = await transport.send(single_stream(number))
        except ABSENT:
            found = {}
        if number in found:
            self._facts.streams[number] = found[number]
            self._facts.streams_refused.discard(number)
        else:
            self._facts.streams.pop(number, None)
            self._facts.streams_refused.add(number)

    def unprobed_streams(self, types: tuple[int, ...] = PROBED_STREAMS) -> list[int]:
        """Return the ids of streams that nobody has asked for, where there is no list of them."""
        facts = self._facts
        if facts.streams_listed:
            return []
        wanted: list[int] = []
        for place in facts.places():
            wanted += (place.base * CHANNEL_FACTOR + type_ for type_ in types)
            # Where a hybrid's IP channels are found is settled by who answers.
            main = [base * CHANNEL_FACTOR + types[0] for base in place.bases]
            if not any(number in facts.streams for number in main):
                wanted += main
        if not facts.ip_channels and not facts.inputs and facts.streams:
            last = max(setting.channel for setting in facts.streams.values())
            beyond = range(last + 1, last + 1 + CHANNELS_BEYOND)
            wanted += (channel * CHANNEL_FACTOR + types[0] for channel in beyond)
        return [
            number
            for number in dict.fromkeys(wanted)
            if number not in facts.streams and number not in facts.streams_refused
        ]

    async def _mend_streams(self, transport: Transport) -> None:
        """Try the recorder's other tree where it refuses the list; single streams follow by and by."""
        facts = self._facts
        if facts.streams_listed or (facts.places() and not facts.ip_channels):
            return
        try:
            listed = await transport.send(PROXIED_STREAMS)
        except UNHEARD as err:
            _LOGGER.debug("No list of streams: %s", err)
            return
        if listed:
            self._facts.streams = dict(listed)
            self._facts.streams_listed = True
