"""A recording plays from parts made when they are asked for."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import io
from itertools import pairwise
import os
from pathlib import Path
import signal
from typing import override

import av
import pytest

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import FootageClock
from custom_components.nvr.footage.errors import (
    FootageError,
    SegmentNotReadyError,
    WorkerCrashedError,
)
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.playback import Playback, PlaybackBounds
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.decoded import pattern_of
from simulator.footage.formats import AudioCodec, VideoCodec

from .filmed import NOON, Filmed, FilmedStream, small_format
from .played import FRAME, SLOT, bytes_of, decode_times, load, recording
from .program_bytes import remove_sound
from .sent import Sent


def test_playlist_is_there_before_any_footage(tmp_path: Path) -> None:
    filmed = recording(61)
    filmed.start = NOON
    playback = Playback(WorkerPool(), filmed.part, tmp_path / "play")
    lines = playback.plan.playlist(lambda name: f"/signed/{name}?x=1").splitlines()
    assert lines[:6] == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:5",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        '#EXT-X-MAP:URI="/signed/init.mp4?x=1"',
    ]
    assert lines[6:8] == ["#EXTINF:4.000,", "/signed/0.m4s?x=1"]
    assert lines[-3:] == ["#EXTINF:5.000,", "/signed/14.m4s?x=1", "#EXT-X-ENDLIST"]
    durations = [float(line[8:-1]) for line in lines if line.startswith("#EXTINF")]
    assert sum(durations) == 61
    assert not filmed.fetches
    assert not list(tmp_path.iterdir())


@dataclass
class CutBySeconds(Filmed):
    """A recording that follows another one, of a device that counts whole seconds of its clock."""

    error: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.offset = lambda _: self.error
        self.offsets = (self.error,)

    def _second(self, instant: datetime) -> datetime:
        return (instant + self.error).replace(microsecond=0) - self.error

    @property
    @override
    def part(self) -> FootagePart:
        # Searches round to whole seconds.
        named = self._second(self.start) + timedelta(seconds=0.5)
        start = named.replace(microsecond=0)
        clock = FootageClock(offsets=self.offsets, expected=start)
        return replace(super().part, start=start, clock=clock)

    @override
    def chunks(self, first: datetime, last: datetime) -> Iterator[bytes]:
        # Asked for a moment, it begins in the second named, not in the rounded one.
        return super().chunks(self._second(max(first, self.start)), last)


@pytest.mark.parametrize(
    ("gop_seconds", "groups", "fraction"),
    # How far the recording begins behind the device's second: up to 0.5 s before or 1.5 s behind that of the search.
    [
        *((2.0, 1, fraction) for fraction in (0.0, 0.2, 0.4, 0.6, 0.8)),
        *((1.2, 3, fraction) for fraction in (0.0, 0.1, 0.2)),
        *((0.4, 2, fraction) for fraction in (0.0, 0.1, 0.12)),
    ],
)
async def test_first_picture_is_the_recordings_own_where_the_one_before_is_sent_too(
    pool: WorkerPool, tmp_path: Path, gop_seconds: float, groups: int, fraction: float
) -> None:
    form = small_format(VideoCodec.H264, AudioCodec.ALAW, gop_seconds=gop_seconds)
    own = recording(20, format=form)
    own.start = own.source.key_frame_at_or_before(NOON + groups * timedelta(seconds=gop_seconds))
    error = timedelta(hours=1, seconds=fraction, microseconds=-own.start.microsecond)
    filmed = CutBySeconds(own.start, own.end, format=form, error=error)
    assert own.start.microsecond
    playback = Playback(pool, filmed.part, tmp_path / "play")
    first, second = [await load(playback, number) for number in range(2)]
    await playback.close()
    assert (first.times[0], first.filmed[0]) == (0.0, own.start)
    filmed_at = first.filmed + second.filmed
    assert all(after - before == timedelta(seconds=FRAME) for before, after in pairwise(filmed_at))


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("audio", [AudioCodec.ALAW, AudioCodec.AAC, None])
async def test_parts_follow_one_another_without_hole(
    pool: WorkerPool, tmp_path: Path, codec: VideoCodec, audio: AudioCodec | None
) -> None:
    filmed = recording(20, format=small_format(codec, audio))
    start = filmed.part.start
    playback = Playback(pool, filmed.part, tmp_path)
    segments = [await load(playback, number) for number in range(playback.plan.count)]
    await playback.close()
    times = [time for segment in segments for time in segment.times]
    taken = [instant for segment in segments for instant in segment.filmed]
    # The first picture is shown from 0 on; all others where they were filmed.
    assert times[0] == 0.0
    assert times[1:] == pytest.approx(
        [(instant - start).total_seconds() for instant in taken[1:]], abs=0.001
    )
    assert taken == [taken[0] + number * timedelta(seconds=FRAME) for number in range(len(taken))]
    for number, segment in enumerate(segments):
        assert number * SLOT <= segment.times[0] < (number + 1) * SLOT
    sound = [time for segment in segments for time in segment.sound]
    assert bool(sound) == (audio is not None)
    assert all(abs(b - a - 0.064) < 0.001 for a, b in pairwise(sound))
    assert len(filmed.fetches) == 1


async def test_jump_fetches_from_there_and_gives_the_same_parts(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    on, jump = (Playback(pool, filmed.part, tmp_path / name) for name in ("on", "jump"))
    for number in range(8):
        await on.segment(number)
    await on.close()
    for number in (6, 7):
        path = await jump.segment(number)
        assert decode_times(path) == decode_times(tmp_path / "on" / path.name)
        here, there = await load(jump, number), await load(on_disk(tmp_path / "on", filmed), number)
        assert (here.times, here.filmed) == (there.times, there.filmed)
        assert here.sound == there.sound
    assert (await jump.init()).read_bytes() == (tmp_path / "on" / "init.mp4").read_bytes()
    assert decode_times(path)[0] == round(
        (here.filmed[0] - filmed.part.start).total_seconds() * 90_000
    )
    await jump.close()
    assert filmed.fetches[1][0] == filmed.part.start + timedelta(seconds=6 * SLOT - 2)


def on_disk(folder: Path, filmed: Filmed) -> Playback:
    """Return a playback whose parts are all there."""
    return Playback(WorkerPool(), filmed.part, folder)


async def test_playing_on_is_one_transfer_and_going_back_costs_nothing(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    bounds = PlaybackBounds(read_ahead=timedelta(seconds=12))
    playback = Playback(pool, filmed.part, tmp_path, bounds=bounds)
    for number in range(20):
        await playback.segment(number)
    assert len(filmed.fetches) == 1
    for number in (3, 0, 19, 7):
        await playback.segment(number)
    assert len(filmed.fetches) == 1
    await playback.segment(90)
    assert len(filmed.fetches) == 2
    assert filmed.open == 1
    await playback.segment(91)
    await playback.segment(5)
    assert len(filmed.fetches) == 2
    await playback.close()
    assert filmed.open == 0


async def test_reading_ahead_pauses_and_then_lets_go_of_the_recorder(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    bounds = PlaybackBounds(read_ahead=timedelta(seconds=12), idle=timedelta(milliseconds=50))
    playback = Playback(pool, filmed.part, tmp_path, bounds=bounds)
    await playback.segment(0)
    while filmed.open:
        await asyncio.sleep(0.01)
    made = sorted(int(path.stem) for path in tmp_path.glob("*.m4s"))
    assert made == list(range(len(made)))
    assert 4 <= len(made) <= 7
    assert len(filmed.fetches) == 1
    # Playing on goes on where that ended.
    for number in range(len(made) + 2):
        await playback.segment(number)
    assert len(filmed.fetches) == 2
    await playback.close()


async def test_device_that_sends_all_is_read_on_to_the_place(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording(120, whole=True)
    playback = Playback(pool, filmed.part, tmp_path)
    segment = await load(playback, 20)
    assert segment.times[0] == pytest.approx(
        (segment.filmed[0] - filmed.part.start).total_seconds(), abs=0.001
    )
    # What came by is kept.
    assert (await load(playback, 3)).times[0] >= 3 * SLOT
    assert (await load(playback, 0)).times[0] == 0
    await playback.segment(27)
    assert len(filmed.fetches) == 1
    await playback.close()


async def test_cancelled_request_leaves_the_work_running(pool: WorkerPool, tmp_path: Path) -> None:
    begun = asyncio.Event()
    filmed = recording(on_chunk=lambda _: begun.set())
    playback = Playback(pool, filmed.part, tmp_path)
    asking = asyncio.create_task(playback.segment(2))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await playback.segment(2)).exists()
    assert len(filmed.fetches) == 1
    await playback.close()


async def test_part_that_takes_too_long_is_not_ready(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(whole=True)
    bounds = PlaybackBounds(wait=timedelta(milliseconds=1))
    playback = Playback(pool, filmed.part, tmp_path, bounds=bounds)
    with pytest.raises(SegmentNotReadyError):
        await playback.segment(140)
    patient = Playback(pool, filmed.part, tmp_path)
    with pytest.raises(FootageError, match="no such part"):
        await patient.segment(150)
    with pytest.raises(FootageError, match="no such part"):
        await patient.segment(-1)
    await playback.close()
    with pytest.raises(FootageError, match="closed"):
        await playback.segment(0)


async def test_several_viewers_share_a_transfer(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording()
    playback = Playback(pool, filmed.part, tmp_path)
    paths = await asyncio.gather(*(playback.segment(n) for n in (0, 1, 2, 1, 0)), playback.init())
    assert [path.name for path in paths] == [
        "0.m4s",
        "1.m4s",
        "2.m4s",
        "1.m4s",
        "0.m4s",
        "init.mp4",
    ]
    assert len(filmed.fetches) == 1
    await playback.close()


async def test_viewers_of_different_places_take_turns(pool: WorkerPool, tmp_path: Path) -> None:
    """Neither takes the recorder from the other before something came, so both get on."""
    filmed = recording()
    playback = Playback(pool, filmed.part, tmp_path)

    async def watch(first: int) -> None:
        for number in range(first, first + 10):
            await playback.segment(number)

    await asyncio.gather(watch(0), watch(90))
    assert len(filmed.fetches) <= 5
    await playback.close()
    assert filmed.open == 0


async def test_viewer_who_left_keeps_nobody_waiting(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording()
    opened = asyncio.Event()

    @asynccontextmanager
    async def fetch(start: datetime, end: datetime) -> AsyncIterator[FilmedStream]:
        if not opened.is_set():
            # The recorder thinks, until the viewer is gone.
            opened.set()
            await asyncio.Event().wait()
        async with filmed.fetch(start, end) as stream:
            yield stream

    playback = Playback(pool, replace(filmed.part, fetch=fetch), tmp_path)
    asking = asyncio.create_task(playback.segment(2))
    await opened.wait()
    jumping = asyncio.create_task(playback.segment(90))
    async with asyncio.timeout(30):
        while len(playback._waiters) < 2:
            await asyncio.sleep(0)
    assert not filmed.fetches
    asking.cancel()
    assert (await jumping).exists()
    assert len(filmed.fetches) == 1
    await playback.close()


async def test_part_that_was_removed_is_fetched_again(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording()
    playback = Playback(pool, filmed.part, tmp_path)
    before = (await playback.segment(4)).read_bytes()
    for path in tmp_path.iterdir():
        path.unlink()
    assert (await playback.segment(4)).read_bytes() == before
    assert (await playback.init()).exists()
    await playback.close()


@pytest.mark.parametrize("gop", [2.72, 10])
async def test_groups_of_pictures_that_do_not_fit_the_slots(
    pool: WorkerPool, tmp_path: Path, gop: float
) -> None:
    """A slot without a key picture is cut by time; none is empty, and all together are whole."""
    filmed = recording(60, format=small_format(gop_seconds=gop))
    playback = Playback(pool, filmed.part, tmp_path)
    starts: list[float] = []
    data = (await playback.init()).read_bytes()
    for number in range(playback.plan.count):
        data += (await playback.segment(number)).read_bytes()
        starts.append(decode_times(await playback.segment(number))[0] / 90_000)
    await playback.close()
    assert playback.longest_gop == timedelta(seconds=gop)
    assert all(n * SLOT <= start < (n + 1) * SLOT for n, start in enumerate(starts))
    with av.open(io.BytesIO(data), "r") as container:
        pictures = [
            (float(frame.time or 0), pattern_of(frame).instant)
            for frame in container.decode(video=0)
        ]
    assert len(pictures) == len({taken for _, taken in pictures})
    gaps = [b[0] - a[0] for a, b in pairwise(pictures[1:])]
    assert max(gaps) < 0.05
    # A jump to a slot in the middle of a group gives the same part.
    other = Playback(pool, filmed.part, tmp_path / "other")
    path = await other.segment(7)
    assert decode_times(path) == decode_times(tmp_path / "7.m4s")
    await other.close()


async def test_missing_sound_is_silence(pool: WorkerPool, tmp_path: Path) -> None:
    """A map that promises sound which never comes must not leave the player waiting."""
    filmed = recording(20)
    silent = [remove_sound(chunk) for chunk in bytes_of(filmed, NOON)]
    sent = Sent(lambda: silent, NOON, NOON + timedelta(seconds=20))
    playback = Playback(pool, sent.part, tmp_path)
    segments = [await load(playback, number) for number in range(5)]
    sound = [time for segment in segments for time in segment.sound]
    assert sound[0] < 0.2
    assert sound[-1] > 17
    assert all(abs(b - a - 0.064) < 0.001 for a, b in pairwise(sound))
    await playback.close()


async def test_errors_reach_the_viewer_and_the_next_request_tries_again(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    broken = True

    def fail(number: int) -> None:
        if broken and number == 1:
            raise CannotConnectError("gone")

    filmed.on_chunk = fail
    playback = Playback(pool, filmed.part, tmp_path)
    with pytest.raises(CannotConnectError):
        await playback.segment(3)
    broken = False
    assert (await playback.segment(3)).exists()
    await playback.close()


async def test_killed_worker_reaches_the_viewer(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording()
    killed: list[int] = []

    def kill(number: int) -> None:
        if number == 1 and not killed:
            killed.extend(pool.pids)
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)

    filmed.on_chunk = kill
    playback = Playback(pool, filmed.part, tmp_path)
    with pytest.raises(WorkerCrashedError):
        await playback.segment(3)
    assert (await playback.segment(3)).exists()
    await playback.close()
