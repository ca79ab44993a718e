"""Who the recorder is: ``/ISAPI/System/deviceInfo``."""

from xml.etree.ElementTree import Element

from .. import xml
from ..errors import UnknownDeviceError
from ..figures import normal_mac
from ..models import Recorder
from .transport import Document, Request

DEFAULT_MANUFACTURER = "Hikvision"
MAX_NAME = 255


def read_recorder(root: Element) -> Recorder:
    """Read a DeviceInfo. Raises UnknownDeviceError where it is something else."""
    info = root if xml.local(root) == "DeviceInfo" else next(xml.items(root, "DeviceInfo"), None)
    if info is None:
        raise UnknownDeviceError("what answers is no Hikvision device")
    mac = normal_mac(xml.text(info, "macAddress"))
    version = (xml.text(info, "firmwareVersion"), xml.text(info, "firmwareReleasedDate"))
    return Recorder(
        name=(xml.text(info, "deviceName") or "")[:MAX_NAME],
        manufacturer=_manufacturer(xml.text(info, "manufacturer")),
        model=(xml.text(info, "model") or "")[:MAX_NAME],
        serial=_serial(info, has_mac=mac is not None)[:MAX_NAME],
        firmware=" ".join(part for part in version if part)[:MAX_NAME],
        mac=mac,
        hardware=xml.text(info, "hardwareVersion"),
    )


DEVICE_INFO = Request(path="/ISAPI/System/deviceInfo", decode=Document(read_recorder))


def _manufacturer(text: str | None) -> str:
    if text is None or text.casefold() == DEFAULT_MANUFACTURER.casefold():
        return DEFAULT_MANUFACTURER
    return text[:MAX_NAME]


def _serial(info: Element, *, has_mac: bool) -> str:
    """Return what is stable and unique: rebranded devices leave the serial empty or all zeros.

    Where there is a MAC it is that which tells them apart.
    """
    serial = xml.text(info, "serialNumber") or ""
    if serial.strip("0"):
        return serial
    return "" if has_mac else xml.text(info, "deviceID") or ""
