"""Headers of RTSP with an inside: Session, Transport, Range and RTP-Info (RFC 2326, section 12)."""

from dataclasses import dataclass
from datetime import datetime
import re

MAX_CHARACTERS = 8 * 1024
MAX_INFOS = 16
DEFAULT_TIMEOUT_SECONDS = 60.0
_LEAST_TIMEOUT_SECONDS = 2.0
_MOST_TIMEOUT_SECONDS = 3600.0
_MAX_CHANNEL = 255

_TIMEOUT = re.compile(r";\s*timeout\s*=\s*(\d{1,6})\b", re.IGNORECASE)
_INTERLEAVED = re.compile(r";\s*interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?", re.IGNORECASE)
_CLOCK = re.compile(
    r"clock\s*=\s*(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d):?(\d\d):?(\d\d)(?:\.(\d{1,6})\d*)?",
    re.IGNORECASE,
)
_SECONDS = r"\d{1,7}(?:\.\d{1,9})?"
_NPT = re.compile(rf"npt\s*=\s*({_SECONDS})\s*-\s*({_SECONDS})?", re.IGNORECASE)
_INFO = re.compile(r",\s*(?=url\s*=)", re.IGNORECASE)
_INFO_URL = re.compile(r"^\s*url\s*=\s*\"?(.*?)\"?\s*(?=;\s*(?:seq|rtptime)\s*=|$)", re.IGNORECASE)
_INFO_SEQUENCE = re.compile(r";\s*seq\s*=\s*(\d{1,10})\b", re.IGNORECASE)
_INFO_TIME = re.compile(r";\s*rtptime\s*=\s*(\d{1,10})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session's id and after how many seconds of silence the server forgets it."""

    id: str
    timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """Where a track begins: sequence number and time stamp of what the range begins with."""

    url: str
    sequence: int | None
    time: int | None


def parse_session(text: str) -> Session | None:
    """Return what a Session header says, None where it holds no id."""
    name = text.partition(";")[0].strip()
    if not name or len(text) > MAX_CHARACTERS:
        return None
    found = _TIMEOUT.search(text)
    # 0 is no time in which anybody could answer.
    seconds = float(found[1]) if found and int(found[1]) else DEFAULT_TIMEOUT_SECONDS
    seconds = min(max(seconds, _LEAST_TIMEOUT_SECONDS), _MOST_TIMEOUT_SECONDS)
    return Session(id=name, timeout=seconds)


def parse_interleaved(text: str) -> tuple[int, int | None] | None:
    """Return the channels of RTP and RTCP in a Transport header, None where it names none."""
    found = _INTERLEAVED.search(text[:MAX_CHARACTERS])
    if found is None:
        return None
    rtp, rtcp = int(found[1]), int(found[2]) if found[2] else None
    if rtp > _MAX_CHANNEL or (rtcp is not None and rtcp > _MAX_CHANNEL):
        return None
    return rtp, None if rtcp == rtp else rtcp


def parse_clock(text: str) -> datetime | None:
    """Return the digits (naive) at which a range by clock begins, None where it begins by none."""
    found = _CLOCK.match(text[:MAX_CHARACTERS].strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[number]) for number in range(1, 7))
    try:
        return datetime(
            year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0"))
        )
    except ValueError:
        return None


def parse_npt(text: str) -> tuple[float, float | None] | None:
    """Return begin and end in seconds of a range by normal play time, None where it is none."""
    found = _NPT.match(text[:MAX_CHARACTERS].strip())
    if found is None:
        return None
    return float(found[1]), float(found[2]) if found[2] else None


def parse_infos(text: str) -> list[Info]:
    """Return the entries of an RTP-Info header. Addresses in it hold any sign, also commas and semicolons."""
    found = []
    for entry in _INFO.split(text[:MAX_CHARACTERS], MAX_INFOS)[:MAX_INFOS]:
        url = _INFO_URL.search(entry)
        sequence, time = _INFO_SEQUENCE.search(entry), _INFO_TIME.search(entry)
        found.append(
            Info(
                url=url[1] if url else "",
                sequence=int(sequence[1]) & 0xFFFF if sequence else None,
                time=int(time[1]) & 0xFFFFFFFF if time else None,
            )
        )
    return found


def range_by_clock(start: datetime, end: datetime | None = None) -> str:
    """Return a range between two moments in the digits that the server counts in."""
    return f"clock={_digits(start)}-{'' if end is None else _digits(end)}"


def range_by_npt(start: float = 0.0, end: float | None = None) -> str:
    """Return a range between two times in seconds from the beginning."""
    return f"npt={start:.3f}-{'' if end is None else f'{end:.3f}'}"


def _digits(moment: datetime) -> str:
    fraction = f".{moment.microsecond // 1000:03}" if moment.microsecond else ""
    return f"{moment:%Y%m%dT%H%M%S}{fraction}Z"
