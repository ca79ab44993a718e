"""DHDiscover, by which Dahua's devices are found (section 13 of the protocol notes).

Anything but the search is left to its maker's tools.
"""

from itertools import islice
import json
import re
import struct

from ..drivers.driver import JsonValue
from .models import Answer, DeviceKind, Protocol
from .texts import identifier, ipv4_address, mac_address, port_number, word

GROUP = "239.255.255.251"
PORT = 37810
# Size of the header, what it belongs to, and twice the length of what follows.
_HEADER = struct.Struct("<I4s8xIIII")
_MAGIC = b"DHIP"
# A length in the header may hold a brace as well.
_OBJECT = re.compile(rb"\{\s*\"")
_MEMBER = re.compile(r'"([A-Za-z0-9]{1,32})"\s*:\s*(?:"([^"\\]{0,255})"|(\d{1,9})\b)')
MAX_MEMBERS = 64
_SEARCH = {"method": "DHDiscover.search", "params": {"mac": "", "uni": 1}}
_NOTIFY = "client.notifyDevInfo"
_RECORDERS = (
    "NVR",
    "XVR",
    "DVR",
    "HCVR",
    "HDVR",
    "NVS",
    "EVS",
    "IVSS",
    "MVR",
    "MNVR",
    "MXVR",
    "UVR",
)
_CAMERAS = ("IPC", "SD", "TPC", "IPVM", "PTZ")
# The low bits of "Init".
_INIT_MASK = 0b11
_NOT_INITIALISED = 1


def search() -> bytes:
    """Return the question who is there."""
    body = json.dumps(_SEARCH, separators=(",", ":")).encode() + b"\n"
    return _HEADER.pack(_HEADER.size, _MAGIC, len(body), 0, len(body), 0) + body


def read(data: bytes, source: str) -> Answer | None:
    """Read what came from an address, None where it is no answer: a question of others, or noise."""
    message = _json(data)
    if message is None or message.get("method") != _NOTIFY:
        return None
    params = message.get("params")
    info = params.get("deviceInfo") if isinstance(params, dict) else None
    if not isinstance(info, dict):
        return None
    model = word(info.get("DeviceType"))
    serial = identifier(info.get("SerialNo"))
    mac = mac_address(message.get("mac"))
    if (model is None and serial is None and mac is None) or _is_blind(info):
        return None
    address = info.get("IPv4Address")
    init = info.get("Init")
    return Answer(
        protocol=Protocol.DHDISCOVER,
        host=source,
        named_host=ipv4_address(address.get("IPAddress")) if isinstance(address, dict) else None,
        port=port_number(info.get("HttpPort")),
        name=_name(info.get("MachineName"), serial),
        model=model,
        firmware=word(info.get("Version")),
        serial=serial,
        mac=mac,
        kind=_kind(info),
        needs_setup=isinstance(init, int) and init & _INIT_MASK == _NOT_INITIALISED,
    )


def _json(data: bytes) -> dict[str, JsonValue] | None:
    """Return the JSON of a datagram. Its header varies in length, and what follows the JSON as well."""
    if (found := _OBJECT.search(data)) is None:
        return None
    text = data[found.start() :].decode("utf-8", errors="replace")
    try:
        message, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except ValueError, RecursionError:
        return _salvaged(text)
    return message if isinstance(message, dict) else None


def _salvaged(text: str) -> dict[str, JsonValue]:
    """Return what is whole of broken JSON; answers that are too long for a device's buffer break off."""
    found: dict[str, JsonValue] = {}
    for name, value, digits in islice(_MEMBER.findall(text), MAX_MEMBERS):
        found.setdefault(name, int(digits) if digits else value)
    return {"method": found.get("method"), "mac": found.get("mac"), "params": {"deviceInfo": found}}


def _name(value: JsonValue, serial: str | None) -> str | None:
    """Return what its owner calls it; from the factory that is the serial."""
    name = identifier(value)
    return None if name == serial else name


def _count(info: dict[str, JsonValue], name: str) -> int | None:
    value = info.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _class(info: dict[str, JsonValue]) -> str:
    return (word(info.get("DeviceClass")) or "").upper()


def _is_blind(info: dict[str, JsonValue]) -> bool:
    """Return whether it says that it has no video: indoor monitors and door controllers answer, too."""
    counts = [_count(info, "VideoInputChannels"), _count(info, "RemoteVideoInputChannels")]
    return counts == [0, 0] and not _class(info).startswith((*_RECORDERS, *_CAMERAS))


def _kind(info: dict[str, JsonValue]) -> DeviceKind | None:
    told = _class(info)
    if told.startswith(_RECORDERS):
        return DeviceKind.RECORDER
    if told.startswith(_CAMERAS):
        return DeviceKind.CAMERA
    if (_count(info, "RemoteVideoInputChannels") or 0) > 0:
        return DeviceKind.RECORDER
    return DeviceKind.CAMERA if (_count(info, "VideoInputChannels") or 0) == 1 else None
