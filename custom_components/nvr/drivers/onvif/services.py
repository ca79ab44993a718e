"""Where a device's services are: GetServices, else GetCapabilities (section 1 of the notes)."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..errors import InvalidAnswerError
from .question import Question
from .service import Service

MAX_SERVICES = 100
MAX_INPUTS = 512

# What GetCapabilities calls them; those of recordings are told among the extensions.
_CAPABILITIES: Mapping[Service, tuple[tuple[str, ...], ...]] = {
    Service.DEVICE: (("Device",),),
    Service.MEDIA: (("Media",),),
    Service.EVENTS: (("Events",),),
    Service.RECORDING: (("Extension", "Recording"), ("Recording",)),
    Service.SEARCH: (("Extension", "Search"), ("Search",)),
    Service.REPLAY: (("Extension", "Replay"), ("Replay",)),
}
_BY_NAMESPACE = {service.value: service for service in Service}

type Named = Mapping[Service, str]


def read_services(answer: Element) -> Named:
    """Read GetServices: addresses as the device names them. Raises InvalidAnswerError where it names none."""
    found: dict[Service, str] = {}
    for one in xml.children(answer, "Service")[:MAX_SERVICES]:
        service = _BY_NAMESPACE.get((xml.text(one, "Namespace") or "").rstrip("/"))
        address = xml.text(one, "XAddr")
        if service is not None and address is not None:
            found.setdefault(service, address)
    if not found:
        raise InvalidAnswerError("the device names no service")
    return found


def read_capabilities(answer: Element) -> Named:
    """Read GetCapabilities, which older devices have alone. Raises InvalidAnswerError where it names none."""
    found: dict[Service, str] = {}
    for service, paths in _CAPABILITIES.items():
        for path in paths:
            if (address := xml.text(answer, "Capabilities", *path, "XAddr")) is not None:
                found.setdefault(service, address)
    if not found:
        raise InvalidAnswerError("the device names no service")
    return found


def read_input_count(answer: Element) -> int | None:
    """Read from GetCapabilities how many inputs a device has, None where it doesn't say."""
    count = xml.integer(answer, "Capabilities", "Extension", "DeviceIO", "VideoSources")
    return count if count is not None and 0 < count <= MAX_INPUTS else None


SERVICES = Question(
    service=Service.DEVICE,
    operation="GetServices",
    arguments={"IncludeCapability": False},
    read=read_services,
    open=True,
    limits=LIST,
)
CAPABILITIES = Question(
    service=Service.DEVICE,
    operation="GetCapabilities",
    arguments={"Category": ["All"]},
    read=read_capabilities,
    open=True,
    limits=LIST,
)
