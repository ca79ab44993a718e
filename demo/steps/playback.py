"""Does a recording play in the media browser, and can one jump in it?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from demo.api import Api
from demo.config_directory import TIME_ZONE
from demo.entry import Entry
from demo.frontend import Frontend
from demo.recorders import RecorderChannel, SimulatedRecorder, Span
from demo.steps.search import search
from demo.video import Sight, Video
from simulator.core.personality import Listing

SOURCE: Final = "Network Video Recorder"
SAVED_CLIPS: Final = "Saved clips"
AGO = timedelta(hours=2)
SECOND = timedelta(seconds=1)
# What ends so near to now may still go on.
UNSETTLED = timedelta(minutes=2)
FIRST_FRAME_LIMIT_S = 60.0
ADVANCE = timedelta(seconds=3)
ADVANCE_LIMIT_S = 60.0
JUMP_LIMIT_S = 120.0
FORWARD, BACK = 0.6, 0.15
# Recorders tell whole seconds, the rest cut off (up to 1 s); a clock that is off by a fraction of a second makes
# fractions of them again, which are rounded for the title (up to 0.5 s). Pictures at other places are as far off.
TOLERANCE = timedelta(seconds=1.6)
# Footage without a clock begins somewhere in the group of pictures that holds the asked instant.
TOLERANCE_UNTIMED = timedelta(seconds=3.5)


@dataclass(frozen=True)
class PlaybackResult:
    """How a recording played.

    Attributes:
        first_frame_s: from the click to the first picture.
        jump_s: the longer of the two jumps.
        playing_faults: what was wrong while it played on, in words.
        jump_faults: what was wrong after a jump.
    """

    first_frame_s: float
    jump_s: float
    playing_faults: tuple[str, ...]
    jump_faults: tuple[str, ...]


@dataclass(frozen=True)
class _Beginning:
    """Where a recording begins, and how well that is known."""

    start: datetime
    channel: int
    tolerance: timedelta

    def fault(self, when: str, sight: Sight) -> str | None:
        """Say what is wrong with a picture that a player shows, None if nothing is."""
        if sight.pattern.channel != self.channel:
            return f"{when} it shows channel {sight.pattern.channel}"
        off = sight.instant - (self.start + timedelta(seconds=sight.position))
        if abs(off) > self.tolerance:
            return f"{when} at {sight.position:.1f} s it shows what was {off} away"
        return None


async def recording_of(
    recorder: SimulatedRecorder, channel: RecorderChannel, instant: datetime
) -> Span:
    """Return the continuous recording that shows an instant, as the schedule has it."""
    moment = timedelta(seconds=1)
    found = await recorder.recordings(channel.number, instant, instant + moment)
    return next(span for span in found if span.kind == "continuous")


async def listed_recordings(
    api: Api,
    entry: Entry,
    recorder: SimulatedRecorder,
    channel: RecorderChannel,
    window: tuple[datetime, datetime],
) -> list[Span]:
    """Return the continuous recordings of a time as they are listed, oldest first.

    What a device doesn't tell one by one is cut by whoever lists it; that it is all there is what a search proves.
    """
    if recorder.listing is Listing.EACH:
        found = await recorder.recordings(channel.number, *window)
        return [span for span in found if span.kind == "continuous"]
    camera = entry.cameras[channel.name].entity_id
    answers = await search(api, [camera], *window)
    now = datetime.now(UTC)
    return [
        Span(start=start, end=end, kind="continuous", open=end > now - UNSETTLED)
        for start, end in (
            (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
            for each in answers[camera]["recordings"]
        )
    ]


def day_title(instant: datetime) -> str:
    """Return what the day of an instant is called in Media: a day is Home Assistant's."""
    local = instant.astimezone(ZoneInfo(TIME_ZONE))
    return f"{local.year}/{local.month}/{local.day}"


def title_beginnings(instant: datetime, slack: timedelta = timedelta()) -> dict[str, datetime]:
    """Return how the title of what begins at an instant may begin, give or take some seconds."""
    whole = (instant - slack).replace(microsecond=0)
    seconds = [whole + SECOND * number for number in range(2 * (slack // SECOND) + 1)]
    return {f"{each.astimezone(ZoneInfo(TIME_ZONE)):%H:%M:%S}": each for each in seconds}


async def watch_recording(
    api: Api,
    frontend: Frontend,
    entry: Entry,
    recorder: SimulatedRecorder,
    channel: RecorderChannel,
) -> PlaybackResult:
    """Play the recording of two hours ago, let it go on, jump forward and back.

    Raises:
        LookupError: there is none.
        VideoError: no picture came, or it stood still.
    """
    instant = datetime.now(UTC) - AGO
    window = instant, instant + SECOND
    listed = await listed_recordings(api, entry, recorder, channel, window)
    if not listed:
        raise LookupError(f"{recorder.name} has no recording of {channel.name} at {instant}")
    span = listed[0]
    await frontend.browse_media(SOURCE, entry.title, channel.name, day_title(span.start))
    began = monotonic()
    beginnings = title_beginnings(span.start, SECOND)
    video, beginning = await frontend.play_media(beginnings)
    start = beginnings[beginning]
    first = await video.first_sight(FIRST_FRAME_LIMIT_S)
    took = monotonic() - began
    later = await video.advance(first, ADVANCE, ADVANCE_LIMIT_S)
    tolerance = TOLERANCE if recorder.footage_tells_time else TOLERANCE_UNTIMED
    whole = _Beginning(start, channel.number, tolerance)
    faults = [whole.fault("playing", sight) for sight in (first, later)]
    length = await video.duration_s()
    if abs(length - (span.end - span.start).total_seconds()) > TOLERANCE.total_seconds():
        faults.append(f"the player says {length:g} s of {span.end - span.start}")
    jumps = [await _jump(video, length * place, whole) for place in (FORWARD, BACK)]
    await frontend.close_dialog()
    return PlaybackResult(
        took,
        max(jump_s for jump_s, _ in jumps),
        tuple(fault for fault in faults if fault),
        tuple(fault for _, fault in jumps if fault),
    )


async def _jump(video: Video, position: float, beginning: _Beginning) -> tuple[float, str | None]:
    began = monotonic()
    sight = await video.seek(position, JUMP_LIMIT_S)
    took = monotonic() - began
    return took, beginning.fault(f"after the jump to {position:.0f} s", sight)
