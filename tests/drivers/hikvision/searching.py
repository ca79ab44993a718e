"""What the tests of searches share: moments, recordings in digits, and what a search finds."""

from datetime import UTC, datetime, timedelta
from typing import override

from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName

from .fake_isapi import Footage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Noon of a day in winter and of one in summer, far enough back for anything.
WINTER = datetime(2026, 1, 14, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 12, tzinfo=UTC)
MOUNTAIN = "MST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"


def digits(moment: datetime, offset: timedelta = timedelta()) -> datetime:
    return (moment + offset).replace(tzinfo=None, microsecond=0)


def continuous(start: datetime, count: int, length: timedelta = MINUTE) -> list[Footage]:
    """Return recordings one after the other from a start in digits."""
    first = digits(start)
    return [
        Footage(first + number * length, first + (number + 1) * length) for number in range(count)
    ]


async def found(
    driver: HikvisionDriver,
    start: datetime,
    end: datetime,
    *,
    kinds: frozenset[RecordingKind] | None = None,
    stream: StreamName = StreamName.MAIN,
) -> list[Recording]:
    return [entry async for entry in driver.search(1, start, end, kinds=kinds, stream=stream)]


class Nameless(Footage):
    """A recording that nothing tells from others but its times."""

    @property
    @override
    def uri(self) -> str:
        return (
            f"rtsp://192.0.2.9/Streaming/tracks/{self.track}/?starttime={self.start:%Y%m%dT%H%M%SZ}"
        )
