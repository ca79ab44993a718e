"""Footage by replay, from devices that nobody wrote who knew the driver, in all their peculiarities."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
import os
from pathlib import Path
from typing import Any

import pytest

from custom_components.nvr.drivers import probing
from custom_components.nvr.drivers.driver import Purpose
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DeviceBusyError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.drivers.onvif import replayed_footage
from custom_components.nvr.drivers.rtsp.container import MAGIC
from custom_components.nvr.drivers.rtsp.message import FRAME_HEAD_BYTES
from custom_components.nvr.drivers.rtsp.replay import ReplayMark, replay_mark
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.footage_parts import footage_part
from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import RateControl, ReplayTraits, Without
from simulator.rtsp.traits import End
from tests.footage.filmed import shown
from tests.footage.played import SLOT, load

from .archived import Archived, archived, hours_ago
from .conftest import Plugged

SECOND = timedelta(seconds=1)
LONGEST_FRAME = timedelta(seconds=0.11)
# A device's clock is known so well after it was asked often, by a machine that is busy with other tests.
FINELY = timedelta(seconds=0.07)
# And to half a second before it was asked often.
ROUGHLY = timedelta(seconds=0.7)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    # Measured by coverage where the tests are.
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    pool = WorkerPool(environment=measured)
    yield pool
    await pool.close()


@pytest.fixture
def by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the device's clock known to half a second: to make that finer takes seconds."""
    monkeypatch.setattr(probing, "PROBES", 0)


async def recording_of(device: Archived, channel: int = 1) -> Recording:
    """Return a recording of some hours ago."""
    found = await device.found(channel, hours_ago(4), hours_ago(3))
    return max(found, key=lambda one: one.duration)


async def marks_of(
    device: Archived, recording: Recording, start: datetime, end: datetime, purpose: Purpose
) -> list[ReplayMark]:
    """Return what the packets tell that come of a part of a recording."""
    content = bytearray()
    async with device.driver.download(recording, start, end, purpose=purpose) as download:
        async for chunk in download:
            content += chunk
        assert not download.truncated
        assert download.received_bytes
    return [mark for packet in packets(bytes(content)) if (mark := replay_mark(packet)) is not None]


def packets(content: bytes) -> list[bytes]:
    """Return the packets of the first track in a container."""
    at = len(MAGIC) + 4 + int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4])
    found = []
    while at < len(content):
        end = at + FRAME_HEAD_BYTES + int.from_bytes(content[at + 2 : at + 4])
        if content[at + 1] == 0:
            found.append(content[at + FRAME_HEAD_BYTES : end])
        at = end
    return found


@pytest.mark.parametrize("name", ["onvif/nvr", "onvif/camera"])
async def test_a_clip_is_right_to_the_picture(
    plugged: Plugged, pool: WorkerPool, tmp_path: Path, name: str
) -> None:
    async with archived(plugged(name)) as device:
        recording = await recording_of(device)
        start = recording.start + timedelta(seconds=20.34)
        end = start + timedelta(seconds=5.2)
        path = tmp_path / "clip.mp4"
        made = await make_clip(pool, [footage_part(device.driver, recording)], start, end, path)
        pictures = [instant for _, instant in shown(path)]
        assert made.exact
        assert not made.missing
        assert -FINELY <= start - pictures[0] <= LONGEST_FRAME + FINELY
        assert -FINELY <= end - pictures[-1] <= LONGEST_FRAME + FINELY
        assert device.driver.memory["replay_form"] == "replay"


@pytest.mark.parametrize(
    ("traits", "form"),
    [
        pytest.param({"rate_control": RateControl.REFUSED}, "replay_natural_speed", id="no speed"),
        pytest.param({"supported": False}, "fast", id="requirements refused"),
        pytest.param({"without": Without.REFUSED}, "replay", id="required"),
        pytest.param({"extension": Extension.NONE}, "replay", id="no times"),
        pytest.param({"extension": Extension.WITH_JPEG}, "replay", id="long extension"),
        pytest.param({"frames": False, "terminal": False, "sections": False}, "replay", id="poor"),
    ],
)
@pytest.mark.usefixtures("by_the_second")
async def test_what_a_server_takes_is_found_out_once(
    plugged: Plugged, traits: dict[str, Any], form: str
) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        device.device.box.rtsp.change(replay=ReplayTraits(**traits))
        recording = await recording_of(device)
        start, end = recording.start + 8 * SECOND, recording.start + 9 * SECOND
        for _ in range(2):
            before = device.driver.traffic.requests
            async with device.driver.download(recording, start, end) as download:
                assert [chunk async for chunk in download]
            cost = device.driver.traffic.requests - before
        assert device.driver.memory["replay_form"] == form
        # DESCRIBE with its challenge, SETUP of pictures and sound, PLAY, TEARDOWN.
        assert cost <= 6


@pytest.mark.usefixtures("by_the_second")
async def test_only_key_pictures_come_of_the_beginning_for_a_picture(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        recording = await recording_of(device)
        start, end = recording.start, recording.start + 10 * SECOND
        keys = await marks_of(device, recording, start, end, Purpose.PICTURE)
        every = await marks_of(device, recording, start, end, Purpose.CLIP)
        last = max(mark.time for mark in every)
        times = {mark.time for mark in keys if mark.time <= last}
        assert times == {mark.time for mark in every if mark.clean}
        assert 1 < len(times) < len({mark.time for mark in every}) / 5
        inside = await marks_of(device, recording, start + SECOND, end, Purpose.PICTURE)
        # An instant inside shows what leans on those before.
        assert len({mark.time for mark in inside}) > len(times) * 5


@pytest.mark.usefixtures("by_the_second")
@pytest.mark.parametrize("end", [End.FALLS_SILENT, End.PLAYS_ON, End.SAYS_BYE, End.CLOSES], ids=str)
async def test_a_replay_ends_with_what_was_asked(
    plugged: Plugged, monkeypatch: pytest.MonkeyPatch, end: End
) -> None:
    monkeypatch.setattr(replayed_footage, "SETTLED_SECONDS", 0.2)
    async with archived(plugged("onvif/nvr")) as device:
        device.device.box.rtsp.change(end=end)
        recording = await recording_of(device)
        start, stop = recording.start + 8 * SECOND, recording.start + 12 * SECOND
        marks = await marks_of(device, recording, start, stop, Purpose.CLIP)
        ahead = device.archive.labels.device.drift
        taken = sorted(mark.time - ahead for mark in marks)
        assert taken[0] <= start
        assert stop - LONGEST_FRAME <= taken[-1]


@pytest.mark.usefixtures("by_the_second")
async def test_a_gap_is_a_gap_in_the_clip(
    plugged: Plugged, pool: WorkerPool, tmp_path: Path
) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        start, end = hours_ago(30), hours_ago(2)
        spans = device.true_spans(4, start, end)
        gap = next(
            (one[1], other[0]) for one, other in pairwise(spans) if other[0] - one[1] > 20 * SECOND
        )
        found = await device.found(4, gap[0] - SECOND, gap[1] + SECOND)
        assert len(found) == 2
        parts = [footage_part(device.driver, one) for one in found]
        path = tmp_path / "clip.mp4"
        made = await make_clip(pool, parts, gap[0] - 5 * SECOND, gap[1] + 5 * SECOND, path)
        [(begin, stop)] = made.missing
        assert abs(begin - gap[0]) <= ROUGHLY
        assert abs(stop - gap[1]) <= ROUGHLY
        # What is shown lies on either side, and nothing is shown twice.
        pictures = [instant for _, instant in shown(path)]
        assert pictures == sorted(set(pictures))
        assert not any(gap[0] < instant < gap[1] for instant in pictures)
        assert {instant < gap[0] for instant in pictures} == {True, False}


@pytest.mark.usefixtures("by_the_second")
async def test_a_server_that_plays_from_the_beginning_is_not_believed(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        device.device.box.rtsp.change(replay=ReplayTraits(ranges=False))
        recording = await recording_of(device)
        start = recording.start + 60 * SECOND
        with pytest.raises(NotSupportedError, match="something else"):
            async with device.driver.download(recording, start, start + SECOND):
                pass
        assert "replay_form" not in device.driver.memory


@pytest.mark.usefixtures("by_the_second")
@pytest.mark.parametrize("without", [Without.BEGINNING, Without.LIVE], ids=str)
async def test_a_server_that_does_not_replay_is_not_believed(
    plugged: Plugged, without: Without
) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        # It refuses who requires replay, and plays something to all others.
        device.device.box.rtsp.change(replay=ReplayTraits(supported=False, without=without))
        recording = await recording_of(device)
        start = recording.start + 600 * SECOND
        with pytest.raises(NotSupportedError):
            async with device.driver.download(recording, start, start + SECOND):
                pass
        assert "replay_form" not in device.driver.memory


@pytest.mark.usefixtures("by_the_second")
async def test_a_taken_place_is_waited_for(
    plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        device.device.box.rtsp.change(max_playbacks=0)
        recording = await recording_of(device)
        monkeypatch.setattr(
            "custom_components.nvr.drivers.onvif.replay.SLOT_PAUSES_SECONDS", (0.01, 0.01)
        )
        with pytest.raises(DeviceBusyError):
            async with device.driver.download(recording, recording.start, recording.end):
                pass


@pytest.mark.usefixtures("by_the_second")
async def test_what_runs_ends_with_the_driver(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        recording = await recording_of(device)

        async def fetch() -> None:
            async with device.driver.download(
                recording, recording.start, recording.end
            ) as download:
                async for _ in download:
                    device.archive.close()

        with pytest.raises(CannotConnectError, match="closed"):
            await fetch()
        with pytest.raises(CannotConnectError, match="closed"):
            async with device.driver.download(recording, recording.start, recording.end):
                pass


@pytest.mark.usefixtures("by_the_second")
async def test_a_recording_is_watched_from_anywhere(
    plugged: Plugged, pool: WorkerPool, tmp_path: Path
) -> None:
    async with archived(plugged("onvif/camera")) as device:
        recording = await recording_of(device)
        playback = Playback(
            pool, footage_part(device.driver, recording, Purpose.PLAY), tmp_path / "parts"
        )
        try:
            number = playback.plan.count // 2
            segment = await load(playback, number)
        finally:
            await playback.close()
        begin = recording.start + playback.plan.start(number)
        assert segment.filmed
        # A part holds the groups of pictures that begin in its span.
        longest = timedelta(seconds=2 * SLOT)
        assert all(abs(filmed - begin) <= longest for filmed in segment.filmed)
