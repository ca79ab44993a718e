"""What a simulated device has recorded, as the driver finds and fetches it."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.driver import Purpose
from custom_components.nvr.drivers.fetching import Wish
from custom_components.nvr.drivers.models import FootageClock, Recording, StreamName
from custom_components.nvr.drivers.onvif.archive import Archive
from custom_components.nvr.drivers.onvif.driver import OnvifDriver
from custom_components.nvr.drivers.reading import Recheck
from custom_components.nvr.footage.part import FootagePart

from .conftest import Device

# Search answers count whole seconds of a clock that is a fraction of one off; both are rounded.
EXACT = timedelta(seconds=1.6)

type Span = tuple[datetime, datetime]


async def known_well() -> bool:
    """Find nothing new about the clock."""
    return False


@dataclass
class Archived:
    """A device, and its archive."""

    device: Device
    archive: Archive

    @property
    def driver(self) -> OnvifDriver:
        return self.device.driver

    async def found(
        self,
        channel: int,
        start: datetime,
        end: datetime,
        stream: StreamName = StreamName.MAIN,
        recheck: Recheck = known_well,
    ) -> list[Recording]:
        """Return the recordings that are found."""
        found = self.archive.search(channel, [(start, end)], stream, None, recheck)
        return [one async for one in found]

    def true_spans(self, channel: int, start: datetime, end: datetime) -> list[Span]:
        """Return when there is footage, by the simulator's own rule."""
        schedule = self.device.box.recorder.schedule
        recorded = schedule.recordings(channel, 1, start, end)
        spans = ((max(one.start, start), min(one.end, end)) for one in recorded)
        return joined(spans, timedelta())

    def part(
        self,
        recording: Recording,
        purpose: Purpose = Purpose.CLIP,
        clock: Callable[[], DeviceClock] | None = None,
    ) -> FootagePart:
        """Return a recording as footage is made of it."""
        device = clock or (lambda: self.archive.labels.device)

        @asynccontextmanager
        async def fetch(start: datetime, end: datetime) -> AsyncIterator[AsyncIterable[bytes]]:
            wish = Wish(recording=recording, start=start, end=end, purpose=purpose, clock=device)
            async with self.archive.replays.open(wish) as download:
                yield download

        return FootagePart(
            start=recording.start,
            end=recording.end,
            clock=FootageClock(offsets=(timedelta(),), expected=recording.start),
            fetch=fetch,
        )


@asynccontextmanager
async def archived(
    plugged: AbstractAsyncContextManager[Device], *, refined: bool = False
) -> AsyncIterator[Archived]:
    """Plug in a device, ask it for its state, and give its archive; ``refined`` to cut footage to the picture."""
    async with plugged as device:
        driver = device.driver
        await driver.connect()
        if refined:
            await driver._refined()
        yield Archived(device, driver._archive)


def joined(spans: Iterable[Span], apart: timedelta = EXACT) -> list[Span]:
    """Return spans in order, with those that are no further apart made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + apart:
            result[-1] = result[-1][0], max(result[-1][1], end)
        else:
            result.append((start, end))
    return result


def clearly_apart(spans: Iterable[Span]) -> timedelta:
    """Return how far apart spans have to be for nobody to take two for one: more than devices leave between files."""
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(joined(spans, timedelta()))]
    distances = (timedelta(seconds=seconds) for seconds in range(4, 600, 2))
    return next(one for one in distances if all(abs(gap - one) > EXACT for gap in gaps))


def within(recordings: Iterable[Recording], start: datetime, end: datetime) -> list[Span]:
    """Return when recordings are, inside a window."""
    return [(max(one.start, start), min(one.end, end)) for one in recordings]


def hours_ago(hours: float) -> datetime:
    """Return a moment before now."""
    return datetime.now(UTC) - timedelta(hours=hours)
