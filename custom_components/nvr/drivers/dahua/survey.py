"""Asking a device about itself: what a first state needs at once, the rest by and by."""

import asyncio
from contextlib import suppress
from datetime import UTC

from ..budget import BudgetSpentError
from ..errors import DriverError, InvalidAnswerError, NoFootageError, UnknownDeviceError
from ..inquiry import ABSENT, UNHEARD, Inquired, Inquiry
from .channels import INPUTS, REMOTES, STATES, TITLES, VIDEO_LOSS
from .clock import RecorderClock
from .device_time import SAVING_RULES, TIME, TIME_SERVER, zone_of
from .facts import Facts
from .identity import (
    DEVICE_CLASS,
    DEVICE_TYPE,
    FIRMWARE,
    MACHINE_NAME,
    NETWORK,
    SERIAL,
    SYSTEM_INFO,
    VENDOR,
    DeviceClass,
    SystemInfo,
)
from .memory import DeviceMemory
from .settings import RECORD_MODES, RECORDING, RTSP, UPTIME, one_recording
from .storage import DISKS
from .streams import ENCODE
from .transport import Transport

# Set-up asks for these in this order until its budget is spent; nothing of it costs more with more channels. The time,
# by which all that is recorded is found, comes before what may have to be asked in several ways.
_FIRST = (
    "class",
    "firmware",
    "titles",
    "remotes",
    "streams",
    "time_server",
    "saving_rules",
    "time",
    "states",
    "rtsp_port",
    "video_loss",
    "name",
    "vendor",
    "disks",
)
# What the first minutes are for.
_LATER = ("uptime", "recording", "modes", "inputs", "network")
_ESSENTIAL = frozenset({"titles", "remotes"})


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
            "class": Inquired("class", self.device_class),
            "firmware": Inquired("firmware", self.firmware),
            "name": Inquired("name", self.name),
            "vendor": Inquired("vendor", self.vendor),
            "network": Inquired("network", self.network),
            "titles": Inquired("channels", self.titles),
            "remotes": Inquired("remote_devices", self.remotes),
            "states": Inquired("channel_status", self.states),
            "inputs": Inquired("inputs", self.inputs),
            "video_loss": Inquired("video_loss", self.video_loss),
            "streams": Inquired("streams", self.streams),
            "disks": Inquired("disks", self.disks),
            "time_server": Inquired("time_server", self.time_server),
            "saving_rules": Inquired("saving_rules", self.saving_rules),
            "time": Inquired("clock", self.time),
            "rtsp_port": Inquired("rtsp_port", self.rtsp_port),
            "uptime": Inquired("last_boot", self.uptime),
            "recording": Inquired("recording", self.recording),
            "modes": Inquired("record_modes", self.modes),
        }

    async def everything(self, transport: Transport) -> None:
        """Ask for all that a first state needs; who the device is comes first."""
        await self.ask("identity", transport)
        for name in _FIRST:
            if self.is_wanted(name):
                await self._put(name, transport, essential=name in _ESSENTIAL)
        if not self._facts.places() and self._refusal is not None:
            raise self._refusal

    async def thoroughly(self, transport: Transport) -> None:
        """Ask for all that there is, whatever it costs; what is absent stops nothing. Raises DriverError."""
        with suppress(*ABSENT):
            await self.ask("identity", transport)
        for name in (*_FIRST, *_LATER):
            if self.is_wanted(name):
                await self._put(name, transport)

    @property
    def unasked(self) -> list[str]:
        """What has never been answered and may be."""
        return [
            name
            for name in (*_FIRST, *_LATER)
            if name not in self._answered and self.pause(name) is None and self.is_wanted(name)
        ]

    def is_wanted(self, name: str) -> bool:
        """Whether this kind of device can tell such a thing."""
        facts = self._facts
        kind = facts.device_class
        match name:
            case "class":
                return not facts.identity.is_classed
            case "remotes":
                return facts.identity.may_have_remotes
            case "states":
                return kind is not DeviceClass.CAMERA
            case "inputs":
                return kind is DeviceClass.HYBRID
            case "video_loss":
                silent = any(channel.online is None for channel in facts.state().channels)
                return kind is DeviceClass.HYBRID or (kind is not DeviceClass.CAMERA and silent)
            case "network":
                return facts.identity.mac is None
            case _:
                return True

    async def identity(self, transport: Transport) -> None:
        """Ask who the recorder is; by smaller questions where the device does not know the usual one."""
        identity = self._facts.identity
        try:
            identity.info = await transport.ask(SYSTEM_INFO)
        except BudgetSpentError:
            raise
        except ABSENT as err:
            await self._identity_in_parts(transport, err)
        if identity.info == SystemInfo():
            with suppress(*ABSENT):
                identity.type = await transport.ask(DEVICE_TYPE)
        if identity.info is not None and not identity.told.serial:
            with suppress(*ABSENT):
                identity.serial = await transport.ask(SERIAL)
        if not identity.known:
            raise UnknownDeviceError("what answers does not say who it is")
        if not identity.has_serial and identity.mac is None:
            # Something has to tell it from others.
            with suppress(*ABSENT):
                await self.network(transport)

    async def _identity_in_parts(self, transport: Transport, refusal: DriverError) -> None:
        identity = self._facts.identity
        with suppress(*ABSENT):
            identity.type = await transport.ask(DEVICE_TYPE)
        with suppress(*ABSENT):
            identity.serial = await transport.ask(SERIAL)
        if not identity.known:
            raise refusal

    async def device_class(self, transport: Transport) -> None:
        """Ask what the device is."""
        self._facts.identity.class_word = await transport.ask(DEVICE_CLASS)

    async def firmware(self, transport: Transport) -> None:
        """Ask for the firmware; another than before makes most of the memory worthless."""
        firmware = await transport.ask(FIRMWARE)
        if firmware is None:
            raise InvalidAnswerError("the answer holds no version")
        self._facts.identity.firmware = firmware
        self._memory.note_firmware(firmware)

    async def name(self, transport: Transport) -> None:
        """Ask what the user calls it."""
        self._facts.identity.name = await transport.ask(MACHINE_NAME)

    async def vendor(self, transport: Transport) -> None:
        """Ask for the brand."""
        self._facts.identity.vendor = await transport.ask(VENDOR)

    async def network(self, transport: Transport) -> None:
        """Ask for its MAC address."""
        self._facts.identity.mac = await transport.ask(NETWORK)

    async def titles(self, transport: Transport) -> None:
        """Ask for the names of all channels that could be."""
        self._facts.titles = await transport.ask(TITLES)

    async def remotes(self, transport: Transport) -> None:
        """Ask which network cameras are registered."""
        self._facts.remotes = await transport.ask(REMOTES)

    async def states(self, transport: Transport) -> None:
        """Ask which channels are connected."""
        states = await transport.ask(STATES)
        if not states:
            raise InvalidAnswerError("the answer holds no states")
        self._facts.states = states

    async def inputs(self, transport: Transport) -> None:
        """Ask how many inputs a hybrid has."""
        self._facts.inputs = await transport.ask(INPUTS)

    async def video_loss(self, transport: Transport) -> None:
        """Ask which channels have lost their picture."""
        try:
            self._facts.video_loss = await transport.ask(VIDEO_LOSS)
        except NoFootageError:
            # No such event is on at present.
            self._facts.video_loss = frozenset()

    async def streams(self, transport: Transport) -> None:
        """Ask for the encodings of all channels."""
        self._facts.streams = await transport.ask(ENCODE)

    async def disks(self, transport: Transport) -> None:
        """Ask for disks."""
        self._facts.disks = await transport.ask(DISKS)

    async def time_server(self, transport: Transport) -> None:
        """Ask for the zone, and whether the clock follows a server."""
        self._facts.time_server = await transport.ask(TIME_SERVER)

    async def saving_rules(self, transport: Transport) -> None:
        """Ask for daylight saving time."""
        self._facts.saving_rules = await transport.ask(SAVING_RULES)

    async def time(self, transport: Transport) -> None:
        """Ask for the device's time."""
        heard = await transport.exchange(TIME)
        digits = TIME.read(heard.tree)
        if digits is None:
            raise InvalidAnswerError("the answer holds no time")
        server, rules = self._facts.time_server, self._facts.saving_rules
        utc = heard.received.astimezone(UTC).replace(tzinfo=None)
        # The zone database is files.
        zone = await asyncio.to_thread(zone_of, server, rules, digits, utc)
        self._clock.note_time(
            heard.sent, heard.received, digits, zone, synchronised=server.synchronised
        )

    async def rtsp_port(self, transport: Transport) -> None:
        """Ask where RTSP is offered."""
        self._facts.rtsp_port = await transport.ask(RTSP)

    async def uptime(self, transport: Transport) -> None:
        """Ask how long the device has been running."""
        uptime = await transport.ask(UPTIME)
        if uptime is None:
            raise InvalidAnswerError("the answer holds no time of running")
        self._facts.note_uptime(uptime)

    async def recording(self, transport: Transport) -> None:
        """Ask which channels are being recorded."""
        self._facts.recording = dict(await transport.ask(RECORDING))

    async def modes(self, transport: Transport) -> None:
        """Ask what the channels are told to record."""
        self._facts.modes = await transport.ask(RECORD_MODES)

    async def one_recording(self, transport: Transport, index: int) -> None:
        """Ask whether a single channel is being recorded, where a device has no answer for all."""
        with suppress(*UNHEARD):
            state = await transport.ask(one_recording(index))
            if state is not None:
                self._facts.recording = {**(self._facts.recording or {}), index: state}
