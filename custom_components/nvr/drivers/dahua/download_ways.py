"""The ways to ask for footage that firmware differs about (section 10 of the notes)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import quote

from ..clock import DeviceClock
from ..models import Recording, StreamName
from .digits import read_digits, write_digits
from .items import MAX_PATH

BY_TIME = "time"
"""``loadfile.cgi``: cut by the device, over the borders of files."""
BY_FILE = "file"
"""``RPC_Loadfile`` behind HTTP's login: a whole file, its length announced."""
BY_FILE_RPC = "file_rpc"
"""The same by the cookies of RPC2's session."""
WAYS = (BY_TIME, BY_FILE, BY_FILE_RPC)

# Devices cut at key pictures; whether at the one before or the one behind is not known of all.
LEAD = timedelta(seconds=5)
SECOND = timedelta(seconds=1)

SUBTYPES = {StreamName.MAIN: 0, StreamName.SUB: 1, StreamName.THIRD: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSpan:
    """A part of a recording in the device's digits, whole seconds that enclose it.

    ``ambiguous`` says that these digits name more than one moment: the clock is put back there.
    """

    channel: int
    stream: StreamName
    begin: datetime
    end: datetime
    ambiguous: bool = False

    @classmethod
    def of(cls, recording: Recording, start: datetime, end: datetime, device: DeviceClock) -> Self:
        """Return the part of [start, end) of a recording, inside it."""
        first, last = read_digits(recording.start_device), read_digits(recording.end_device)
        begin = device.to_device(start).replace(microsecond=0, fold=0)
        stop = device.to_device(end).replace(microsecond=0, fold=0) + SECOND
        ambiguous = stop <= begin or any(is_ambiguous(device, one) for one in (begin, stop))
        if first is not None:
            begin = max(begin, first)
        if last is not None and not recording.open:
            stop = min(stop, last)
        if stop <= begin:
            # The clock goes back inside of it: counted on from its beginning, as by a clock that doesn't.
            stop = begin + (end - start) + SECOND
        return cls(
            channel=recording.channel,
            stream=recording.stream,
            begin=begin,
            end=stop.replace(microsecond=0),
            ambiguous=ambiguous,
        )


def is_ambiguous(device: DeviceClock, digits: datetime) -> bool:
    """Return whether digits of the wall clock name two moments."""
    return device.from_wall(digits.replace(fold=0)) != device.from_wall(digits.replace(fold=1))


def time_path(span: AskedSpan, recorded_from: datetime | None) -> str:
    """Return the address of a part, a little more of it in front, but nothing of what was recorded before."""
    begin = span.begin - LEAD
    if recorded_from is not None:
        begin = max(begin, min(recorded_from, span.begin))
    times = f"startTime={_quoted(begin)}&endTime={_quoted(span.end)}"
    return (
        f"/cgi-bin/loadfile.cgi?action=startLoad&channel={span.channel}"
        f"&{times}&subtype={SUBTYPES[span.stream]}"
    )


def is_loadable(token: str) -> bool:
    """Tell whether a recording is a file that a device loads: FTP and network places begin otherwise."""
    safe = len(token) <= MAX_PATH and ".." not in token.split("/") and token.isprintable()
    return safe and token.startswith("/")


def file_path(way: str, token: str) -> str | None:
    """Return the address of a file, None where it is none that a device loads."""
    if not is_loadable(token):
        return None
    prefix = "/cgi-bin/RPC_Loadfile" if way == BY_FILE else "/RPC_Loadfile"
    return prefix + quote(token, safe="/")


def _quoted(digits: datetime) -> str:
    # A plus sign is not decoded.
    return quote(write_digits(digits), safe=":")
