"""Questions about what a recorder has on disk, with bounds on every answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .drivers.driver import Driver
from .drivers.errors import DriverError
from .drivers.models import Recording, RecordingKind, StreamName
from .library.plan import nearest

NEARBY = timedelta(days=1)
"""How far around an empty span the nearest recording is looked for."""

NEARBY_LIMIT = 5000
"""Most recordings looked through for the nearest one."""


CANDIDATES_LIMIT = 1000
"""Most recordings looked at to find one again: those that touch its span, so a few as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a search, oldest recording first.

    ``complete_until`` tells up to which instant nothing is left out, None where the answer is whole.
    ``error`` is what cut the answer short, if not the limit.
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
) -> Found:
    """Return the recordings of a channel that overlap [start, end), at most ``limit``."""
    recordings: list[Recording] = []
    try:
        async for recording in driver.search(channel, start, end, stream=stream, kinds=kinds):
            if len(recordings) == limit:
                # Whatever is left out begins no earlier than the one that did not fit.
                return Found(recordings=tuple(recordings), complete_until=recording.start)
            recordings.append(recording)
    except DriverError as error:
        # As answers overlap, what comes next begins no earlier than the last one did.
        until = recordings[-1].start if recordings else start
        return Found(recordings=tuple(recordings), complete_until=until, error=error)
    return Found(recordings=tuple(recordings))


async def find_recording(
    driver: Driver, channel: int, stream: StreamName, start: datetime, end: datetime
) -> Recording | None:
    """Return the recording that was once found as [start, end), None where it is no more.

    A better measured clock may have moved it a little since, and one that was being written has
    grown: so the recording that covers most of the span is the one.

    Raises:
        DriverError: The recorder can't be asked.
    """
    found = await find_recordings(
        driver, channel, start, end, stream=stream, limit=CANDIDATES_LIMIT
    )
    if found.error is not None:
        raise found.error
    best, most = None, timedelta()
    for recording in found.recordings:
        covered = min(recording.end, end) - max(recording.start, start)
        if covered > most:
            best, most = recording, covered
    return best


async def nearest_recording(
    driver: Driver, channel: int, stream: StreamName, start: datetime, end: datetime
) -> Recording | None:
    """Return the recording nearest to a span that holds none, None where none is within a day.

    Raises:
        DriverError: The recorder can't be asked.
    """
    found = await find_recordings(
        driver, channel, start - NEARBY, end + NEARBY, stream=stream, limit=NEARBY_LIMIT
    )
    if found.error is not None and not found.recordings:
        raise found.error
    return nearest(found.recordings, start, end)
