"""Words and numbers that a device says of itself, within bounds."""

import ipaddress
import re

from ..drivers.figures import normal_mac
from ..drivers.ports import MAX_PORT

MAX_WORD = 255
_UNSEEN = re.compile(
    r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
# What stands for none, and what an author of a dump put in the place of a secret.
_BLANK = re.compile(r"[0*.\- ]*")


def word(value: object) -> str | None:
    """Return a text as people may be shown it, None where it says nothing."""
    if not isinstance(value, str):
        return None
    return _UNSEEN.sub("", value[: 4 * MAX_WORD]).strip()[:MAX_WORD] or None


def identifier(value: object) -> str | None:
    """Return what tells a device from others, None where it says nothing: empty, or all zeros."""
    text = word(value)
    return None if text is None or _BLANK.fullmatch(text) else text


def mac_address(value: object) -> str | None:
    """Return a MAC address in lower case with colons, None where it is none."""
    return normal_mac(value[:MAX_WORD]) if isinstance(value, str) else None


def ipv4_address(value: object) -> str | None:
    """Return an IPv4 address that a device may have, None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        address = ipaddress.IPv4Address(value.strip())
    except ValueError:
        return None
    return None if address.is_unspecified or address.is_multicast else str(address)


def port_number(value: object) -> int | None:
    """Return the number of a port, None where it is none; zero stands for none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= MAX_PORT else None
