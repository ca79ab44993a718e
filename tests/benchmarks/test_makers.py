"""What other clients do with a maker's recorders where no HTTP brings footage."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.driving import plain_session
from benchmarks.maker import maker_of
from benchmarks.recorder_orders import RecorderSpec
from benchmarks.recorders import BenchRecorder, RecorderHouse
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName
from scripts.provision.programs import gstreamer_is_there

MAKER = maker_of("onvif")
SPAN = timedelta(seconds=8)
HOUR = timedelta(hours=1)


@pytest.fixture
async def recorder(tmp_path: Path, socket_enabled: None) -> AsyncIterator[BenchRecorder]:
    """Plug in a recorder of two channels."""
    spec = RecorderSpec(
        name="maker", personality="onvif/nvr", channels=2, retention_days=1, bitrate_kbps=1024
    )
    async with RecorderHouse.run(tmp_path / "simulator") as house:
        yield await house.add(spec)


async def span_of(recorder: BenchRecorder) -> tuple[datetime, datetime]:
    """Give what was recorded of the first channel some time ago."""
    end = datetime.now(UTC) - HOUR
    return (await recorder.recordings(1, end - 4 * HOUR, end))[0]


async def test_a_plain_read_gets_all_pictures_of_a_span(recorder: BenchRecorder) -> None:
    start, end = await span_of(recorder)
    recording = Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=end,
        kinds=frozenset({RecordingKind.CONTINUOUS}),
    )
    async with plain_session() as session:
        short, _ = await MAKER.read(session, recorder, recording, SPAN, SPAN)
        long, seconds = await MAKER.read(session, recorder, recording, SPAN, 2 * SPAN)
    assert seconds < SPAN.total_seconds()
    assert short > 100_000
    assert 1.7 < long / short < 2.3


@pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")
async def test_the_player_shows_a_picture(recorder: BenchRecorder) -> None:
    start, end = await span_of(recorder)
    first, last = await recorder.stamps(start + SPAN, end)
    await recorder.plays()
    assert 0 < await MAKER.first_picture(recorder, 2, (first, last), hurried=False) < 30
    assert await recorder.plays() == 1


async def test_the_library_learns_and_finds(recorder: BenchRecorder) -> None:
    await asyncio.to_thread(MAKER.learn, recorder)
    assert len(await recorder.asked()) >= 6
    now = datetime.now(UTC)
    first, last = await recorder.stamps(now - 2 * HOUR, now - HOUR)
    search = MAKER.searcher(recorder)
    # It goes on all the time: there is one span.
    assert await asyncio.to_thread(search, first, last) == 1
    async with plain_session() as session:
        await MAKER.read_pages(session, recorder, (first, last), 1)
