"""What a recorded device says, understood by the same modules that read a live one."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
import re

from .. import xml
from ..clock import DeviceClock, fixed_zone, parse_posix_zone
from ..errors import DeviceFaultError, DriverError, InvalidAnswerError
from ..models import Clock, ClockConvention
from ..report import FoundRecording, Understood
from .clock import RecorderClock
from .device_time import STATUS, TIME, DeviceStatus, DeviceTime, Stamp
from .facts import Facts
from .matches import Match, read_page
from .memory import DeviceMemory
from .recorded import Recorded, RecordedTransport, read_folder
from .streams import CHANNEL_FACTOR, STREAM_NAMES
from .survey import Survey

# Answers of one recording were fetched within minutes.
TOGETHER = timedelta(minutes=15)
# Zones so near to UTC prove nothing within that.
COINCIDE = timedelta(minutes=30)
_TRACK = re.compile(r"/tracks/(\d{1,6})", re.IGNORECASE)


async def understand(folder: Path) -> Understood:
    """Return what was recorded of a device: its state, and recordings where a search was recorded.

    Raises OSError where the folder can't be read.
    """
    recorded = read_folder(folder)
    transport = RecordedTransport(recorded)
    facts = Facts()
    memory = DeviceMemory({})
    survey = Survey(facts, RecorderClock(memory), memory)
    await survey.recorded(transport)
    if not facts.places():
        # Without any list of channels, the streams tell which there are.
        await _probe(survey, transport, recorded.stream_numbers())
    await _probe(survey, transport, survey.unprobed_streams(tuple(STREAM_NAMES)))
    time = await _ask(transport, facts)
    matches = _matches(recorded)
    device, facts.clock = _clock(*time, matches or [])
    found = None if matches is None else tuple(_found(matches, device))
    if matches is None:
        facts.absent["recordings"] = "no search recorded"
    elif device is None and found:
        facts.absent["recordings"] = (
            "nothing recorded tells whether the times are UTC or wall clock"
        )
    return Understood(state=facts.state(), recordings=found, answers=recorded.count)


async def _probe(survey: Survey, transport: RecordedTransport, numbers: list[int]) -> None:
    for number in numbers:
        with suppress(DriverError):
            await survey.probe_stream(transport, number)


async def _ask(
    transport: RecordedTransport, facts: Facts
) -> tuple[DeviceTime | None, DeviceStatus | None]:
    time = status = None
    try:
        time = await transport.send(TIME)
    except DriverError as err:
        facts.absent["clock"] = str(err)
    if time is None:
        facts.absent.setdefault("clock", "no time in the recorded answer")
    with suppress(DriverError):
        status = await transport.send(STATUS)
    return time, status


def _matches(recorded: Recorded) -> list[Match] | None:
    """Return what all recorded searches found, None where there was none."""
    found: dict[tuple[int, datetime, datetime, str], Match] = {}
    searched = False
    for body in recorded.searches():
        try:
            page = read_page(xml.parse(body))
        except InvalidAnswerError, DeviceFaultError:
            continue
        searched = True
        for match in page.matches:
            found.setdefault((_track(match), match.start, match.end, match.name), match)
    return list(found.values()) if searched else None


def _track(match: Match) -> int:
    """Return the track; the label in an answer can lie, the address can't."""
    if (seen := _TRACK.search(match.uri)) is not None:
        return int(seen[1])
    return match.track or 0


def _clock(
    time: DeviceTime | None, status: DeviceStatus | None, matches: list[Match]
) -> tuple[DeviceClock | None, Clock]:
    """Return a clock to convert with, None where the digits' meaning is unknown, and one to show."""
    stamp = status.stamp if status is not None and status.stamp is not None else None
    if stamp is None and time is not None:
        stamp = time.stamp
    zone, zone_text = _zone(time, stamp)
    if zone is None or stamp is None:
        return None, Clock(time_zone=zone_text, evidence="the device's time is not recorded")
    device = DeviceClock(zone=zone)
    convention, evidence = _convention(device, stamp.digits, matches)
    shown = Clock(convention=convention, time_zone=zone_text, evidence=evidence)
    if convention is ClockConvention.UNKNOWN:
        return None, shown
    return device.with_convention(convention), shown


def _zone(time: DeviceTime | None, stamp: Stamp | None) -> tuple[tzinfo | None, str | None]:
    """Return the device's zone and its text: its own rule, else the offset behind its time."""
    text = None if time is None else time.zone
    if text is not None:
        try:
            return parse_posix_zone(text), text
        except ValueError:
            pass
    suffix = None if stamp is None else stamp.suffix
    if suffix is None:
        return None, text
    zone = fixed_zone(suffix)
    return zone, text or zone.tzname(None)


def _convention(
    device: DeviceClock, now: datetime, matches: list[Match]
) -> tuple[ClockConvention, str]:
    """Tell what search digits mean by which reading lets a recording be under way at the device's now."""
    as_utc = now.replace(tzinfo=device.zone).astimezone(UTC).replace(tzinfo=None)
    if not matches:
        return ClockConvention.UNKNOWN, "no recordings to compare the clock with"
    if abs(now - as_utc) <= COINCIDE:
        return ClockConvention.UNKNOWN, "wall clock and UTC are too near to each other"
    fitting = [
        convention
        for convention, digits in ((ClockConvention.UTC, as_utc), (ClockConvention.WALL, now))
        if _fits(digits, matches)
    ]
    if len(fitting) != 1:
        return ClockConvention.UNKNOWN, "the recordings fit both readings of the clock, or none"
    return fitting[0], (
        f"the recordings reach the device's time {now.isoformat()} only when read as {fitting[0].value}"
    )


def _fits(now: datetime, matches: list[Match]) -> bool:
    newest = max(match.start for match in matches)
    under_way = any(
        match.start <= now + TOGETHER and match.end >= now - TOGETHER for match in matches
    )
    return under_way and newest <= now + TOGETHER


def _found(matches: list[Match], device: DeviceClock | None) -> list[FoundRecording]:
    in_order = sorted(matches, key=lambda match: (_track(match), match.start))
    return [
        FoundRecording.read(match, _track(match) // CHANNEL_FACTOR, device) for match in in_order
    ]
