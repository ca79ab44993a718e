"""Questions about what a recorder has on disk, with bounds on every answer."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .drivers.driver import Driver
from .drivers.errors import DriverError
from .drivers.models import Recording, RecordingKind, StreamName
from .library.plan import nearest

NEARBY = timedelta(days=1)
"""How far around an empty span the nearest recording is looked for at once."""

FARTHEST = timedelta(days=31)
"""How far around it the recorder's calendar is looked through for other days, a request a month."""

NEARBY_LIMIT = 5000
"""Most recordings looked through for the nearest one."""


CANDIDATES_LIMIT = 1000
"""Most recordings looked at to find one again: those that touch its span, so a few as a rule."""


GROWTH_COUNTS = 100
"""How much less than a moved start it counts that a recording has grown since it was found."""


STEP = timedelta(days=92)
"""Of a long search; drivers skip the empty days of a span of months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a search, oldest recording first.

    ``complete_until`` tells up to which instant nothing is left out, None where the answer is whole.
    ``error`` is what cut the answer short, if neither limit nor deadline.
    """

    recordings: tuple[Recording, ...]
    complete_until: datetime | None = None
    error: DriverError | None = None


async def find_recordings(
    driver: Driver,
    channel: int,
    start: datetime,
    end: datetime,
    *,
    stream: StreamName = StreamName.MAIN,
    kinds: frozenset[RecordingKind] | None = None,
    limit: int,
    deadline: float | None = None,
) -> Found:
    """Return the recordings of a channel that overlap [start, end), at most ``limit``.

    ``deadline`` is when to stop by the clock of the event loop.
    """
    recordings: list[Recording] = []
    cut_by: DriverError | None = None
    try:
        async with asyncio.timeout_at(deadline):
            async for recording in driver.search(channel, start, end, stream=stream, kinds=kinds):
                if len(recordings) == limit:
                    # Whatever is left out begins no earlier than the one that did not fit.
                    return Found(recordings=tuple(recordings), complete_until=recording.start)
                recordings.append(recording)
            return Found(recordings=tuple(recordings))
    except TimeoutError:
        pass
    except DriverError as error:
        cut_by = error
    # As answers overlap, what comes next begins no earlier than the last one did.
    until = recordings[-1].start if recordings else start
    return Found(recordings=tuple(recordings), complete_until=until, error=cut_by)


async def find_in_steps(
    driver: Driver,
    channel: int,
    start: datetime,
    end: datetime,
    *,
    kinds: frozenset[RecordingKind] | None = None,
    limit: int,
    seconds: float,
) -> Found:
    """Do the same for a span however long, in steps, for so many seconds at most.

    A search for a rare kind may read through years without finding anything; the steps tell how far
    it came.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    recordings: list[Recording] = []
    since = start
    while since < end:
        until = min(end, since + STEP)
        found = await find_recordings(
            driver,
            channel,
            since,
            until,
            kinds=kinds,
            limit=limit - len(recordings),
            deadline=deadline,
        )
        # What reaches into this step from the one before was told there.
        recordings += [one for one in found.recordings if since == start or one.start >= since]
        if found.complete_until is not None:
            return replace(found, recordings=tuple(recordings))
        since = until
    return Found(recordings=tuple(recordings))


async def find_recording(
    driver: Driver, channel: int, stream: StreamName, start: datetime, end: datetime
) -> Recording | None:
    """Return the recording that was once found as [start, end), None where it is no more.

    A better measured clock may have moved it a little since, and one that was being written has
    grown. Of those that cover some of the span the one that departs least from it is meant: an event
    lies within a continuous recording as a rule, which covers the whole of its span as well.

    Raises:
        DriverError: The recorder can't be asked.
    """
    found = await find_recordings(
        driver, channel, start, end, stream=stream, limit=CANDIDATES_LIMIT
    )
    if found.error is not None:
        raise found.error
    return min(
        (one for one in found.recordings if one.start < end and one.end > start),
        key=lambda one: _departure(one, start, end),
        default=None,
    )


def _departure(recording: Recording, start: datetime, end: datetime) -> timedelta:
    """Return how far a recording is from a span that it once had; that it has grown counts little."""
    nothing = timedelta()
    grown = max(nothing, recording.end - end)
    return abs(recording.start - start) + max(nothing, end - recording.end) + grown / GROWTH_COUNTS


async def nearest_recording(
    driver: Driver, channel: int, stream: StreamName, start: datetime, end: datetime
) -> Recording | None:
    """Return the recording nearest to a span that holds none, None where none is known.

    Raises:
        DriverError: The recorder can't be asked.
    """
    found = await find_recordings(
        driver, channel, start - NEARBY, end + NEARBY, stream=stream, limit=NEARBY_LIMIT
    )
    if found.error is not None and not found.recordings:
        raise found.error
    recordings = list(found.recordings)
    if not recordings:
        for since, until in await _farther_spans(driver, channel, start, end):
            found = await find_recordings(
                driver, channel, since, until, stream=stream, limit=NEARBY_LIMIT
            )
            recordings += found.recordings
    return nearest(recordings, start, end)


async def _farther_spans(
    driver: Driver, channel: int, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return where to look for recordings that are more than a day away from a span."""
    extent = driver.state.extents.get(channel) if driver.state else None
    if extent is not None and extent.oldest is not None and end <= extent.oldest:
        return [(extent.oldest, extent.oldest + NEARBY)]
    if extent is not None and extent.newest is not None and start >= extent.newest:
        return [(extent.newest - NEARBY, extent.newest)]
    try:
        days = await driver.recorded_days(channel, start - FARTHEST, end + FARTHEST)
    except DriverError:
        # Nothing is known of other days; that the span is empty is known all the same.
        return []
    before = [(day.start, day.end) for day in days if day.start < start - NEARBY]
    after = [(day.start, day.end) for day in days if day.end > end + NEARBY]
    return before[-1:] + after[:1]
