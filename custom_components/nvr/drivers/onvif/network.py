"""What a device says of its own network: interfaces and ports (section 5 of the notes)."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .. import xml
from ..figures import normal_mac
from ..ports import MAX_PORT
from .question import Question
from .service import Service

MAX_INTERFACES = 64
_RTSP = "rtsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """One of a device's interfaces."""

    mac: str
    enabled: bool


def read_interfaces(answer: Element) -> tuple[NetworkInterface, ...]:
    """Read GetNetworkInterfaces: those with an address of their own."""
    return tuple(
        NetworkInterface(mac=mac, enabled=xml.boolean(one, "Enabled") is not False)
        for one in xml.children(answer, "NetworkInterfaces")[:MAX_INTERFACES]
        if (mac := normal_mac(xml.text(one, "Info", "HwAddress"))) is not None
    )


def read_rtsp_port(answer: Element) -> int | None:
    """Read GetNetworkProtocols: the first port of RTSP, as one may have several; 0 stands for none."""
    for one in xml.children(answer, "NetworkProtocols"):
        if (xml.text(one, "Name") or "").casefold() != _RTSP:
            continue
        for port in xml.children(one, "Port"):
            number = xml.integer(port)
            if number is not None and 0 < number <= MAX_PORT:
                return number
    return None


INTERFACES = Question(
    service=Service.DEVICE, operation="GetNetworkInterfaces", read=read_interfaces
)
PROTOCOLS = Question(service=Service.DEVICE, operation="GetNetworkProtocols", read=read_rtsp_port)
