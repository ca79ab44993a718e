"""What devices say in figures and words, within what can be."""

import ipaddress
import re

MAX_PIXELS = 65_536
MAX_KBPS = 10_000_000
MAX_FPS = 1000
MAX_WORD = 32
MAC_DIGITS = 12

_CODECS = {
    "h.264": "H.264",
    "h264": "H.264",
    "avc": "H.264",
    "h.265": "H.265",
    "h265": "H.265",
    "hevc": "H.265",
    "mpeg4": "MPEG4",
    "mpeg-4": "MPEG4",
    "mjpeg": "MJPEG",
    "mjpg": "MJPEG",
}


def codec_name(text: str | None) -> str | None:
    """Return the usual name of a video codec for a device's own, which may be a profile of it."""
    if text is None:
        return None
    word = text.casefold()
    return next((name for key, name in _CODECS.items() if word.startswith(key)), text[:MAX_WORD])


def within(value: float | None, most: float) -> float | None:
    """Return a figure that is above zero and believable; zero stands for "automatic"."""
    return value if value is not None and 0 < value <= most else None


def whole(value: float | None, most: float) -> int | None:
    """Return it without its fraction."""
    kept = within(value, most)
    return None if kept is None else int(kept)


def normal_mac(text: str | None) -> str | None:
    """Return a MAC address in lower case with colons, None where it is none or stands for none."""
    digits = re.sub(r"[^0-9a-f]", "", (text or "").casefold())
    if len(digits) != MAC_DIGITS or not digits.strip("0") or not digits.strip("f"):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, MAC_DIGITS, 2))


def normal_ip(text: str | None) -> str | None:
    """Return the IP address of another device as it is usually written, None where it is none or stands for none."""
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    if address.is_unspecified or address.is_multicast or address.is_loopback:
        return None
    return str(address)
