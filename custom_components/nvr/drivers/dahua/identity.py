"""Who the recorder is: the answers of ``magicBox`` (section 5 of the notes).

Recorders call their type ``31`` and keep their model in ``updateSerial``. What a brand calls itself is its vendor;
``General`` is said by devices that are sold under any name.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
import re

from ..figures import normal_mac
from ..models import Recorder
from .question import Call, CgiRequest, Question, config_question
from .tree import Tree, named, text

DEFAULT_MANUFACTURER = "Dahua"
MAX_NAME = 255

_NEUTRAL = frozenset({"dahua", "general", "private", "onvif"})
# Types that say nothing of the model.
_NAMELESS = re.compile(r"\d*|ip ?camera|ipc|nvr|xvr|hcvr|dvr", re.IGNORECASE)
_RECORDERS = frozenset({"NVR", "XVR", "HCVR", "DVR", "EVS", "NVD", "MXVR", "HVR", "IVSS", "NVS"})
_HYBRIDS = frozenset({"XVR", "HCVR", "DVR", "MXVR", "HVR"})
_CAMERAS = frozenset({"IPC", "SD", "IPCAMERA", "PTZ", "TPC", "VTO", "VTH", "VTS", "ITC", "DB"})
_MODEL_OF_RECORDER = re.compile(r"NVR|XVR|HCVR|DVR|EVS|IVSS|NVD|MHDX", re.IGNORECASE)
_MODEL_OF_HYBRID = re.compile(r"XVR|HCVR|DVR|MHDX", re.IGNORECASE)
_MODEL_OF_CAMERA = re.compile(r"IPC|\bSD\d|VTO|VTH|TPC|\bIP\d+M-", re.IGNORECASE)
# By how a brand names its own models, where it does not say its name.
_BRANDS = (
    ("Amcrest", re.compile(r"IP\d+M-|AMDV|NV\d{4}E?-", re.IGNORECASE)),
    ("Intelbras", re.compile(r"iNV[DU]|MHDX|iM[HD]DX|VIP[- ]\d", re.IGNORECASE)),
)


class DeviceClass(Enum):
    """What a device is made for."""

    RECORDER = auto()
    HYBRID = auto()
    CAMERA = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """The answer to getSystemInfo; ``type`` and ``update`` both may hold the model."""

    type: str | None = None
    update: str | None = None
    serial: str | None = None
    hardware: str | None = None

    @property
    def model(self) -> str:
        """The model, by whichever field holds it."""
        for name in (self.type, self.update):
            if name is not None and not _NAMELESS.fullmatch(name):
                return name[:MAX_NAME]
        return (self.type if self.type and not self.type.isdecimal() else "")[:MAX_NAME]


@dataclass(slots=True, kw_only=True)
class Identity:
    """All that a device says of who it is; None stands for what it has not said."""

    info: SystemInfo | None = None
    type: str | None = None
    serial: str | None = None
    class_word: str | None = None
    firmware: str | None = None
    name: str | None = None
    vendor: str | None = None
    mac: str | None = None

    @property
    def known(self) -> bool:
        """Whether the device has said anything that tells it from others."""
        return any(part is not None for part in (self.info, self.type, self.serial))

    @property
    def told(self) -> SystemInfo:
        """What it said in one answer, mended by what it said in others."""
        info = self.info or SystemInfo()
        return replace(info, type=info.type or self.type, serial=info.serial or self.serial)

    @property
    def has_serial(self) -> bool:
        """Whether it told a serial; some leave it empty, or all zeros."""
        return bool((self.told.serial or "").strip("0"))

    def recorder(self) -> Recorder | None:
        """Return who it is, None before it said anything of that."""
        others = (self.class_word, self.firmware, self.name, self.vendor, self.mac)
        if not self.known and all(part is None for part in others):
            return None
        info = self.told
        return Recorder(
            name=self.name or "",
            manufacturer=manufacturer(self.vendor, info.model),
            model=info.model,
            serial=(info.serial or "") if self.has_serial else "",
            firmware=self.firmware or "",
            mac=self.mac,
            hardware=info.hardware,
        )

    def device_class(self, *, has_remotes: bool) -> DeviceClass:
        """Return what it is: by its own word, by its model, by whether it has a table of network cameras."""
        word = (self.class_word or "").upper().replace(" ", "")
        if word in _HYBRIDS:
            return DeviceClass.HYBRID
        if word in _RECORDERS:
            return DeviceClass.RECORDER
        if word in _CAMERAS:
            return DeviceClass.CAMERA
        info = self.told
        told = f"{info.type or ''} {info.update or ''}"
        if _MODEL_OF_HYBRID.search(told):
            return DeviceClass.HYBRID
        if info.type == "31" or _MODEL_OF_RECORDER.search(told):
            return DeviceClass.RECORDER
        if _MODEL_OF_CAMERA.search(told):
            return DeviceClass.CAMERA
        if has_remotes:
            return DeviceClass.RECORDER
        return DeviceClass.CAMERA if told.strip() else DeviceClass.UNKNOWN

    @property
    def may_have_remotes(self) -> bool:
        """Whether a table of network cameras would tell more of what it is, or of what it has."""
        return self.device_class(has_remotes=True) is not DeviceClass.CAMERA

    @property
    def is_classed(self) -> bool:
        """Whether its model tells what it is, so that it need not be asked."""
        return self.class_word is not None or self.device_class(has_remotes=False) in (
            DeviceClass.RECORDER,
            DeviceClass.HYBRID,
        )


def manufacturer(vendor: str | None, model: str) -> str:
    """Return the brand: what the device calls itself, else by the model's name, else who makes them all."""
    if vendor is not None and vendor.casefold() not in _NEUTRAL:
        return vendor[:MAX_NAME]
    if vendor is None:
        return next((name for name, own in _BRANDS if own.match(model)), DEFAULT_MANUFACTURER)
    return DEFAULT_MANUFACTURER


def read_system_info(tree: Tree) -> SystemInfo:
    """Read getSystemInfo, or the newer form with all of it under ``info``."""
    for inside in ((), ("info",)):
        found = SystemInfo(
            type=text(tree, *inside, "deviceType"),
            update=text(tree, *inside, "updateSerial"),
            serial=text(tree, *inside, "serialNumber"),
            hardware=text(tree, *inside, "hardwareVersion"),
        )
        if found != SystemInfo():
            return found
    return SystemInfo()


def read_firmware(tree: Tree) -> str | None:
    """Read ``version=5.001,build:2026-03-31``, or RPC2's version with its parts apart."""
    version, build = text(tree, "version"), None
    if version is None:
        version = text(tree, "version", "Version")
        build = text(tree, "version", "BuildDate")
    elif (
        match := re.fullmatch(r"(.*?)[,\s]+build\s*:\s*(.+)", version, re.IGNORECASE)
    ) is not None:
        version, build = match[1], match[2]
    if version is None:
        return None
    return (f"{version} build {build}" if build else version)[:MAX_NAME]


def read_word(tree: Tree) -> str | None:
    """Read an answer of a single text, whatever its name: RPC2 calls a class ``type``."""
    # That a call went well is no word.
    words = (text(value) for _, value in named(tree) if not isinstance(value, bool))
    return next((word for word in words if word), None)


def read_mac(tree: Tree) -> str | None:
    """Read the MAC of the interface that the device calls its default one, else of its first."""
    default = text(tree, "DefaultInterface")
    interfaces = [key for key, value in named(tree) if isinstance(value, dict)]
    for key in sorted(interfaces, key=lambda name: (name != default, name)):
        if (mac := normal_mac(text(tree, key, "PhysicalAddress"))) is not None:
            return mac
    return None


SYSTEM_INFO = Question(
    what="system_info",
    forms={
        "rpc": Call(method="magicBox.getSystemInfo"),
        "cgi": CgiRequest(module="magicBox", action="getSystemInfo"),
        "cgi_new": CgiRequest(module="magicBox", action="getSystemInfoNew"),
    },
    read=read_system_info,
)
FIRMWARE = Question(
    what="firmware",
    forms={
        "rpc": Call(method="magicBox.getSoftwareVersion"),
        "cgi": CgiRequest(module="magicBox", action="getSoftwareVersion"),
    },
    read=read_firmware,
)


def _word_question(what: str, action: str) -> Question[str | None]:
    return Question(
        what=what,
        forms={
            "rpc": Call(method=f"magicBox.{action}"),
            "cgi": CgiRequest(module="magicBox", action=action),
        },
        read=read_word,
    )


DEVICE_CLASS = _word_question("class", "getDeviceClass")
DEVICE_TYPE = _word_question("type", "getDeviceType")
SERIAL = _word_question("serial", "getSerialNo")
MACHINE_NAME = _word_question("name", "getMachineName")
VENDOR = _word_question("vendor", "getVendor")
NETWORK = config_question("Network", read_mac)
