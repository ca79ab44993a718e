"""A picture of any instant, from few bytes."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
import io
from pathlib import Path

from PIL import Image
import pytest

from custom_components.nvr.drivers.errors import DeviceBusyError
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.errors import InvalidFootageError, NoVideoError
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.formats import VideoCodec
from simulator.footage.pattern import decode_image

from .filmed import NOON, Filmed, small_format
from .played import bytes_of
from .sent import Sent


def recording(**values: object) -> Filmed:
    """Return a recording of ten minutes."""
    return Filmed(NOON, NOON + timedelta(minutes=10), **values)  # type: ignore[arg-type]  # passed on as they are


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("seconds", [0, 0.03, 100.48, 333.333, 599.2])
async def test_picture_shows_the_instant(
    pool: WorkerPool, codec: VideoCodec, seconds: float
) -> None:
    filmed = recording(format=small_format(codec, bitrate_kbps=4000))
    instant = NOON + timedelta(seconds=seconds)
    picture = await make_picture(pool, filmed.part, instant)
    expected = filmed.source.frame_at_or_before(instant)
    assert decode_image(picture.jpeg).instant == picture.instant == expected
    # Not more than the group of pictures and the beginning of the next.
    assert filmed.streams[0].sent <= 5 * 1_000_000
    assert filmed.open == 0


@pytest.mark.parametrize(("error", "begins_after_by"), [(0.02, 0.015), (0.3, 0.019), (0, 0.004)])
async def test_a_picture_that_begins_within_the_clocks_error_is_on_screen(
    pool: WorkerPool, tmp_path: Path, error: float, begins_after_by: float
) -> None:
    filmed = recording()
    clock = replace(filmed.part.clock, error=timedelta(seconds=error))
    part = replace(filmed.part, clock=clock)
    for seconds in (1, 7.28):
        first = filmed.source.frame_at_or_before(NOON + timedelta(seconds=seconds))
        instant = first - timedelta(seconds=begins_after_by)
        assert (await make_picture(pool, part, instant)).instant == first
        # Half a picture's time is the most.
        sooner = first - timedelta(seconds=0.021)
        before = first - timedelta(seconds=0.04)
        assert (await make_picture(pool, part, sooner)).instant == before
        clip = await make_clip(
            pool, [part], instant, instant + timedelta(seconds=2), tmp_path / "clip.mp4"
        )
        assert clip.start == first


async def test_a_recorder_whose_time_is_hardly_known_makes_no_exact_picture(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = recording()
    coarse = replace(filmed.part, clock=replace(filmed.part.clock, error=None))
    assert (await make_picture(pool, filmed.part, NOON)).exact
    assert not (await make_picture(pool, coarse, NOON)).exact
    span = (NOON, NOON + timedelta(seconds=2))
    assert not (await make_clip(pool, [coarse], *span, tmp_path / "clip.mp4")).exact


async def test_picture_is_scaled_down_but_not_up(pool: WorkerPool) -> None:
    filmed = recording()
    for asked, size in (
        (320, (320, 176)),
        (333, (332, 184)),
        (2000, (640, 352)),
        (None, (640, 352)),
    ):
        picture = await make_picture(pool, filmed.part, NOON, width=asked)
        with Image.open(io.BytesIO(picture.jpeg)) as image:
            assert image.format == "JPEG"
            assert image.size == size


async def test_device_that_sends_all_gives_the_nearest_in_few_bytes(pool: WorkerPool) -> None:
    filmed = recording(whole=True)
    few = 1 << 20
    near = await make_picture(pool, filmed.part, NOON + timedelta(seconds=4), max_bytes=few)
    assert near.instant == filmed.source.frame_at_or_before(NOON + timedelta(seconds=4))
    far = await make_picture(pool, filmed.part, NOON + timedelta(minutes=8), max_bytes=few)
    assert NOON < far.instant < NOON + timedelta(minutes=1)
    assert decode_image(far.jpeg).instant == far.instant
    assert filmed.streams[1].sent < 3 << 20


async def test_device_that_sends_all_gives_the_very_instant_to_who_has_patience(
    pool: WorkerPool,
) -> None:
    filmed = recording(whole=True)
    instant = NOON + timedelta(minutes=2, seconds=1.29)
    picture = await make_picture(pool, filmed.part, instant, max_bytes=None)
    assert picture.instant == filmed.source.frame_at_or_before(instant)
    assert decode_image(picture.jpeg).instant == picture.instant


async def test_the_transfer_begins_as_much_earlier_as_is_asked(pool: WorkerPool) -> None:
    filmed = recording()
    instant = NOON + timedelta(seconds=30)
    picture = await make_picture(pool, filmed.part, instant, lead=timedelta(seconds=8))
    assert picture.instant == filmed.source.frame_at_or_before(instant)
    assert picture.exact
    [(begin, _)] = filmed.fetches
    assert begin == instant - timedelta(seconds=8)
    assert picture.first_wall is not None


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
async def test_cut_bytes_never_give_a_broken_picture(pool: WorkerPool, share: float) -> None:
    filmed = recording()

    def cut(chunks: Iterator[bytes]) -> Iterator[bytes]:
        head, gop = next(chunks), next(chunks)
        yield head
        yield gop[: int(len(gop) * share)]

    filmed.transform = cut
    picture = await make_picture(pool, filmed.part, NOON + timedelta(seconds=1.5))
    assert decode_image(picture.jpeg).instant == picture.instant


async def test_key_picture_cut_short_is_no_picture(pool: WorkerPool) -> None:
    filmed = recording()
    sent = Sent(lambda: [b"".join(bytes_of(filmed, NOON))[:600]])
    with pytest.raises(NoVideoError):
        await make_picture(pool, sent.part, NOON)


async def test_what_can_not_be_a_picture(pool: WorkerPool) -> None:
    with pytest.raises(NoVideoError):
        await make_picture(pool, Sent(list).part, NOON)
    with pytest.raises(InvalidFootageError):
        await make_picture(pool, Sent(lambda: [b"\1" * 65_536] * 200).part, NOON)
    with pytest.raises(DeviceBusyError):
        await make_picture(pool, Sent(list, error=DeviceBusyError("busy")).part, NOON)


async def test_pictures_of_one_recorder_at_the_same_time(pool: WorkerPool) -> None:
    filmed = recording()
    share = pool.share("recorder")
    instants = [NOON + timedelta(seconds=20 * number) for number in range(12)]
    pictures = await asyncio.gather(*(make_picture(share, filmed.part, one) for one in instants))
    assert [one.instant for one in pictures] == [
        filmed.source.frame_at_or_before(instant) for instant in instants
    ]
    assert len(pool.pids) <= 8
