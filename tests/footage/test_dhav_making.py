"""Clips, playbacks and pictures of what came as DHAV."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.formats import AudioCodec, VideoCodec
from simulator.footage.pattern import decode_image

from .dhav_bytes import Counter, Dav, Numbers
from .filmed import NOON, ONE_FRAME, shown, small_format
from .played import assert_parts
from .test_clip import assert_exact, beeps

START = NOON + timedelta(seconds=31.37)
END = START + timedelta(seconds=7.5)


def recording(**values: object) -> Dav:
    """Return a recording of two minutes that begins at an odd millisecond."""
    return Dav(NOON + timedelta(milliseconds=437), NOON + timedelta(minutes=2), **values)  # type: ignore[arg-type]  # passed on as they are


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("audio", [AudioCodec.ALAW, AudioCodec.ULAW, AudioCodec.AAC, None])
async def test_clip_shows_the_asked_span(
    pool: WorkerPool, tmp_path: Path, codec: VideoCodec, audio: AudioCodec | None
) -> None:
    dav = recording(format=small_format(codec, audio), long=codec is VideoCodec.H265)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert_exact(dav, path, report, START, END)
    assert report.exact
    assert len(dav.fetches) == 1
    assert report.video_codec == {"H.264": "h264", "H.265": "hevc"}[codec]
    assert report.audio_codec == (None if audio is None else "aac")
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec_tag == (
            "hvc1" if codec is VideoCodec.H265 else "avc1"
        )
    if audio is not None:
        assert_beeps(path, report.start)


def assert_beeps(path: Path, start: datetime) -> None:
    """Check that the beep of each second is heard when its picture is shown."""
    seconds = [NOON + timedelta(seconds=second) for second in range(120)]
    expected = [(second - start).total_seconds() for second in seconds if START < second < END]
    assert [time for time in beeps(path) if time > 0.1] == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("counter", [Counter.LOW_BITS, Counter.FREE])
@pytest.mark.parametrize("numbers", [Numbers.ROWS, Numbers.NONE])
async def test_clip_by_a_counter_that_runs(
    pool: WorkerPool, tmp_path: Path, counter: Counter, numbers: Numbers
) -> None:
    dav = recording(counter=counter, numbers=numbers)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    pictures = shown(path)
    assert abs(pictures[0][1] - START) <= ONE_FRAME
    assert abs(pictures[-1][1] + ONE_FRAME - END) <= ONE_FRAME
    assert all(later - before == ONE_FRAME for (_, before), (_, later) in pairwise(pictures))
    assert report.exact
    assert_beeps(path, pictures[0][1])


@pytest.mark.parametrize("channel", [1, 3, 4, 5])
@pytest.mark.parametrize("into", range(0, 40, 13))
async def test_clip_is_wrong_by_one_picture_at_most(
    pool: WorkerPool, tmp_path: Path, channel: int, into: int
) -> None:
    """Dates tell when a second begins only as exactly as pictures follow one another."""
    dav = recording(counter=Counter.FREE, channel=channel, format=small_format(audio=None))
    start = NOON + timedelta(seconds=20, milliseconds=into)
    end = start + timedelta(seconds=2, milliseconds=5)
    path = tmp_path / "clip.mp4"
    await make_clip(pool, [dav.part], start, end, path)
    pictures = shown(path)
    assert abs(pictures[0][1] - start) <= ONE_FRAME
    assert abs(pictures[-1][1] + ONE_FRAME - end) <= ONE_FRAME


@pytest.mark.parametrize("late", [timedelta(seconds=-0.9), timedelta(seconds=0.9)])
async def test_sound_that_stands_before_or_behind_its_pictures(
    pool: WorkerPool, tmp_path: Path, late: timedelta
) -> None:
    dav = recording(sound_late=late)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert_exact(dav, path, report, START, END)
    assert_beeps(path, report.start)


@pytest.mark.parametrize("leading", [b"DAHUA".ljust(0x400, b"\0"), b"DHII" + bytes(9000), b"?"])
@pytest.mark.parametrize("whole", [False, True])
async def test_file_with_another_head(
    pool: WorkerPool, tmp_path: Path, leading: bytes, whole: bool
) -> None:
    dav = recording(leading=leading, trailing=b"DHAVIDX" + bytes(5000), whole=whole)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert_exact(dav, path, report, START, END)


@pytest.mark.parametrize(
    "offset", [timedelta(hours=-6, minutes=12), timedelta(hours=5, minutes=45, seconds=-13)]
)
@pytest.mark.parametrize("counter", [Counter.IN_SECOND, Counter.LOW_BITS])
async def test_clock_of_the_device_does_not_matter(
    pool: WorkerPool, tmp_path: Path, offset: timedelta, counter: Counter
) -> None:
    dav = recording(offset=lambda _: offset, offsets=(offset,), counter=counter)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert_exact(dav, path, report, START, END)
    key = dav.source.key_frame_at_or_before(START - timedelta(seconds=3))
    assert report.first_walls == ((key + offset).replace(tzinfo=None),)


async def test_clock_that_was_never_set_counts_from_the_recordings_start(
    pool: WorkerPool, tmp_path: Path
) -> None:
    dav = recording(offset=lambda utc: datetime(2000, 1, 1, tzinfo=NOON.tzinfo) - NOON)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert not report.exact
    assert abs(shown(path)[0][1] - START) < timedelta(seconds=1)
    assert dav.fetches[-1][0] == dav.part.start


@pytest.mark.parametrize("minutes", [-65, -55, -5, 0, 5, 55, 65])
@pytest.mark.parametrize("month", [3, 10])
@pytest.mark.parametrize("numbers", [Numbers.ONE_ROW, Numbers.ROWS])
async def test_night_of_a_change_of_daylight_saving_time(
    pool: WorkerPool, tmp_path: Path, minutes: int, month: int, numbers: Numbers
) -> None:
    """The wall clock says an hour twice, or jumps over one, in the middle of a group of pictures."""
    change = datetime(2026, month, 29 if month == 3 else 25, 1, tzinfo=NOON.tzinfo)
    zone = ZoneInfo("Europe/Berlin")

    def offset(utc: datetime) -> timedelta:
        return (utc.astimezone(zone).utcoffset() or timedelta()) + timedelta(minutes=12)

    start = change + timedelta(minutes=minutes, seconds=-4)
    end = start + timedelta(seconds=8)
    dav = Dav(
        start - timedelta(seconds=20),
        end + timedelta(seconds=20),
        format=small_format(gop_seconds=6),
        offset=offset,
        offsets=(timedelta(hours=1, minutes=12), timedelta(hours=2, minutes=12)),
        numbers=numbers,
        counter=Counter.IN_SECOND if minutes else Counter.LOW_BITS,
    )
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], start, end, path)
    assert_exact(dav, path, report, start, end)


@pytest.mark.parametrize("month", [3, 10])
@pytest.mark.parametrize("counter", Counter)
async def test_change_of_daylight_saving_time_inside_the_clip(
    pool: WorkerPool, tmp_path: Path, month: int, counter: Counter
) -> None:
    """A counter that runs does not notice it, one of low bits leaps with the clock."""
    change = datetime(2026, month, 29 if month == 3 else 25, 1, tzinfo=NOON.tzinfo)
    zone = ZoneInfo("Europe/Berlin")
    dav = Dav(
        change - timedelta(minutes=1),
        change + timedelta(minutes=1),
        offset=lambda utc: utc.astimezone(zone).utcoffset() or timedelta(),
        offsets=(timedelta(hours=1), timedelta(hours=2)),
        counter=counter,
    )
    start, end = change - timedelta(seconds=4), change + timedelta(seconds=4.4)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], start, end, path)
    pictures = shown(path)
    assert report.missing == ()
    assert abs(pictures[0][1] - start) <= ONE_FRAME
    assert abs(pictures[-1][1] + ONE_FRAME - end) <= ONE_FRAME
    assert all(later - before == ONE_FRAME for (_, before), (_, later) in pairwise(pictures))
    for (before, _), (after, _) in pairwise(pictures):
        assert after - before == pytest.approx(0.04, abs=0.002)


@pytest.mark.parametrize("month", [3, 10])
async def test_change_of_daylight_saving_time_at_a_key_picture(
    pool: WorkerPool, tmp_path: Path, month: int
) -> None:
    earlier = timedelta(hours=2) if month == 10 else timedelta(hours=1)
    later_on = timedelta(hours=3) - earlier
    night = datetime(2026, month, 25, 1, tzinfo=NOON.tzinfo)
    dav = Dav(
        night - timedelta(minutes=1), night + timedelta(minutes=1), offsets=(earlier, later_on)
    )
    change = dav.source.key_frame_at_or_before(night)
    dav.offset = lambda utc: earlier if utc < change else later_on
    start, end = night - timedelta(seconds=4), night + timedelta(seconds=4)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], start, end, path)
    assert_exact(dav, path, report, start, end)


async def test_clock_set_by_minutes_is_no_hole(pool: WorkerPool, tmp_path: Path) -> None:
    change = START + timedelta(seconds=3)
    dav = recording(offset=lambda utc: timedelta(minutes=12 if utc >= change else 0))
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    assert_exact(dav, path, report, START, END)


@pytest.mark.parametrize("anew", [False, True])
async def test_hole_in_one_transfer_is_skipped_and_named(
    pool: WorkerPool, tmp_path: Path, anew: bool
) -> None:
    """A transfer by time goes over several files."""
    one = Dav(NOON, NOON + timedelta(minutes=10), whole=True)
    two = replace(one, counts={"all": 50_000} if anew else one.counts)
    later = NOON + timedelta(minutes=5)
    chunks = [
        *one.chunks(NOON, NOON + timedelta(seconds=20)),
        *two.chunks(later, later + timedelta(seconds=20)),
    ]
    one.transform = lambda _: iter(chunks)
    start, end = NOON + timedelta(seconds=10), later + timedelta(seconds=5)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [one.part], start, end, path)
    pictures = shown(path)
    last = max(taken for _, taken in pictures if taken < later - timedelta(minutes=1))
    first = min(taken for _, taken in pictures if taken > last)
    assert report.missing == ((last + ONE_FRAME, first),)
    assert pictures[0][1] == one.source.frame_at_or_before(start)
    assert pictures[-1][1] == one.source.frame_at_or_before(end - timedelta(milliseconds=1))


@pytest.mark.parametrize("codec", VideoCodec)
async def test_parts_of_a_playback(pool: WorkerPool, tmp_path: Path, codec: VideoCodec) -> None:
    dav = Dav(NOON, NOON + timedelta(minutes=10), format=small_format(codec))
    dav.start = dav.source.key_frame_at_or_before(NOON + timedelta(seconds=2))
    playback = Playback(pool, dav.part, tmp_path / "parts")
    try:
        await assert_parts(playback, dav.part.start)
    finally:
        await playback.close()


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("counter", [Counter.IN_SECOND, Counter.LOW_BITS])
async def test_picture_of_an_instant(pool: WorkerPool, codec: VideoCodec, counter: Counter) -> None:
    dav = recording(format=small_format(codec), counter=counter)
    instant = NOON + timedelta(seconds=100.48)
    picture = await make_picture(pool, dav.part, instant)
    expected = dav.source.frame_at_or_before(instant)
    assert decode_image(picture.jpeg).instant == picture.instant == expected
    assert picture.exact


async def test_few_pictures_leave_a_running_counter_open(pool: WorkerPool, tmp_path: Path) -> None:
    """Which part of a second it counts from shows when the second changes, and no second does here."""
    key = NOON + timedelta(seconds=30)
    soon = key + timedelta(seconds=0.2)
    dav = recording(
        counter=Counter.FREE,
        change=lambda data, taken: data if key <= taken < soon else b"",
    )
    assert not (await make_picture(pool, dav.part, soon - ONE_FRAME)).exact
    around = key - timedelta(seconds=2), key + timedelta(seconds=2)
    assert not (await make_clip(pool, [dav.part], *around, tmp_path / "clip.mp4")).exact


async def test_clip_over_damage_lacks_what_was_lost(pool: WorkerPool, tmp_path: Path) -> None:
    hit = START + timedelta(seconds=2)

    def spoil(data: bytes, instant: datetime) -> bytes:
        return b"\xa5" * len(data) if hit <= instant < hit + timedelta(seconds=1) else data

    dav = recording(change=spoil)
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [dav.part], START, END, path)
    ((hole_start, hole_end),) = report.missing
    assert hole_start <= hit + ONE_FRAME
    assert hole_end >= hit + timedelta(seconds=1)
    assert hole_end == dav.source.key_frame_at_or_before(hole_end)
    assert all(not hole_start < taken < hole_end for _, taken in shown(path))
