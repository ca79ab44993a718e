"""The clock of a recorded device: it goes on from where the recording left it."""

from datetime import datetime, timedelta
import re

from simulator.core.time_source import Now

from .recording import SEARCH, Recording

TIMES = {
    "system/status": re.compile(rb"(<(?:\w+:)?currentDeviceTime>\s*)([-\dT:]{19})"),
    "system/time": re.compile(rb"(<(?:\w+:)?localTime>\s*)([-\dT:]{19})"),
    "system/time/localtime": re.compile(rb"(^\s*)([-\dT:]{19})"),
}
_OFFSET = re.compile(rb"\s*([+-])(\d\d):(\d\d)")
_START = re.compile(rb"<(?:\w+:)?startTime>\s*([-\dT:]{19})")
_TOGETHER = timedelta(minutes=15)
"""Answers of one recording were fetched within so much time."""


class ReplayClock:
    """Lets the times that a device tells of itself go on.

    A device whose clock stood still would contradict itself; a recorded one would, too, whose
    search was recorded minutes after its time: a recording can't begin later than now. So the
    clock begins at the latest instant that the recording knows of.
    """

    def __init__(self, recording: Recording, now: Now) -> None:
        """Start it."""
        self._now = now
        self._begun = now()
        self._base = _latest(recording)

    def told(self, key: str, body: bytes) -> bytes:
        """Give an answer with the time as it is now, if it tells one."""
        pattern = TIMES.get(key)
        if pattern is None or self._base is None:
            return body
        stamp = self._base + (self._now() - self._begun)
        return pattern.sub(rb"\g<1>" + f"{stamp:%Y-%m-%dT%H:%M:%S}".encode(), body, count=1)


def _latest(recording: Recording) -> datetime | None:
    """Give the latest wall clock that the recording proves, None where it tells no time."""
    told = [
        (_digits(match[2]), _offset(answer.body[match.end() :]))
        for path, pattern in TIMES.items()
        for answer in recording.answers(path)
        if (match := pattern.search(answer.body)) and _digits(match[2])
    ]
    known = [(stamp, offset) for stamp, offset in told if stamp is not None]
    if not known:
        return None
    latest, offset = max(known)
    starts = [
        stamp
        for answer in recording.answers(SEARCH)
        for match in _START.finditer(answer.body)
        if (stamp := _digits(match[1]))
    ]
    if not starts:
        return latest
    # Search digits show the wall clock or UTC; the reading that fits the time told is the right one.
    newest = max(starts)
    fitting = [
        reading
        for reading in (newest, newest + offset)
        if timedelta() < reading - latest <= _TOGETHER
    ]
    return min(fitting, default=latest)


def _digits(text: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(text.decode())
    except ValueError:
        return None


def _offset(behind: bytes) -> timedelta:
    match = _OFFSET.match(behind)
    if match is None:
        return timedelta()
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == b"-" else offset
