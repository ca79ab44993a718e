"""A queue whose recorder and footage exist only in memory."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName
from custom_components.nvr.library.queue import ClipQueue
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter
from tests.library.wishes import HASTY


@pytest.fixture
def recorded(driver: FakeDriver) -> Recording:
    """Let the recorder have an hour of channel 1, which ended an hour ago."""
    end = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=1)
    recording = Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=end - timedelta(hours=1),
        end=end,
        kinds=frozenset({RecordingKind.MOTION}),
        size_bytes=1_000_000,
        token="a",
    )
    driver.recordings = [recording]
    driver.footage = {"a": (b"video",)}
    return recording


@pytest.fixture
def cutter() -> Iterator[FakeCutter]:
    """Cut every clip of this test in memory."""
    cutter = FakeCutter()
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        yield cutter


@pytest.fixture
def queue(loaded_entry: MockConfigEntry, cutter: FakeCutter) -> ClipQueue:
    """Return the queue of the loaded recorder, which waits for nothing."""
    queue: ClipQueue = loaded_entry.runtime_data.clips
    queue.maker.patience = HASTY
    queue.maker._sleep = lambda _: asyncio.sleep(0)
    return queue
