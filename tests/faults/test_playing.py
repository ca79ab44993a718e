"""A part of a playback that shows something else is found out, and a still is told from what is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from io import BytesIO

import av
from av.video.frame import VideoFrame
import pytest
import pytest_asyncio

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.workers import WorkerPool
from demo.recorders import RecorderChannel
from faults.playing import TOLERANCE, look
from tests.footage.filmed import NOON, Filmed

SECOND = timedelta(seconds=1)
CHANNEL = RecorderChannel(
    number=1,
    name="Door",
    online=True,
    pictures=True,
    codec="H.264",
    frame_s=1.0,
    unbroken=True,
)
WITHIN = TOLERANCE - SECOND
BEYOND = TOLERANCE + SECOND


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filmed(tmp_path_factory: pytest.TempPathFactory) -> list[VideoFrame]:
    """Return the pictures from noon on."""
    workers = WorkerPool(size=1)
    footage = Filmed(start=NOON, end=NOON + timedelta(seconds=4))
    file = tmp_path_factory.mktemp("filmed") / "clip.mp4"
    await make_clip(workers, [footage.part], NOON, NOON + timedelta(seconds=3), file)
    await workers.close()
    with av.open(file) as container:
        return list(container.decode(video=0))


def part(pictures: Sequence[VideoFrame], times: Sequence[float]) -> bytes:
    """Return a file that shows pictures at times in seconds."""
    target = BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = pictures[0].width, pictures[0].height
        for picture, time in zip(pictures, times, strict=True):
            picture.time_base = Fraction(1, 1000)
            picture.pts = round(time * 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return target.getvalue()


def moving(filmed: Sequence[VideoFrame]) -> bytes:
    return part(filmed, [number / 25 for number in range(len(filmed))])


@pytest.mark.parametrize("away", [-WITHIN, timedelta(), WITHIN])
def test_pictures_at_their_places_are_right(filmed: list[VideoFrame], away: timedelta) -> None:
    played = look(moving(filmed), NOON + away, CHANNEL)
    assert not played.all


@pytest.mark.parametrize("away", [-BEYOND, BEYOND])
def test_moving_pictures_of_another_place_are_wrong(
    filmed: list[VideoFrame], away: timedelta
) -> None:
    played = look(moving(filmed), NOON + away, CHANNEL)
    assert ["away" in one for one in played.wrong] == [True]
    assert not played.stills


def test_one_picture_of_another_place_is_a_still(filmed: list[VideoFrame]) -> None:
    still = part([filmed[0].reformat(), filmed[0].reformat()], [0.0, 1.0])
    played = look(still, NOON - BEYOND, CHANNEL)
    assert not played.wrong
    assert len(played.stills) == 1


def test_a_still_of_another_channel_is_wrong(filmed: list[VideoFrame]) -> None:
    played = look(part(filmed[:1], [0.0]), NOON - BEYOND, replace(CHANNEL, number=2))
    assert played.wrong == ["a part shows channel 1"]


def test_a_picture_that_can_not_be_read_is_damage(filmed: list[VideoFrame]) -> None:
    grey = VideoFrame(filmed[0].width, filmed[0].height, "yuv420p")
    for plane in grey.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    played = look(part([filmed[0], grey], [0.0, 1.0]), NOON, CHANNEL)
    assert played.damaged
    assert not played.wrong


def test_what_is_no_part_is_wrong() -> None:
    assert "can't be played" in look(b"nothing", NOON, CHANNEL).wrong[0]
