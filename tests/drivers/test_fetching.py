"""Which way footage is brought, by what is known of a device."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.driver import Download, Purpose
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.fetching import AVOID_SECONDS, Fetching, Wish
from custom_components.nvr.drivers.memory import FETCHED_BY, DeviceMemory
from custom_components.nvr.drivers.models import Recording, StreamName
from tests.fake_driver import FakeDownload

from .conftest import Clock

START = datetime(2026, 7, 24, 13, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GIGABYTE = 1_000_000_000


@dataclass
class Way:
    """A way to footage that works or fails as a test says; ``asked`` counts."""

    name: str
    error: DriverError | None = None
    by_time: bool = False
    tells_time: bool | None = None
    proven: bool = True
    understates: bool = False
    asked: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    async def cuts_by_time(self) -> bool:
        return self.by_time

    @asynccontextmanager
    async def open(self, *args: object, **options: Any) -> AsyncIterator[Download]:
        self.asked += 1
        self.options = options
        if self.error is not None:
            raise self.error
        yield FakeDownload((self.name.encode(),), whole=False, truncated=False)


@dataclass
class Setting:
    """Both ways, and what chooses between them."""

    clock: Clock
    download: Way = field(default_factory=lambda: Way("download", proven=False))
    playback: Way = field(default_factory=lambda: Way("playback"))
    memory: DeviceMemory = field(default_factory=lambda: DeviceMemory({}))

    def __post_init__(self) -> None:
        self.fetching = Fetching(
            cast("Any", self.download), cast("Any", self.playback), self.memory, self.clock
        )

    async def brought(
        self,
        purpose: Purpose = Purpose.CLIP,
        at: timedelta = timedelta(0),
        length: timedelta = MINUTE,
        size: int | None = GIGABYTE,
    ) -> str:
        recording = Recording(
            channel=1,
            stream=StreamName.MAIN,
            start=START,
            end=START + HOUR,
            kinds=frozenset(),
            size_bytes=size,
            token="rtsp://host/",
        )
        wish = Wish(
            recording=recording,
            start=START + at,
            end=START + at + length,
            purpose=purpose,
            clock=cast("Callable[[], DeviceClock]", None),
        )
        async with self.fetching.open(wish) as download:
            return b"".join([chunk async for chunk in download]).decode()


@pytest.fixture
def setting(clock: Clock) -> Setting:
    return Setting(clock)


@pytest.mark.parametrize("purpose", Purpose)
async def test_a_device_that_cuts_downloads(setting: Setting, purpose: Purpose) -> None:
    setting.download.by_time = True
    assert await setting.brought(purpose, 50 * MINUTE) == "download"


async def test_a_device_whose_downloads_are_longer_than_they_say_plays(setting: Setting) -> None:
    setting.download.by_time = setting.download.understates = True
    assert await setting.brought() == "playback"


async def test_a_download_that_was_short_is_played_the_next_time(setting: Setting) -> None:
    setting.download.by_time = True
    shortfalls = setting.fetching.shortfalls
    assert await setting.brought() == "download"
    assert shortfalls.note_short("rtsp://host/", truncated=False)
    assert await setting.brought() == "playback"
    shortfalls.note_further("rtsp://host/", more=True)
    assert await setting.brought() == "download"


async def test_a_download_that_was_short_remains_where_nothing_plays(setting: Setting) -> None:
    setting.download.by_time = True
    setting.playback.error = CannotConnectError("no such port")
    await setting.brought()
    setting.fetching.shortfalls.note_short("rtsp://host/", truncated=False)
    assert await setting.brought() == "download"


@pytest.mark.parametrize(
    ("purpose", "at", "tells", "way"),
    [
        # 50 minutes of a gigabyte an hour are 208 seconds at 4 MB/s.
        (Purpose.PICTURE, 50 * MINUTE, None, "playback"),
        (Purpose.PICTURE, 50 * MINUTE, False, "playback"),
        (Purpose.PICTURE, 3 * MINUTE, True, "playback"),
        (Purpose.PICTURE, 3 * MINUTE, False, "download"),
        (Purpose.PICTURE, timedelta(seconds=10), True, "download"),
        (Purpose.PLAY, 50 * MINUTE, False, "playback"),
        (Purpose.PLAY, timedelta(0), True, "download"),
        (Purpose.CLIP, 50 * MINUTE, True, "playback"),
        (Purpose.CLIP, 50 * MINUTE, None, "download"),
        (Purpose.CLIP, 50 * MINUTE, False, "download"),
        (Purpose.CLIP, 10 * MINUTE, True, "download"),
    ],
)
async def test_the_quicker_way_to_what_is_wanted(
    setting: Setting, purpose: Purpose, at: timedelta, tells: bool | None, way: str
) -> None:
    setting.playback.tells_time = tells
    assert await setting.brought(purpose, at) == way


async def test_a_size_that_nobody_knows_is_estimated(setting: Setting) -> None:
    assert await setting.brought(Purpose.PICTURE, 50 * MINUTE, size=None) == "playback"


@pytest.mark.parametrize(
    "error", [NotSupportedError("no form"), NotPermittedError("no right")], ids=["form", "right"]
)
async def test_what_can_not_be_downloaded_is_played(setting: Setting, error: DriverError) -> None:
    setting.download.error = error
    assert await setting.brought() == "playback"
    assert await setting.brought() == "playback"
    assert setting.download.asked == 1


async def test_a_device_without_downloads_is_remembered(setting: Setting, clock: Clock) -> None:
    setting.download.error = NotSupportedError("no form")
    await setting.brought()
    following = Setting(clock, memory=DeviceMemory(setting.memory.values))
    assert await following.brought() == "playback"
    assert not following.download.asked
    # There is nothing else to wait for.
    assert following.playback.options["patient"]


async def test_a_refusal_of_what_has_worked_is_a_moments(setting: Setting) -> None:
    setting.download.proven = True
    setting.download.by_time = True
    setting.download.error = NotSupportedError("HTTP 403")
    assert await setting.brought() == "playback"
    setting.download.error = None
    assert await setting.brought() == "download"
    assert setting.memory.text(FETCHED_BY) is None


async def test_a_right_may_be_granted(setting: Setting, clock: Clock) -> None:
    setting.download.error = NotPermittedError("no right")
    await setting.brought()
    setting.download.error = None
    clock.now += AVOID_SECONDS
    assert await setting.brought() == "download"


@pytest.mark.parametrize(
    "error",
    [NoFootageError("overwritten"), AuthenticationError("refused"), DeviceBusyError("busy")],
)
async def test_a_last_word_on_the_footage_is_one(setting: Setting, error: DriverError) -> None:
    setting.download.error = error
    with pytest.raises(type(error)):
        await setting.brought()
    assert not setting.playback.asked


async def test_what_can_not_be_played_is_downloaded(setting: Setting) -> None:
    setting.playback.error = CannotConnectError("no such port")
    assert await setting.brought(Purpose.PICTURE, 50 * MINUTE) == "download"
    assert await setting.brought(Purpose.PICTURE, 50 * MINUTE) == "download"
    assert setting.playback.asked == 1


async def test_a_slot_that_is_taken_is_asked_for_again(setting: Setting) -> None:
    setting.playback.error = DeviceBusyError("453")
    assert await setting.brought(Purpose.PICTURE, 50 * MINUTE) == "download"
    assert not setting.playback.options["patient"]
    setting.playback.error = None
    assert await setting.brought(Purpose.PICTURE, 50 * MINUTE) == "playback"


async def test_where_neither_works_the_download_says_why(setting: Setting) -> None:
    setting.download.error = NotPermittedError("no right to download")
    setting.playback.error = NotSupportedError("plays nothing")
    with pytest.raises(NotPermittedError, match="download"):
        await setting.brought()
    with pytest.raises(NotPermittedError, match="download"):
        await setting.brought(Purpose.PICTURE, 50 * MINUTE)


async def test_what_may_work_in_a_moment_is_said_first(setting: Setting) -> None:
    setting.download.error = NotSupportedError("no form")
    setting.playback.error = DeviceBusyError("453")
    with pytest.raises(DeviceBusyError):
        await setting.brought()
    with pytest.raises(DeviceBusyError):
        await setting.brought(Purpose.PICTURE, 50 * MINUTE)


async def test_only_who_watches_gives_way(setting: Setting) -> None:
    for purpose in (Purpose.PLAY, Purpose.PICTURE):
        await setting.brought(purpose, 50 * MINUTE)
        assert setting.playback.options["yields"] is (purpose is Purpose.PLAY)
