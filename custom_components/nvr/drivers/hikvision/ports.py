"""On which port the device offers RTSP: ``/ISAPI/Security/adminAccesses`` (section 9 of the notes)."""

from xml.etree.ElementTree import Element

from .. import xml
from ..ports import MAX_PORT
from .transport import Document, Request


def read_rtsp_port(root: Element) -> int | None:
    """Read an AdminAccessProtocolList; None where RTSP is switched off or not listed."""
    for element in xml.items(root, "AdminAccessProtocol"):
        if (xml.text(element, "protocol") or "").upper() != "RTSP":
            continue
        port = xml.integer(element, "portNo")
        # Items may lack ``enabled``.
        if (
            port is not None
            and 1 <= port <= MAX_PORT
            and xml.boolean(element, "enabled") is not False
        ):
            return port
    return None


RTSP_PORT = Request(path="/ISAPI/Security/adminAccesses", decode=Document(read_rtsp_port))
