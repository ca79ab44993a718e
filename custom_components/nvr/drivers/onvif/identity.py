"""Who a device is: GetDeviceInformation, and what its scopes say (section 5 of the notes)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..errors import UnknownDeviceError
from ..figures import normal_mac
from ..models import Recorder
from .network import NetworkInterface
from .question import Question
from .service import Service

MAX_NAME = 255
MAX_SCOPES = 200
_SCOPE = "onvif://www.onvif.org/"
_MAC_SCOPES = ("mac", "macaddress")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInformation:
    """What a device calls itself."""

    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    hardware: str | None = None


@dataclass(slots=True, kw_only=True)
class Identity:
    """All that a device says of who it is; None stands for what it has not said."""

    information: DeviceInformation | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)
    interfaces: tuple[NetworkInterface, ...] | None = None

    @property
    def known(self) -> bool:
        """Whether it told what tells it from others."""
        told = self.information
        return told is not None and bool(told.model or told.serial)

    @property
    def has_serial(self) -> bool:
        """Whether it told a serial; some leave it empty, or all zeros."""
        return self.information is not None and bool(self.information.serial.strip("0"))

    @property
    def mac(self) -> str | None:
        """The MAC address: of the last interface that is in use, as the first may be a dummy; else by its scopes."""
        interfaces = self.interfaces or ()
        used = [one.mac for one in interfaces if one.enabled] or [one.mac for one in interfaces]
        if used:
            return used[-1]
        told = (normal_mac(self.scopes.get(name)) for name in _MAC_SCOPES)
        return next((mac for mac in told if mac is not None), None)

    def recorder(self) -> Recorder | None:
        """Return who it is, None before it said anything of that."""
        if self.information is None and not self.scopes and self.mac is None:
            return None
        told = self.information or DeviceInformation()
        return Recorder(
            name=self.scopes.get("name", ""),
            manufacturer=told.manufacturer,
            model=told.model or self.scopes.get("hardware", ""),
            serial=told.serial if self.has_serial else "",
            firmware=told.firmware,
            mac=self.mac,
            hardware=told.hardware,
        )


def read_information(answer: Element) -> DeviceInformation:
    """Read GetDeviceInformation. Raises UnknownDeviceError where it says nothing."""
    manufacturer, model, firmware, serial, hardware = (
        (xml.text(answer, name) or "")[:MAX_NAME]
        for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
    )
    if not (model or serial or manufacturer):
        raise UnknownDeviceError("the device does not say who it is")
    return DeviceInformation(
        manufacturer=manufacturer,
        model=model,
        firmware=firmware,
        serial=serial,
        hardware=hardware or None,
    )


def read_scopes(answer: Element) -> Mapping[str, str]:
    """Read GetScopes: what is said by category, the last of each; categories are in small letters."""
    return scopes_by_category(item.text or "" for item in xml.items(answer, "ScopeItem"))


def scopes_by_category(scopes: Iterable[str]) -> dict[str, str]:
    """Return what scopes say by category, the last of each; categories are in small letters."""
    found: dict[str, str] = {}
    for scope in islice(scopes, MAX_SCOPES):
        text = scope.strip()[: MAX_NAME * 3]
        if not text.casefold().startswith(_SCOPE):
            continue
        category, _, value = text[len(_SCOPE) :].partition("/")
        if value:
            found[category.casefold()] = unquote(value).strip()[:MAX_NAME]
    return found


DEVICE_INFORMATION = Question(
    service=Service.DEVICE, operation="GetDeviceInformation", read=read_information
)
SCOPES = Question(service=Service.DEVICE, operation="GetScopes", read=read_scopes, limits=LIST)
