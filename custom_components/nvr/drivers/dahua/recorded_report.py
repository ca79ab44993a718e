"""What a recorded device says, understood by the same modules that read a live one."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from ..clock import DeviceClock
from ..errors import DriverError
from ..models import Clock, ClockConvention, Missing, Recorder, RecorderState
from ..reading import in_order
from ..report import FoundRecording, Understood
from .channels import (
    INPUTS,
    REMOTES,
    STATES,
    TITLES,
    VIDEO_LOSS,
    RemoteDevice,
    read_remotes,
)
from .clock import EVIDENCE
from .device_time import SAVING_RULES, TIME, TIME_SERVER, recorded_zone
from .facts import Facts
from .faults import NoDataError
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
    Identity,
    normal_mac,
)
from .items import Item, read_page
from .question import Question
from .recorded import Recorded, RecordedTransport, read_folder
from .settings import RECORD_MODES
from .storage import DISKS
from .streams import ENCODE
from .tree import Tree, at, indexed, integer, text

CAMERA_ALL = ("logicdevicemanager", "getcameraall")
CARDS = ("/mnt/sd", "/dev/mmc", "/mnt/mmc")
SNAPSHOT_OK = "200"
MAX_LENSES = 16


async def understand(folder: Path) -> Understood:
    """Return what was recorded of a device: its state, and recordings where a search was recorded.

    Raises OSError where the folder can't be read.
    """
    recorded = read_folder(folder)
    reader = _Reader(recorded)
    await reader.read()
    return Understood(state=reader.state(), recordings=reader.recordings(), answers=recorded.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """What is recorded of the device's clock: what it showed, where it is, and how that is called."""

    shown: datetime | None = None
    zone: tzinfo | None = None
    label: str | None = None


class _Reader:
    """Asks a recording what there is to ask."""

    def __init__(self, recorded: Recorded) -> None:
        """Initialize."""
        self._recorded = recorded
        self._transport = RecordedTransport(recorded)
        self._facts = Facts(assumes=False)
        self._time = _Time()
        pages = list(recorded.searches())
        self._searched = bool(pages)
        self._items = _distinct(item for page in pages for item in read_page(page).items)
        self._withheld = any(
            (integer(page, "found") or 0) > read_page(page).count for page in pages
        )

    async def read(self) -> None:
        """Ask."""
        await self._identity()
        await self._channels()
        facts = self._facts
        facts.streams = await self._heard(ENCODE, "streams")
        facts.disks = await self._heard(DISKS, "disks")
        facts.modes = await self._heard(RECORD_MODES)
        shown = await self._heard(TIME, "clock")
        server, rules = await self._heard(TIME_SERVER), await self._heard(SAVING_RULES)
        self._time = _Time(
            shown=shown,
            zone=recorded_zone(server, rules),
            label=None if server is None else server.zone,
        )
        facts.clock = self._clock()
        if reason := self._why_no_recordings():
            facts.absent["recordings"] = reason

    def state(self) -> RecorderState:
        """Return what is known of the device."""
        identity = self._facts.identity
        # Nobody knows how many channels there are where nothing lists them.
        if identity.class_word is None and not identity.known and not self._has_card:
            identity.class_word = "NVR"
        state = self._facts.state()
        channels = state.channels if self._lists_channels else ()
        missing = [
            entry
            for entry in state.missing
            if entry.what not in ("recorder", "channels")
            and (channels or entry.what not in ("channel_status", "streams"))
        ]
        if not channels:
            missing.insert(0, Missing(what="channels", reason=self._why_no_channels()))
        if reason := _unknown_of(state.recorder):
            refusal = self._recorded.refusal("magicbox", "getsysteminfo")
            told = reason if refusal is None else f"{reason}: {refusal}"
            missing.insert(0, Missing(what="recorder", reason=told))
        return replace(state, channels=channels, missing=tuple(missing))

    def recordings(self) -> tuple[FoundRecording, ...] | None:
        """Return what searches found, None where none was recorded."""
        if not self._searched:
            return None
        device = None if self._time.zone is None else DeviceClock(zone=self._time.zone)
        found = [FoundRecording.read(item, _number(item), device) for item in in_order(self._items)]
        return tuple(sorted(found, key=lambda recording: recording.channel))

    async def _heard[T](self, question: Question[T], what: str | None = None) -> T | None:
        """Return what is recorded, None where it is not; ``what`` is missing then."""
        try:
            found = await self._transport.ask(question)
        except DriverError as err:
            if what is not None:
                self._facts.absent.setdefault(what, str(err))
            return None
        if found is None and what is not None:
            self._facts.absent.setdefault(what, f"{question.what}: the answer says nothing")
        return found

    async def _identity(self) -> None:
        identity = self._facts.identity
        info = await self._heard(SYSTEM_INFO, "recorder")
        identity.info = None if info is None else replace(info, serial=_told(info.serial))
        identity.type = await self._heard(DEVICE_TYPE)
        identity.serial = _told(await self._heard(SERIAL))
        identity.class_word = await self._heard(DEVICE_CLASS)
        identity.firmware = await self._heard(FIRMWARE)
        identity.name = _told(await self._heard(MACHINE_NAME))
        identity.vendor = await self._heard(VENDOR)
        identity.mac = await self._heard(NETWORK)
        for tree in self._recorded.found:
            _add_discovered(identity, tree)

    async def _channels(self) -> None:
        facts = self._facts
        facts.titles = await self._heard(TITLES, "channels")
        facts.remotes = await self._heard(REMOTES)
        if facts.remotes is None:
            facts.remotes = _registered(self._recorded.answer(CAMERA_ALL))
        facts.states = await self._heard(STATES, "channel_status")
        facts.inputs = await self._heard(INPUTS)
        with suppress(DriverError):
            try:
                facts.video_loss = await self._transport.ask(VIDEO_LOSS)
            except NoDataError:
                facts.video_loss = frozenset()
        if facts.titles is None and (lenses := self._lenses):
            facts.titles = dict.fromkeys(range(lenses))
        self._measured()

    def _measured(self) -> None:
        """Take what somebody measured of the channels: which slots are used, and which gave a picture."""
        titles = dict(self._facts.titles or {})
        for row in self._recorded.slots:
            index = int(row["index"])
            picture = row.get("snapshot_status") == SNAPSHOT_OK
            onvif = row.get("protocoltype", "").casefold() == "onvif"
            disabled = row.get("enable", "").casefold() in ("false", "0")
            if disabled or not (picture or onvif):
                # Empty, or left behind by a camera that is gone.
                titles.pop(index, None)
                continue
            titles.setdefault(index, None)
            if picture:
                self._facts.seen[index + 1] = True
        if self._recorded.slots:
            self._facts.titles = titles

    @property
    def _lenses(self) -> int:
        """How many inputs of its own a camera said that it has when it was looked for."""
        counts = [
            integer(tree, "params", "deviceInfo", "VideoInputChannels") or 0
            for tree in self._recorded.found
            if not integer(tree, "params", "deviceInfo", "RemoteVideoInputChannels")
        ]
        camera = self._facts.device_class is DeviceClass.CAMERA
        return min(max(counts, default=0), MAX_LENSES) if camera else 0

    @property
    def _has_card(self) -> bool:
        """Whether it records on a card, as cameras do."""
        return any(item.path.startswith(CARDS) for item in self._items)

    @property
    def _lists_channels(self) -> bool:
        """Whether any answer lists channels."""
        facts = self._facts
        return any((facts.titles, facts.remotes, facts.states, facts.streams))

    def _why_no_channels(self) -> str:
        """Return why no channels are known: what was refused says more than what was not asked."""
        refused = [
            self._recorded.refusal("configmanager", "getconfig", "RemoteDevice"),
            self._recorded.refusal("logicdevicemanager"),
            self._recorded.refusal("configmanager", "getconfig", "ChannelTitle"),
        ]
        reasons = [str(refusal) for refusal in refused if refusal is not None]
        return "; ".join(reasons) or self._facts.absent.get("channels", "the device lists none")

    def _clock(self) -> Clock:
        times = self._searched or self._time.shown is not None
        return Clock(
            convention=ClockConvention.WALL if times else ClockConvention.UNKNOWN,
            time_zone=self._time.label,
            evidence=EVIDENCE if times else "no time of the device is recorded",
        )

    def _why_no_recordings(self) -> str:
        """Return what is missing of recordings, nothing where nothing is."""
        if not self._searched:
            refusal = self._recorded.refusal("mediafilefind")
            return "no search recorded" if refusal is None else str(refusal)
        reasons = []
        if self._items and self._time.zone is None:
            reasons.append("nothing recorded tells the time zone of the device's wall clock")
        if self._withheld:
            reasons.append("an answer announces more than it holds")
        return "; ".join(reasons)


def _unknown_of(recorder: Recorder) -> str:
    """Return what tells a device and is not recorded."""
    told = {"model": recorder.model, "serial": recorder.serial}
    unknown = [name for name, value in told.items() if not value]
    return f"nothing recorded tells its {' and '.join(unknown)}" if unknown else ""


def _add_discovered(identity: Identity, tree: Tree) -> None:
    """Add what a device tells of itself to anybody who looks for devices."""
    device = at(tree, "params", "deviceInfo")
    identity.type = identity.type or text(device, "DeviceType")
    identity.serial = identity.serial or _told(text(device, "SerialNo"))
    identity.class_word = identity.class_word or text(device, "DeviceClass")
    identity.firmware = identity.firmware or text(device, "Version")
    identity.name = identity.name or _told(text(device, "MachineName"))
    identity.vendor = identity.vendor or text(device, "Vendor")
    identity.mac = identity.mac or normal_mac(text(tree, "mac"))


def _registered(tree: Tree) -> dict[int, RemoteDevice] | None:
    """Read getCameraAll: network cameras by channel; what is composed of others is none."""
    rows: dict[str | int, Tree] = {}
    for _, row in indexed(tree, "camera"):
        index = integer(row, "UniqueChannel")
        device = at(row, "DeviceInfo")
        if index is None or index < 0 or (text(row, "Type") or "").casefold() == "compose":
            continue
        rows[index] = {**(device if isinstance(device, dict) else {}), "Enable": at(row, "Enable")}
    return dict(read_remotes(rows)) if rows else None


def _told(word: str | None) -> str | None:
    """Return a text, None where somebody blanked it out."""
    return None if word is None or not word.strip("*") else word


def _distinct(items: Iterable[Item]) -> list[Item]:
    found: dict[tuple[object, ...], Item] = {}
    for item in items:
        found.setdefault((item.channel, item.start, item.end, item.path), item)
    return list(found.values())


def _number(item: Item) -> int:
    """Return the channel's number; items count from 0."""
    return 1 if item.channel is None else item.channel + 1
