"""SADP, by which Hikvision's devices are found (section 17 of the protocol notes).

The same protocol activates, changes and resets devices. Here is but one message, the inquiry.
"""

import re
from uuid import uuid4

from ..drivers import xml
from ..drivers.errors import InvalidAnswerError
from .models import Answer, DeviceKind, Protocol
from .texts import identifier, ipv4_address, mac_address, port_number, word

GROUP = "239.255.255.250"
PORT = 37020
_ANSWER = "ProbeMatch"
# "hello" comes unasked from a device that boots, and says the same.
_TYPES = {"inquiry", "inquiry_v32", "hello"}
# Cameras, also those with several lenses, whose channels count like a recorder's.
_CAMERA = re.compile(r"i?DS-2", re.IGNORECASE)


def inquiry() -> bytes:
    """Return the question who is there."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Probe><Uuid>{str(uuid4()).upper()}</Uuid><Types>inquiry</Types></Probe>"
    ).encode()


def read(data: bytes, source: str) -> Answer | None:
    """Read what came from an address, None where it is no answer: a question of others, or noise."""
    try:
        root = xml.parse(data)
    except InvalidAnswerError:
        return None
    if xml.local(root).casefold() != _ANSWER.casefold():
        return None
    if (xml.text(root, "Types") or "inquiry").casefold() not in _TYPES:
        return None
    model = word(xml.text(root, "DeviceDescription"))
    serial = identifier(xml.text(root, "DeviceSN"))
    mac = mac_address(xml.text(root, "MAC"))
    if model is None and serial is None and mac is None:
        return None
    return Answer(
        protocol=Protocol.SADP,
        host=source,
        named_host=ipv4_address(xml.text(root, "IPv4Address")),
        port=port_number(xml.integer(root, "HttpPort")),
        model=model,
        firmware=word(xml.text(root, "SoftwareVersion")),
        serial=serial,
        mac=mac,
        kind=_kind(
            model or "",
            xml.integer(root, "AnalogChannelNum"),
            xml.integer(root, "DigitalChannelNum"),
        ),
        needs_setup=xml.boolean(root, "Activated") is False,
    )


def _kind(model: str, analogue: int | None, digital: int | None) -> DeviceKind | None:
    if _CAMERA.match(model):
        return DeviceKind.CAMERA
    if analogue is None and digital is None:
        return None
    match (analogue or 0) + (digital or 0):
        case 0:
            # Intercoms and alarm panels say so, and some cameras.
            return None
        case 1:
            return DeviceKind.CAMERA
        case _:
            return DeviceKind.RECORDER
