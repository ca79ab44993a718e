"""What the device says of its own time: ``/ISAPI/System/time`` and ``/ISAPI/System/status``.

Only the digits count. The suffix is often the standard offset while daylight saving time is on (section 6).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import re
from xml.etree.ElementTree import Element

from .. import xml
from .transport import Document, Request

MAX_UPTIME = timedelta(days=3650)

_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Wall-clock digits of the device and the offset that it writes behind them."""

    digits: datetime
    suffix: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTime:
    """The device's clock setting. ``synchronised`` means that it follows a time server."""

    stamp: Stamp
    zone: str | None = None
    synchronised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """What a device says of its running."""

    stamp: Stamp | None = None
    uptime: timedelta | None = None


def read_stamp(text: str | None) -> Stamp | None:
    """Read ``2026-07-25T11:30:34-06:00``, or as playback addresses have it, ``20260725T113034Z``.

    Either with or without the suffix; None where it is something else.
    """
    match = _STAMP.match((text or "").strip())
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        digits = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return Stamp(digits=digits, suffix=_suffix(match[7]))


def read_time(root: Element) -> DeviceTime | None:
    """Read a Time document, None where it holds no time."""
    stamp = read_stamp(xml.text(root, "localTime"))
    if stamp is None:
        return None
    mode = (xml.text(root, "timeMode") or "").casefold()
    return DeviceTime(stamp=stamp, zone=xml.text(root, "timeZone"), synchronised=mode == "ntp")


def read_status(root: Element) -> DeviceStatus:
    """Read a DeviceStatus document."""
    seconds = xml.number(root, "deviceUpTime")
    uptime = None
    if seconds is not None and 0 <= seconds <= MAX_UPTIME.total_seconds():
        uptime = timedelta(seconds=seconds)
    return DeviceStatus(stamp=read_stamp(xml.text(root, "currentDeviceTime")), uptime=uptime)


TIME = Request(path="/ISAPI/System/time", decode=Document(read_time))
STATUS = Request(path="/ISAPI/System/status", decode=Document(read_status))


def _suffix(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text == "Z":
        return timedelta(0)
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
