"""Parts converted to H.264, and parts of saved clips."""

import asyncio
from datetime import datetime, timedelta
import gc
import io
from itertools import pairwise
from pathlib import Path
from unittest.mock import create_autospec

import av
import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.clip_playback import ClipPlayback
from custom_components.nvr.footage.codecs import read_codecs
from custom_components.nvr.footage.converted import ConvertedParts, Converter, Parts
from custom_components.nvr.footage.errors import (
    FootageError,
    NoVideoError,
    SegmentNotReadyError,
)
from custom_components.nvr.footage.playback import Playback, PlaybackBounds
from custom_components.nvr.footage.playlist import SlotPlan
from custom_components.nvr.footage.worker import encoder
from custom_components.nvr.footage.worker.convert_job import ConvertJob
from custom_components.nvr.footage.worker.wire import JsonObject, Wire
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.decoded import pattern_of
from simulator.footage.formats import AudioCodec, VideoCodec

from .filmed import NOON, Filmed, shown, small_format
from .played import FRAME, SLOT, load, recording

START, END = NOON + timedelta(seconds=33.33), NOON + timedelta(seconds=46.1)


async def seen(parts: Parts, number: int) -> tuple[str, list[tuple[float, datetime]], int]:
    """Return what a player sees of a part: the codec, the pictures, and how many packets of sound."""
    init, path = await parts.init(), await parts.segment(number)
    data = init.read_bytes() + path.read_bytes()
    with av.open(io.BytesIO(data), "r") as container:
        name = container.streams.video[0].codec_context.name
        pictures = [
            (float(frame.time or 0), pattern_of(frame).instant)
            for frame in container.decode(video=0)
        ]
    with av.open(io.BytesIO(data), "r") as container:
        sounds = sum(1 for packet in container.demux(audio=0) if packet.size)
    return name, pictures, sounds


async def test_converted_parts_show_what_the_copied_ones_do(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording(format=small_format(VideoCodec.H265))
    playback = Playback(pool, filmed.part, tmp_path)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    for number in (0, 1, 2):
        copied = await load(playback, number)
        name, pictures, sounds = await seen(converted, number)
        assert name == "h264"
        assert [taken for _, taken in pictures] == copied.filmed
        assert [time for time, _ in pictures] == pytest.approx(copied.times, abs=0.001)
        assert sounds == len(copied.sound) > 60
    # Nothing was fetched for it.
    assert len(filmed.fetches) == 1
    await converted.close()
    await playback.close()


async def test_converted_parts_begin_alike_wherever_a_viewer_jumps(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording(format=small_format(VideoCodec.H265))
    playback = Playback(pool, filmed.part, tmp_path)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    name, pictures, _ = await seen(converted, 100)
    assert name == "h264"
    assert pictures[0][0] == pytest.approx(100 * SLOT, abs=2)
    first = (await converted.init()).read_bytes()
    await seen(converted, 3)
    assert (await converted.init()).read_bytes() == first
    playlist = await asyncio.to_thread(read_codecs, await converted.init())
    assert playlist.video == "avc1.4d401f"
    await playback.close()


async def test_converted_part_without_key_picture_shows_all_of_its_time(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording(format=small_format(VideoCodec.H265, gop_seconds=10))
    bounds = PlaybackBounds(slot=timedelta(seconds=4))
    playback = Playback(pool, filmed.part, tmp_path, bounds=bounds)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    _, pictures, _ = await seen(converted, 4)
    times = [time for time, _ in pictures]
    assert times[0] == pytest.approx(4 * SLOT, abs=0.2)
    assert times[-1] == pytest.approx(5 * SLOT, abs=0.2)
    assert all(later - time == pytest.approx(FRAME) for time, later in pairwise(times))
    await playback.close()


@pytest.mark.parametrize("gop_seconds", [10, 16])
async def test_jump_among_long_groups_of_pictures_is_one_transfer(
    pool: WorkerPool, tmp_path: Path, gop_seconds: int
) -> None:
    filmed = recording(format=small_format(VideoCodec.H265, gop_seconds=gop_seconds))
    bounds = PlaybackBounds(slot=timedelta(seconds=4))
    playback = Playback(pool, filmed.part, tmp_path, bounds=bounds)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    # Until the length of the groups is known.
    await converted.init()
    await playback.segment(10)
    before = len(filmed.fetches)
    for count, number in enumerate((53, 81, 114), 1):
        _, pictures, _ = await seen(converted, number)
        assert pictures[0][0] == pytest.approx(number * SLOT, abs=SLOT)
        # Reading ahead may have come as far by itself.
        assert len(filmed.fetches) <= before + count
    await converted.close()
    await playback.close()


async def test_damaged_part_keeps_no_other_from_being_converted(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording(format=small_format(VideoCodec.H265))
    playback = Playback(pool, filmed.part, tmp_path)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    first = await playback.segment(0)
    await playback.segment(2)
    data = first.read_bytes()
    pictures = data.index(b"mdat") + 4
    first.write_bytes(data[:pictures] + bytes(len(data) - pictures))
    with pytest.raises(NoVideoError):
        await converted.segment(0)
    assert read_codecs(await converted.init()).widely_played
    name, _, _ = await seen(converted, 1)
    assert name == "h264"
    await converted.close()
    await playback.close()


async def test_part_beyond_the_footage_is_converted_too(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(40, format=small_format(VideoCodec.H265))
    part = filmed.part
    filmed.end -= timedelta(seconds=15)
    playback = Playback(pool, part, tmp_path)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    name, pictures, _ = await seen(converted, playback.plan.count - 1)
    assert name == "h264"
    assert len(pictures) == 1
    await playback.close()


async def test_viewers_who_leave_take_nothing_from_others(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(format=small_format(VideoCodec.H265))
    playback = Playback(pool, filmed.part, tmp_path)
    converted = ConvertedParts(Converter(pool), playback, tmp_path)
    leaving, staying = (asyncio.create_task(converted.segment(0)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).exists()
    alone = asyncio.create_task(converted.segment(1))
    await asyncio.sleep(0)
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    assert (await converted.segment(1)).exists()
    with pytest.raises(FootageError):
        await converted.segment(9999)
    await converted.close()
    await playback.close()


async def test_encoder_that_refuses_a_size_is_followed_by_the_next(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # H.263 works here, but not with pictures of any size.
    monkeypatch.setattr(encoder, "_ENCODERS", ("h263", "libx264"))
    monkeypatch.setattr(encoder, "_SOFTWARE", frozenset({"h263", "libx264"}))
    monkeypatch.setattr(encoder, "_TRIAL_SIZE", (352, 288))
    assert encoder.working_encoder() == "h263"
    filmed = recording(format=small_format(VideoCodec.H265))
    playback = Playback(pool, filmed.part, tmp_path)
    init, part = await playback.init(), await playback.segment(0)
    await playback.close()
    target, target_init = tmp_path / "target.m4s", tmp_path / "target-init.mp4"
    values: JsonObject = {
        "init": str(init),
        "parts": [str(part)],
        "target": str(target),
        "target_init": str(target_init),
        "number": 0,
        "encoder": None,
    }
    result = ConvertJob(create_autospec(Wire), values).run()
    assert result == {"whole": True, "fits": True, "encoder": "libx264"}
    with av.open(io.BytesIO(target_init.read_bytes() + target.read_bytes()), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"


class GatedParts:
    """Parts that are not there until a test says so."""

    def __init__(self, error: FootageError) -> None:
        self.plan = SlotPlan.of(timedelta(seconds=40), timedelta(seconds=4))
        self.longest_gop = timedelta()
        self.gate = asyncio.Event()
        self.asked = 0
        self.error = error

    async def init(self) -> Path:
        """Return the file that begins every part."""
        raise self.error

    async def segment(self, number: int) -> Path:
        """Return the file of a part."""
        self.asked += 1
        await self.gate.wait()
        raise self.error


async def test_failure_that_nobody_waits_for_is_no_error_in_the_log(
    pool: WorkerPool, tmp_path: Path
) -> None:
    unforeseen: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unforeseen.append(context))
    parts = GatedParts(NoVideoError("the recorder is gone"))
    converted = ConvertedParts(Converter(pool), parts, tmp_path, wait=timedelta())
    with pytest.raises(SegmentNotReadyError):
        await converted.segment(1)
    parts.gate.set()
    while len(asyncio.all_tasks()) > 1:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    assert not unforeseen
    # The next who comes learns what is the matter.
    later = ConvertedParts(Converter(pool), parts, tmp_path)
    with pytest.raises(NoVideoError):
        await later.segment(1)


async def test_nothing_is_converted_any_more_once_closed(pool: WorkerPool, tmp_path: Path) -> None:
    parts = GatedParts(NoVideoError("the recorder is gone"))
    parts.gate.set()
    converted = ConvertedParts(Converter(pool), parts, tmp_path)
    await converted.close()
    with pytest.raises(FootageError, match="closed"):
        await converted.segment(1)
    with pytest.raises(FootageError, match="closed"):
        await converted.init()
    assert not parts.asked


async def test_who_comes_after_the_last_viewer_left_has_the_part_made_anew(
    pool: WorkerPool, tmp_path: Path
) -> None:
    parts = GatedParts(NoVideoError("no picture"))
    converted = ConvertedParts(Converter(pool), parts, tmp_path)
    leaving = asyncio.create_task(converted.segment(1))
    while not parts.asked:
        await asyncio.sleep(0.001)
    leaving.cancel()
    coming = asyncio.create_task(converted.segment(1))
    await asyncio.wait([leaving])
    while parts.asked < 2:
        assert not coming.done()
        await asyncio.sleep(0.001)
    parts.gate.set()
    with pytest.raises(NoVideoError):
        await coming
    await converted.close()


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("audio", [AudioCodec.ALAW, None])
async def test_codecs_are_named_as_players_want_them(
    pool: WorkerPool, tmp_path: Path, codec: VideoCodec, audio: AudioCodec | None
) -> None:
    filmed = recording(format=small_format(codec, audio))
    playback = Playback(pool, filmed.part, tmp_path)
    codecs = read_codecs(await playback.init())
    await playback.close()
    video = {VideoCodec.H264: "avc1.42c01e", VideoCodec.H265: "hvc1.1.6.L90.90"}[codec]
    assert str(codecs) == (video if audio is None else f"{video},mp4a.40.2")
    assert codecs.widely_played is (codec is VideoCodec.H264)
    assert codecs.converted.widely_played


@pytest.mark.parametrize("converts", [False, True])
async def test_clip_in_parts_shows_what_the_clip_shows(
    pool: WorkerPool, tmp_path: Path, converts: bool
) -> None:
    filmed = Filmed(NOON, NOON + timedelta(minutes=2), format=small_format(VideoCodec.H265))
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [filmed.part], START, END, path)
    whole = shown(path)
    length = timedelta(seconds=made.duration)
    playback = ClipPlayback(pool, path, length, tmp_path / "parts")
    parts: Parts = playback
    if converts:
        parts = ConvertedParts(Converter(pool), playback, tmp_path / "parts")
    pictures: list[tuple[float, datetime]] = []
    heard = 0
    # From the end, as a viewer may who jumps.
    for number in reversed(range(playback.plan.count)):
        _, found, sounds = await seen(parts, number)
        pictures = found + pictures
        heard += sounds
    # The lead-in, which the file hides, is over in a moment.
    visible = [one for one in pictures if one[0] > 0.002 or one[1] >= made.start]
    assert [taken for _, taken in visible] == [taken for _, taken in whole]
    assert [time for time, _ in visible] == pytest.approx([time for time, _ in whole], abs=0.003)
    assert heard == pytest.approx(made.duration * 16_000 / 1024, abs=2)
    if converts:
        assert len(visible) == len(pictures)


async def test_no_sound_outlasts_the_last_picture_of_a_clip(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = Filmed(NOON, NOON + timedelta(minutes=2))
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [filmed.part], START, END, path)
    playback = ClipPlayback(pool, path, timedelta(seconds=made.duration), tmp_path / "parts")
    init, last = await playback.init(), await playback.segment(playback.plan.count - 1)
    with av.open(io.BytesIO(init.read_bytes() + last.read_bytes()), "r") as container:
        ends: dict[str, float] = {}
        for packet in container.demux():
            if packet.size and packet.pts is not None and packet.duration is not None:
                unit = packet.time_base.numerator / packet.time_base.denominator
                end = (packet.pts + packet.duration) * unit
                ends[packet.stream.type] = max(ends.get(packet.stream.type, 0), end)
    assert ends["video"] == pytest.approx(made.duration, abs=0.01)
    assert ends["video"] - 0.13 < ends["audio"] <= ends["video"] + 0.001


async def test_clip_that_is_shorter_than_its_playlist(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = Filmed(NOON, NOON + timedelta(minutes=2))
    path = tmp_path / "clip.mp4"
    await make_clip(pool, [filmed.part], START, END, path)
    playback = ClipPlayback(pool, path, timedelta(seconds=60), tmp_path / "parts")
    with pytest.raises(FootageError):
        await playback.segment(10)
    with pytest.raises(FootageError):
        await playback.segment(15)
