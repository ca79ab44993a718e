"""A camera that was set otherwise or swapped in the middle of a recording."""

from datetime import timedelta
import io
from pathlib import Path

import av
import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.errors import FootageError
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import NOON, ONE_FRAME, shown, small_format
from .remade import coded_anew, program_stream, ticks
from .sent import Sent

SECOND = timedelta(seconds=1)
CHANGE = 10
CHANGED = NOON + timedelta(seconds=8, milliseconds=144)
"""The key picture from which on the format differs."""


OTHERWISE = (("bf", "2"), ("refs", "4"), ("profile", "main"))


def recording(*, back: bool = False) -> Sent:
    """Return a recording that changes its parameter sets after about ten seconds, and back after twenty."""
    data: list[bytes] = []
    formats = ((), OTHERWISE, ()) if back else ((), OTHERWISE)
    for number, options in enumerate(formats):
        pictures = coded_anew(NOON + number * CHANGE * SECOND, CHANGE + 2, options=options)
        if number < len(formats) - 1:
            stop = ticks(CHANGED + number * CHANGE * SECOND)
            pictures = tuple(one for one in pictures if one.pts < stop)
        data += program_stream(pictures, small_format())
    return Sent(lambda: data, end=NOON + (3 if back else 2) * CHANGE * SECOND)


async def test_clip_ends_at_the_change_and_says_so(pool: WorkerPool, tmp_path: Path) -> None:
    path = tmp_path / "clip"
    start, end = NOON + 2 * SECOND, NOON + 18 * SECOND
    report = await make_clip(pool, [recording().part], start, end, path)
    assert report.format_changed
    assert report.missing == ((report.end, end),)
    assert report.end == CHANGED
    assert shown(path)[-1][1] + ONE_FRAME == CHANGED


async def test_clip_just_before_the_end_of_the_span(pool: WorkerPool, tmp_path: Path) -> None:
    """What the recorder had, but does not fit, is missing however short it is."""
    changed = recording()
    start = NOON + 2 * SECOND
    end = CHANGED + SECOND / 2
    report = await make_clip(pool, [changed.part], start, end, tmp_path / "clip")
    assert report.format_changed
    assert report.missing == ((report.end, end),)


@pytest.mark.parametrize("begin", [9, 12, 15])
async def test_clip_after_the_change_is_whole(pool: WorkerPool, tmp_path: Path, begin: int) -> None:
    path = tmp_path / "clip"
    start, end = NOON + begin * SECOND, NOON + 18 * SECOND
    report = await make_clip(pool, [recording().part], start, end, path)
    assert not report.format_changed
    assert not report.missing
    pictures = shown(path)
    assert abs(pictures[0][1] - start) <= ONE_FRAME
    assert abs(pictures[-1][1] + ONE_FRAME - end) <= ONE_FRAME


async def test_clip_of_two_recordings_ends_where_the_second_differs(
    pool: WorkerPool, tmp_path: Path
) -> None:
    first = coded_anew(NOON, CHANGE)
    second = coded_anew(NOON + CHANGE * SECOND, CHANGE, options=OTHERWISE)
    parts = [
        Sent(
            lambda pictures=pictures: list(program_stream(pictures, small_format())),  # type: ignore[misc]  # bound at once
            start=NOON + number * CHANGE * SECOND,
            end=NOON + (number + 1) * CHANGE * SECOND,
        ).part
        for number, pictures in enumerate((first, second))
    ]
    end = NOON + 15 * SECOND
    report = await make_clip(pool, parts, NOON + 5 * SECOND, end, tmp_path / "clip")
    assert report.format_changed
    assert report.missing == ((report.end, end),)
    late = await make_clip(pool, parts, NOON + 13 * SECOND, end, tmp_path / "late")
    assert not late.format_changed
    assert not late.missing


async def test_playback_stands_still_where_the_format_differs(
    pool: WorkerPool, tmp_path: Path
) -> None:
    sent = recording(back=True)
    playback = Playback(pool, sent.part, tmp_path)
    counts = []
    for number in [*range(7), 3, 4]:
        path = await playback.segment(number)
        data = (await playback.init()).read_bytes() + path.read_bytes()
        with av.open(io.BytesIO(data), "r") as container:
            counts.append(len(list(container.decode(video=0))))
    assert [count > 1 for count in counts] == [True] * 2 + [False] * 3 + [True] * 2 + [False] * 2
    assert len(sent.streams) == 1
    await playback.close()


async def test_picture_after_the_change(pool: WorkerPool) -> None:
    instant = NOON + 15 * SECOND
    picture = await make_picture(pool, recording().part, instant)
    assert abs(picture.instant - instant) <= ONE_FRAME


async def test_format_that_changes_all_the_time(pool: WorkerPool, tmp_path: Path) -> None:
    """What is kept of each format is bounded."""
    pictures = [
        picture
        for number in range(10)
        for picture in coded_anew(NOON + number * SECOND, 1, options=(("qp", str(20 + number)),))
    ]
    sent = Sent(lambda: list(program_stream(tuple(pictures), small_format())))
    start = NOON + 20 * SECOND
    with pytest.raises(FootageError):
        await make_clip(pool, [sent.part], start, start + SECOND, tmp_path / "clip")
    assert not list(tmp_path.iterdir())
