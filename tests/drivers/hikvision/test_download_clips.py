"""Clips of downloads whose announced length is wrong, by a simulated recorder and real workers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver
from custom_components.nvr.drivers.models import Connection, Recording
from custom_components.nvr.footage.clip import ClipReport, make_clip
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.workers import WorkerPool
from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.personality import Options
from simulator.core.transfer import Length
from simulator.hikvision import personalities
from simulator.hikvision.face import HikvisionFace
from tests.drivers.fake_web import client

PASSWORD = "s3:cr@t/%&#"
TEN_SECONDS = timedelta(seconds=10)
HOUR = timedelta(hours=1)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    workers = WorkerPool()
    yield workers
    await workers.close()


@pytest.fixture(params=[personalities.current, personalities.old], ids=["current", "old"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder that cuts by time, and one that sends whole files."""
    async with RecorderBox(request.param(Options(password=PASSWORD))) as box:
        yield box


@pytest.fixture
async def driver(box: RecorderBox) -> AsyncIterator[Driver]:
    connection = Connection(host=box.host, port=box.http_port, username="admin", password=PASSWORD)
    async with client() as http:
        driver = make_driver("hikvision", connection, http, {})
        await driver.connect()
        yield driver
        await driver.close()


async def recorded(driver: Driver) -> Recording:
    now = datetime.now(UTC)
    found = [entry async for entry in driver.search(1, now - 3 * HOUR, now - HOUR)]
    return max(found, key=lambda entry: entry.end - entry.start)


async def clip_of(
    pool: WorkerPool, driver: Driver, recording: Recording, start: datetime, path: Path
) -> ClipReport:
    part = FootagePart(
        start=recording.start,
        end=recording.end,
        clock=driver.footage_clock(recording),
        fetch=lambda begin, end: driver.download(recording, begin, end),
        refined_clock=lambda: driver.footage_clock(recording),
    )
    return await make_clip(pool, [part], start, start + TEN_SECONDS, path)


@pytest.mark.parametrize("length", [Length.OVERSTATED, Length.ABSENT])
async def test_a_clip_is_whole_whatever_length_was_announced(
    box: RecorderBox, driver: Driver, pool: WorkerPool, tmp_path: Path, length: Length
) -> None:
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(download_length=length)
    recording = await recorded(driver)
    # To its very end, so that the transfer is read to its own.
    start = recording.end - TEN_SECONDS
    report = await clip_of(pool, driver, recording, start, tmp_path / "clip.mp4")
    # Searches count whole seconds.
    assert report.duration == pytest.approx(TEN_SECONDS.total_seconds(), abs=1.5)


async def test_what_is_missing_of_a_truncated_transfer_is_told(
    box: RecorderBox, driver: Driver, pool: WorkerPool, tmp_path: Path
) -> None:
    recording = await recorded(driver)
    start = recording.start + timedelta(seconds=1)
    await clip_of(pool, driver, recording, start, tmp_path / "whole.mp4")
    box.recorder.faults.add(Fault(path="/ISAPI/*/download", cut_at=2_000_000, count=1))
    report = await clip_of(pool, driver, recording, start, tmp_path / "clip.mp4")
    assert report.missing
    assert report.missing[-1][1] == start + TEN_SECONDS
