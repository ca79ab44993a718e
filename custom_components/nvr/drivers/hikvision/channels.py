"""Which channels there are, and whether the recorder gets pictures from them (section 7 of the notes).

Recorders list IP channels under InputProxy, analogue ones under Video/inputs; a hybrid has both lists. Cameras
refuse the first. What a device is called decides nothing: recorders say ``DVR`` and the other way round.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..figures import normal_ip
from ..models import OfflineReason
from .transport import Document, Request

MAX_CHANNELS = 512
MAX_CHANNEL_ID = 9999
MAX_NAME = 255
NO_VIDEO = "NO VIDEO"

_REASONS = {
    "offline": OfflineReason.DISCONNECTED,
    "notexist": OfflineReason.DISCONNECTED,
    "disconnect": OfflineReason.DISCONNECTED,
    "disconnected": OfflineReason.DISCONNECTED,
    "netunreachable": OfflineReason.UNREACHABLE,
    "difflan": OfflineReason.UNREACHABLE,
    "networkerror": OfflineReason.NETWORK_ERROR,
    "ipconflict": OfflineReason.IP_CONFLICT,
    "ipcconflict": OfflineReason.IP_CONFLICT,
    "userpwerror": OfflineReason.WRONG_PASSWORD,
    "passworderror": OfflineReason.WRONG_PASSWORD,
    "userlocked": OfflineReason.ACCOUNT_LOCKED,
    "accountlocked": OfflineReason.ACCOUNT_LOCKED,
    "streamlimit": OfflineReason.STREAM_LIMIT,
    "maxconnect": OfflineReason.STREAM_LIMIT,
    "resourcelimit": OfflineReason.STREAM_LIMIT,
    "notactivated": OfflineReason.NOT_ACTIVATED,
    "novideo": OfflineReason.NO_VIDEO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IpChannel:
    """A channel fed over the network. ``reached`` tells whether the recorder ever got hold of its camera."""

    id: int
    name: str | None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    host: str | None = None
    reached: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInput:
    """An analogue input of a recorder, or a camera's own sensor. ``signal`` is what it says of the picture."""

    id: int
    name: str | None
    signal: str | None = None

    @property
    def has_video(self) -> bool | None:
        """Whether something is plugged in, None where the device does not say."""
        return None if self.signal is None else NO_VIDEO not in self.signal.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """How an IP channel is connected; ``word`` is the device's own."""

    online: bool
    word: str | None = None

    @property
    def reason(self) -> OfflineReason | None:
        """Why it is offline, None while it is online."""
        if self.online:
            return None
        return _REASONS.get((self.word or "").casefold(), OfflineReason.UNKNOWN)


def read_ip_channels(root: Element) -> tuple[IpChannel, ...]:
    """Read an InputProxyChannelList. Its ``size`` counts slots, not channels."""
    found: dict[int, IpChannel] = {}
    elements = list(xml.items(root, "InputProxyChannel"))[:MAX_CHANNELS]
    for element in elements:
        number = channel_id(element, alone=len(elements) == 1)
        if number is None or number in found:
            continue
        source = xml.find(element, "sourceInputPortDescriptor")
        protocol = xml.text(source, "proxyProtocol") if source is not None else None
        model = xml.text(source, "model") if source is not None else None
        found[number] = IpChannel(
            id=number,
            name=_name(element),
            manufacturer="Hikvision" if protocol == "HIKVISION" else None,
            model=model,
            serial=xml.text(source, "serialNumber") if source is not None else None,
            firmware=xml.text(source, "firmwareVersion") if source is not None else None,
            host=normal_ip(xml.text(source, "ipAddress")) if source is not None else None,
            reached=model is not None or xml.text(element, "devIndex") is not None,
        )
    return tuple(found[number] for number in sorted(found))


def read_inputs(root: Element) -> tuple[VideoInput, ...]:
    """Read a VideoInputChannelList."""
    found: dict[int, VideoInput] = {}
    elements = list(xml.items(root, "VideoInputChannel"))[:MAX_CHANNELS]
    for element in elements:
        number = channel_id(element, alone=len(elements) == 1)
        if number is not None and number not in found:
            found[number] = VideoInput(
                id=number, name=_name(element), signal=xml.text(element, "resDesc")
            )
    return tuple(found[number] for number in sorted(found))


def read_statuses(root: Element) -> Mapping[int, ChannelStatus]:
    """Read an InputProxyChannelStatusList."""
    found: dict[int, ChannelStatus] = {}
    elements = list(xml.items(root, "InputProxyChannelStatus"))[:MAX_CHANNELS]
    for element in elements:
        number = channel_id(element, alone=len(elements) == 1)
        online = xml.boolean(element, "online")
        if number is not None and online is not None:
            found[number] = ChannelStatus(online=online, word=xml.text(element, "chanDetectResult"))
    return found


IP_CHANNELS = Request(
    path="/ISAPI/ContentMgmt/InputProxy/channels", decode=Document(read_ip_channels), limits=LIST
)
IP_CHANNEL_STATUSES = Request(
    path="/ISAPI/ContentMgmt/InputProxy/channels/status",
    decode=Document(read_statuses),
    limits=LIST,
)
VIDEO_INPUTS = Request(
    path="/ISAPI/System/Video/inputs/channels", decode=Document(read_inputs), limits=LIST
)


def channel_id(element: Element, *, alone: bool) -> int | None:
    """Return an item's id; a single item without one can only be the first."""
    number = xml.integer(element, "id")
    if number is None and alone:
        return 1
    return number if number is not None and 1 <= number <= MAX_CHANNEL_ID else None


def _name(element: Element) -> str | None:
    name = xml.text(element, "name")
    return None if name is None else " ".join(name.split())[:MAX_NAME]
