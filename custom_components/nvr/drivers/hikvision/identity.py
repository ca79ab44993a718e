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
    model = xml.text(info, "model") or ""
    version = (xml.text(info, "firmwareVersion"), xml.text(info, "firmwareReleasedDate"))
    return Recorder(
        name=(xml.text(info, "deviceName") or model)[:MAX_NAME],
        manufacturer=_manufacturer(xml.text(info, "manufacturer")),
        model=model[:MAX_NAME],
        serial=_serial(info, mac)[:MAX_NAME],
        firmware=" ".join(part for part in version if part)[:MAX_NAME],
        mac=mac,
        hardware=xml.text(info, "hardwareVersion"),
    )


DEVICE_INFO = Request(path="/ISAPI/System/deviceInfo", decode=Document(read_recorder))


def _manufacturer(text: str | None) -> str:
    if text is None or text.casefold() == DEFAULT_MANUFACTURER.casefold():
        return DEFAULT_MANUFACTURER
    return text[:MAX_NAME]


def _serial(info: Element, mac: str | None) -> str:
    """Return what is stable and unique. Rebranded devices leave the serial empty or all zeros."""
    serial = xml.text(info, "serialNumber") or ""
    if serial.strip("0"):
        return serial
    return mac or xml.text(info, "deviceID") or ""
