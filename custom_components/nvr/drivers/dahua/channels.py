"""Which channels there are, and whether the recorder gets pictures from them (section 6 of the notes).

Everything is listed by index, which is the channel's number less one. A row of titles stands for every channel that
could be; what is fed over the network stands in ``RemoteDevice``, where a slot that is switched off or points nowhere
is empty. A slot that is switched on says nothing of whether its camera is there: on the NVR5464 the row of a camera that
was removed is like that of one at work. Accounts that may not ask for states learn it from the first picture alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re

from ..answer import LIST
from ..driver import JsonValue
from ..figures import normal_ip, normal_mac
from ..models import OfflineReason
from .question import Call, CgiRequest, Question, config_question
from .tree import Tree, at, boolean, indexed, integer, named, text

MAX_CHANNELS = 512
MAX_NAME = 255

_SLOT = re.compile(r"(?:.*_)?INFO_(\d{1,3})", re.IGNORECASE)
_PLACEHOLDERS = frozenset({"", "0.0.0.0", "192.168.0.0", "::"})
_ONLINE = frozenset({"connected", "connect", "online"})
_EMPTY = frozenset({"empty", "none", "unused", "disable", "disabled"})
# By a part of the device's word; the first that fits.
_REASONS = (
    ("pass", OfflineReason.WRONG_PASSWORD),
    ("lock", OfflineReason.ACCOUNT_LOCKED),
    ("videoloss", OfflineReason.NO_VIDEO),
    ("conflict", OfflineReason.IP_CONFLICT),
    ("unreach", OfflineReason.UNREACHABLE),
    ("timeout", OfflineReason.UNREACHABLE),
    ("connecting", OfflineReason.UNREACHABLE),
    ("unconnect", OfflineReason.DISCONNECTED),
    ("disconnect", OfflineReason.DISCONNECTED),
    ("offline", OfflineReason.DISCONNECTED),
)
# What stands for a protocol or for any maker, and names none.
_NO_MAKERS = frozenset({"onvif", "general", "private", "custom", "other", "rtsp", "gb28181"})
_UNKNOWN_MODELS = frozenset({"ipcamera", "ip camera", "ipc", "0", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteDevice:
    """A slot for a network camera. ``is_used`` tells whether one is registered there, not whether it is online."""

    name: str | None = None
    is_used: bool = True
    onvif: bool = False
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    host: str | None = None
    mac: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """How a channel is connected; ``word`` is the device's own."""

    word: str

    @property
    def online(self) -> bool:
        """Whether pictures arrive."""
        return self.word.casefold() in _ONLINE

    @property
    def is_empty(self) -> bool:
        """Whether there is no such channel."""
        return self.word.casefold() in _EMPTY

    @property
    def reason(self) -> OfflineReason | None:
        """Why it is offline, None while it is online."""
        if self.online:
            return None
        word = self.word.casefold()
        return next((why for part, why in _REASONS if part in word), OfflineReason.UNKNOWN)


NO_VIDEO = ChannelState(word="VideoLoss")


def read_titles(tree: Tree) -> Mapping[int, str | None]:
    """Read ChannelTitle: names by index."""
    return {index: _name(text(row, "Name")) for index, row in indexed(tree) if index < MAX_CHANNELS}


def read_remotes(tree: Tree) -> Mapping[int, RemoteDevice]:
    """Read RemoteDevice: slots by index, whichever way its rows are called."""
    # A hybrid's own inputs are empty rows in between.
    rows = {index: row for index, row in indexed(tree) if isinstance(row, dict) and row}
    for key, row in named(tree):
        if (match := _SLOT.fullmatch(key)) is not None and isinstance(row, dict):
            rows.setdefault(int(match[1]), row)
    return {index: _remote(rows[index]) for index in sorted(rows) if index < MAX_CHANNELS}


def read_states(tree: Tree) -> Mapping[int, ChannelState]:
    """Read the ``states`` of getCameraState; a channel without a word says nothing."""
    found: dict[int, ChannelState] = {}
    for _, row in indexed(tree, "states"):
        index, word = integer(row, "channel"), text(row, "connectionState")
        if index is not None and 0 <= index < MAX_CHANNELS and word is not None:
            found.setdefault(index, ChannelState(word=word[:MAX_NAME]))
    return found


def read_indexes(tree: Tree) -> frozenset[int]:
    """Read the channels at which an event is on, by index."""
    rows = (integer(value) for _, value in indexed(tree, "channels"))
    return frozenset(index for index in rows if index is not None and 0 <= index < MAX_CHANNELS)


def read_count(tree: Tree) -> int | None:
    """Read how many inputs there are."""
    count = integer(tree, "result")
    return count if count is not None and 0 <= count <= MAX_CHANNELS else None


TITLES = config_question("ChannelTitle", read_titles, limits=LIST)
REMOTES = config_question("RemoteDevice", read_remotes, limits=LIST)
_ALL: Mapping[str, JsonValue] = {"uniqueChannels": [-1]}
STATES = Question(
    what="channel_states",
    forms={
        "rpc": Call(method="LogicDeviceManager.getCameraState", params=_ALL, limits=LIST),
        "cgi": CgiRequest(
            module="LogicDeviceManager",
            action="getCameraState",
            args=(("uniqueChannels[0]", "-1"),),
            limits=LIST,
        ),
        "cgi_api": CgiRequest(
            module="LogicDeviceManager", action="getCameraState", json=_ALL, limits=LIST
        ),
        "cgi_bare": CgiRequest(
            module="LogicDeviceManager",
            action="getCameraState",
            args=(("uniqueChannels", "-1"),),
            limits=LIST,
        ),
    },
    read=read_states,
)
INPUTS = Question(
    what="inputs",
    forms={
        "rpc": Call(method="devVideoInput.factory.getCollect"),
        "cgi": CgiRequest(module="devVideoInput", action="getCollect"),
    },
    read=read_count,
)
VIDEO_LOSS = Question(
    what="video_loss",
    forms={
        "rpc": Call(method="eventManager.getEventIndexes", params={"code": "VideoLoss"}),
        "cgi": CgiRequest(
            module="eventManager", action="getEventIndexes", args=(("code", "VideoLoss"),)
        ),
    },
    read=read_indexes,
)


def _remote(row: Tree) -> RemoteDevice:
    maker, protocol = text(row, "Vendor"), text(row, "ProtocolType")
    model = text(row, "DeviceType")
    words = {(maker or "").casefold(), (protocol or "").casefold()}
    address = text(row, "Address") or ""
    if maker is None or maker.casefold() in _NO_MAKERS:
        # Its own protocol is spoken by its own cameras.
        maker = "Dahua" if "private" in words or "dahua" in words else None
    placeholder = at(row, "Address") is not None and address in _PLACEHOLDERS
    return RemoteDevice(
        name=_name(text(row, "VideoInputs", 0, "Name")) or _name(text(row, "Name")),
        is_used=boolean(row, "Enable") is not False and not placeholder,
        onvif="onvif" in words,
        manufacturer=maker,
        model=None if model is None or model.casefold() in _UNKNOWN_MODELS else model,
        serial=text(row, "SerialNo"),
        firmware=text(row, "Version"),
        host=None if placeholder else normal_ip(address),
        mac=normal_mac(text(row, "Mac")),
    )


def _name(name: str | None) -> str | None:
    return None if name is None else " ".join(name.split())[:MAX_NAME] or None
