"""Clips show exactly what was asked for, whatever the recorder's clock and codecs."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest

from custom_components.nvr.drivers.models import FootageClock
from custom_components.nvr.footage.clip import ClipProgress, ClipReport, make_clip
from custom_components.nvr.footage.errors import NoVideoError
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.formats import AudioCodec, VideoCodec

from .filmed import NOON, ONE_FRAME, Filmed, shown, small_format
from .sent import Sent

START = NOON + timedelta(seconds=31.37)
END = START + timedelta(seconds=7.5)
MILLISECOND = timedelta(milliseconds=1)


def recording(**values: object) -> Filmed:
    """Return a recording of two minutes that begins at an odd millisecond."""
    return Filmed(NOON + timedelta(milliseconds=437), NOON + timedelta(minutes=2), **values)  # type: ignore[arg-type]  # passed on as they are


def edits(path: Path) -> list[tuple[int, int]]:
    """Return duration and media time of the edit list of a file's first track."""
    data = path.read_bytes()
    at = data.index(b"elst") + 4
    count = int.from_bytes(data[at + 4 : at + 8])
    entries = [data[at + 8 + 12 * n : at + 20 + 12 * n] for n in range(count)]
    return [(int.from_bytes(one[:4]), int.from_bytes(one[4:8])) for one in entries]


def beeps(path: Path) -> list[float]:
    """Return when beeps begin in a file's sound, in seconds."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
        times: list[float] = []
        level = np.zeros(0)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                if not level.size:
                    times.append(float(frame.time or 0))
                level = np.concatenate([level, np.abs(piece.to_ndarray()[0].astype(float))])
    loud = np.convolve(level, np.ones(80) / 80, "same") > 1000
    rises = np.flatnonzero(loud[1:] & ~loud[:-1])
    return [times[0] + rise / 16000 for rise in rises]


def assert_exact(
    filmed: Filmed, path: Path, report: ClipReport, start: datetime, end: datetime
) -> None:
    """Check what is shown, picture by picture."""
    pictures = shown(path)
    first, last = pictures[0], pictures[-1]
    assert first == (0.0, filmed.source.frame_at_or_before(start))
    assert last[1] == filmed.source.frame_at_or_before(end - MILLISECOND)
    for (time, taken), (_, following) in pairwise(pictures):
        assert following - taken == ONE_FRAME
        assert abs(time - (taken - first[1]).total_seconds()) < 0.002
    assert report.start == first[1]
    assert report.end == end
    assert report.duration == pytest.approx((end - report.start).total_seconds(), abs=0.001)
    assert report.missing == ()


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("audio", [AudioCodec.ALAW, AudioCodec.ULAW, AudioCodec.AAC, None])
async def test_clip_shows_the_asked_span(
    pool: WorkerPool, tmp_path: Path, codec: VideoCodec, audio: AudioCodec | None
) -> None:
    filmed = recording(format=small_format(codec, audio))
    path = tmp_path / ".clip.mp4.part"
    report = await make_clip(pool, [filmed.part], START, END, path)
    assert_exact(filmed, path, report, START, END)
    assert report.exact
    assert report.video_codec == {"H.264": "h264", "H.265": "hevc"}[codec]
    assert report.audio_codec == (None if audio is None else "aac")
    assert (report.width, report.height) == (640, 352)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec_tag == (
            "hvc1" if codec is VideoCodec.H265 else "avc1"
        )
    if audio is not None:
        seconds = [NOON + timedelta(seconds=second) for second in range(120)]
        expected = [
            (second - report.start).total_seconds() for second in seconds if START < second < END
        ]
        heard = [time for time in beeps(path) if time > 0.1]
        assert heard == pytest.approx(expected, abs=0.03)


async def test_the_error_of_a_recorders_clock_does_not_cost_a_picture(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    error = timedelta(milliseconds=4)
    first = filmed.source.frame_at_or_before(START)
    beyond = filmed.source.frame_at_or_before(END)
    path = tmp_path / "clip"
    await make_clip(pool, [filmed.part], first - error, beyond + error, path)
    pictures = shown(path)
    assert pictures[0] == (0.0, first)
    assert pictures[-1][1] == beyond - ONE_FRAME


async def test_index_comes_first_and_edit_list_hides_the_lead_in(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], START, END, path)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    key = filmed.source.key_frame_at_or_before(START)
    lead_in = round((report.start - key) / MILLISECOND) * 90
    assert edits(path) == [(round(report.duration * 90_000), lead_in)]


@pytest.mark.parametrize(
    "offset", [timedelta(hours=-6, minutes=12), timedelta(hours=5, minutes=45, seconds=-13)]
)
@pytest.mark.parametrize("whole", [False, True])
async def test_clock_of_the_device_does_not_matter(
    pool: WorkerPool, tmp_path: Path, offset: timedelta, whole: bool
) -> None:
    filmed = recording(offset=lambda _: offset, offsets=(offset,), whole=whole)
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], START, END, path)
    assert_exact(filmed, path, report, START, END)
    wall = report.first_walls[0]
    assert wall is not None
    first = filmed.start if whole else START - timedelta(seconds=3)
    assert wall == (filmed.source.key_frame_at_or_before(first) + offset).replace(tzinfo=None)


@pytest.mark.parametrize("minutes", [-65, -55, -5, 5, 55, 65])
@pytest.mark.parametrize(
    "change",
    [
        datetime(2026, 3, 29, 1, tzinfo=ZoneInfo("UTC")),
        datetime(2026, 10, 25, 1, tzinfo=ZoneInfo("UTC")),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
async def test_change_of_daylight_saving_time(
    pool: WorkerPool, tmp_path: Path, minutes: int, change: datetime, whole: bool
) -> None:
    """The wall clock says an hour twice, or jumps over one; two offsets are possible then."""
    zone = ZoneInfo("Europe/Berlin")

    def offset(utc: datetime) -> timedelta:
        return (utc.astimezone(zone).utcoffset() or timedelta()) + timedelta(minutes=12)

    start = change + timedelta(minutes=minutes)
    filmed = Filmed(
        start - timedelta(seconds=20),
        start + timedelta(seconds=30),
        offset=offset,
        offsets=(timedelta(hours=1, minutes=12), timedelta(hours=2, minutes=12)),
        whole=whole,
    )
    path = tmp_path / "clip"
    end = start + timedelta(seconds=3)
    report = await make_clip(pool, [filmed.part], start, end, path)
    assert_exact(filmed, path, report, start, end)


async def test_change_of_daylight_saving_time_inside_the_clip(
    pool: WorkerPool, tmp_path: Path
) -> None:
    change = datetime(2026, 10, 25, 1, tzinfo=ZoneInfo("UTC"))
    zone = ZoneInfo("Europe/Berlin")
    filmed = Filmed(
        change - timedelta(minutes=1),
        change + timedelta(minutes=1),
        offset=lambda utc: utc.astimezone(zone).utcoffset() or timedelta(),
        offsets=(timedelta(hours=2), timedelta(hours=1)),
    )
    start, end = change - timedelta(seconds=4), change + timedelta(seconds=4)
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], start, end, path)
    assert_exact(filmed, path, report, start, end)


@pytest.mark.parametrize("whole", [False, True])
async def test_footage_without_a_clock_counts_from_the_recordings_start(
    pool: WorkerPool, tmp_path: Path, whole: bool
) -> None:
    filmed = recording(descriptor=False, whole=whole)
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], START, END, path)
    assert not report.exact
    assert report.first_walls == (None,)
    assert report.missing == ()
    pictures = shown(path)
    assert abs(pictures[0][1] - START) < timedelta(seconds=1)
    assert abs(pictures[-1][1] - END) < timedelta(seconds=1)
    # A device that cuts was asked again, from where the time is known.
    assert filmed.fetches[-1][0] == filmed.part.start or whole


async def test_stream_without_a_head(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(head=False)
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], START, END, path)
    assert_exact(filmed, path, report, START, END)
    assert report.audio_codec == "aac"


@pytest.mark.parametrize("whole", [False, True])
async def test_overlapping_recordings_join_without_seam(
    pool: WorkerPool, tmp_path: Path, whole: bool
) -> None:
    """Recordings follow one another with an overlap of a few seconds, given in any order."""
    bounds = [(0, 20), (17.3, 40), (37.8, 60)]
    parts = [
        Filmed(NOON + timedelta(seconds=a), NOON + timedelta(seconds=b), whole=whole)
        for a, b in bounds
    ]
    start, end = NOON + timedelta(seconds=10.09), NOON + timedelta(seconds=52.22)
    path = tmp_path / "clip"
    report = await make_clip(pool, [parts[2].part, parts[0].part, parts[1].part], start, end, path)
    assert_exact(parts[0], path, report, start, end)
    assert all(wall is not None for wall in report.first_walls)
    assert report.first_walls[0] > report.first_walls[1]  # type: ignore[operator]  # none of them is None


async def test_recordings_that_are_not_needed_are_not_fetched(
    pool: WorkerPool, tmp_path: Path
) -> None:
    bounds = [(-60, -30), (0, 60), (5, 50), (58, 120)]
    parts = [Filmed(NOON + timedelta(seconds=a), NOON + timedelta(seconds=b)) for a, b in bounds]
    path = tmp_path / "clip"
    start = NOON + timedelta(seconds=20)
    report = await make_clip(
        pool, [one.part for one in parts], start, start + timedelta(seconds=5), path
    )
    assert [len(one.fetches) for one in parts] == [0, 1, 0, 0]
    assert [wall is not None for wall in report.first_walls] == [False, True, False, False]


async def test_hole_between_recordings_is_skipped_and_named(
    pool: WorkerPool, tmp_path: Path
) -> None:
    one = Filmed(NOON, NOON + timedelta(seconds=20))
    two = Filmed(NOON + timedelta(seconds=60), NOON + timedelta(seconds=90))
    start, end = NOON + timedelta(seconds=10), NOON + timedelta(seconds=70)
    path = tmp_path / "clip"
    report = await make_clip(pool, [one.part, two.part], start, end, path)
    pictures = shown(path)
    last_before = max(taken for _, taken in pictures if taken < NOON + timedelta(seconds=40))
    first_after = min(taken for _, taken in pictures if taken > NOON + timedelta(seconds=40))
    assert report.missing == ((last_before + ONE_FRAME, first_after),)
    hole = first_after - last_before - ONE_FRAME
    assert report.duration == pytest.approx((end - report.start - hole).total_seconds(), abs=0.001)
    for (before, _), (after, _) in pairwise(pictures):
        assert after - before == pytest.approx(0.04, abs=0.002)
    # Sound keeps to its pictures on both sides.
    shifts = [report.start, report.start + hole]
    heard = [time for time in beeps(path) if time > 0.1]
    assert len(heard) > 15
    for time in heard:
        taken = shifts[int(time > (last_before - report.start).total_seconds())]
        fraction = (taken.microsecond / 1e6 + time) % 1
        assert min(fraction, 1 - fraction) < 0.03


async def test_what_lies_before_and_after_the_footage_is_named(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = Filmed(NOON, NOON + timedelta(seconds=20))
    start, end = NOON - timedelta(seconds=30), NOON + timedelta(seconds=60)
    path = tmp_path / "clip"
    report = await make_clip(pool, [filmed.part], start, end, path)
    pictures = shown(path)
    assert report.missing == ((start, pictures[0][1]), (pictures[-1][1] + ONE_FRAME, end))
    assert report.start == pictures[0][1]
    assert report.end == pictures[-1][1] + ONE_FRAME
    assert report.duration == pytest.approx(len(pictures) * 0.04, abs=0.001)


async def test_nothing_recorded_in_the_span(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = Filmed(NOON, NOON + timedelta(seconds=20), whole=True)
    later = NOON + timedelta(seconds=22)
    path = tmp_path / "clip"
    with pytest.raises(NoVideoError):
        await make_clip(pool, [filmed.part], later, later + timedelta(seconds=5), path)
    with pytest.raises(NoVideoError):
        await make_clip(pool, [], later, later + timedelta(seconds=5), path)
    assert not list(tmp_path.iterdir())


async def test_recording_that_sends_nothing_does_not_spoil_the_others(
    pool: WorkerPool, tmp_path: Path
) -> None:
    empty = Sent(list, NOON, NOON + timedelta(seconds=35))
    filmed = recording()
    path = tmp_path / "clip"
    report = await make_clip(pool, [empty.part, filmed.part], START, END, path)
    assert_exact(filmed, path, report, START, END)
    assert report.exact


async def test_transfer_ends_as_soon_as_the_end_is_passed(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(whole=True)
    start = NOON + timedelta(seconds=5)
    await make_clip(pool, [filmed.part], start, start + timedelta(seconds=5), tmp_path / "clip")
    stream = filmed.streams[0]
    assert stream.sent < 40 * 75_000
    assert filmed.open == 0


async def test_progress_is_told(pool: WorkerPool, tmp_path: Path) -> None:
    told: list[ClipProgress] = []
    filmed = recording()
    start = NOON + timedelta(seconds=2)
    await make_clip(
        pool,
        [filmed.part],
        start,
        start + timedelta(seconds=100),
        tmp_path / "clip",
        progress=told.append,
    )
    phases = list(dict.fromkeys(progress.phase for progress in told))
    assert phases == ["fetching", "remuxing", "verifying"]
    fractions = [progress.fraction for progress in told if progress.fraction is not None]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert told[-1].received_bytes == filmed.streams[0].sent


async def test_better_clock_is_asked_for_once_the_transfer_is_open(
    pool: WorkerPool, tmp_path: Path
) -> None:
    offset = timedelta(hours=1)
    filmed = recording(offset=lambda _: offset, offsets=(offset,))
    part = filmed.part

    open_when_asked: list[bool] = []

    def refined() -> FootageClock:
        open_when_asked.append(bool(filmed.open))
        return part.clock

    rough = replace(part.clock, offsets=(timedelta(minutes=61),))
    path = tmp_path / "clip"
    report = await make_clip(
        pool, [replace(part, clock=rough, refined_clock=refined)], START, END, path
    )
    assert open_when_asked[0]
    assert_exact(filmed, path, report, START, END)


async def test_clock_in_the_footage_that_is_days_off(pool: WorkerPool, tmp_path: Path) -> None:
    """The searched start counts then, and the driver still gets to know what the clock said."""
    off = timedelta(days=-400)
    filmed = recording(offset=lambda _: off, whole=True)
    start = NOON + timedelta(seconds=20)
    report = await make_clip(
        pool, [filmed.part], start, start + timedelta(seconds=5), tmp_path / "clip"
    )
    assert not report.exact
    assert abs(report.start - start) <= timedelta(seconds=1)
    assert report.first_walls[0] is not None
    assert report.first_walls[0].year == 2025


async def test_clip_that_fails_tells_what_the_clock_said(pool: WorkerPool, tmp_path: Path) -> None:
    """A clock that is taken for another one may be why."""
    offset = timedelta(minutes=5)
    filmed = recording(offset=lambda _: offset, whole=True)
    with pytest.raises(NoVideoError) as caught:
        await make_clip(
            pool,
            [replace(filmed.part, start=NOON - timedelta(minutes=5))],
            NOON - timedelta(minutes=4),
            NOON - timedelta(minutes=3),
            tmp_path / "clip",
        )
    (wall,) = caught.value.first_walls
    assert wall is not None
    assert abs(wall - (NOON + offset).replace(tzinfo=None)) < timedelta(seconds=4)
