"""Transfers that end before the footage that their recording has."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.footage.clip import ClipReport, make_clip
from custom_components.nvr.footage.errors import NoVideoError
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import NOON, ONE_FRAME, Filmed, FilmedStream, shown, small_format

START = NOON + timedelta(seconds=31)
END = START + timedelta(seconds=8)


def half(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give the first half of what there is, up to the middle of a picture."""
    everything = b"".join(chunks)
    yield everything[: len(everything) // 2]


@dataclass
class Again:
    """Asks again, as often as a reader wants; ``judged`` is what it said of it."""

    filmed: Filmed
    due: datetime
    worth_while: bool = True
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    judged: list[bool | None] = field(default_factory=list)

    def is_worth_while(self) -> bool:
        return self.worth_while

    @asynccontextmanager
    async def fetch(self, start: datetime, end: datetime) -> AsyncIterator[FilmedStream]:
        self.asked.append((start, end))
        async with self.filmed.fetch(start, end) as stream:
            yield stream

    def judge(self, *, more: bool | None) -> None:
        self.judged.append(more)


@dataclass
class Shown:
    """A recording of two minutes whose first transfer is short, and what asking again brings."""

    first: Filmed = field(
        default_factory=lambda: Filmed(NOON, NOON + timedelta(minutes=2), transform=half)
    )
    second: Filmed = field(default_factory=lambda: Filmed(NOON, NOON + timedelta(minutes=2)))

    def __post_init__(self) -> None:
        self.again = Again(self.second, due=self.first.end)

    @property
    def part(self) -> FootagePart:
        return replace(self.first.part, again=self.again)


@pytest.fixture
def recording() -> Shown:
    return Shown()


async def clip(pool: WorkerPool, recording: Shown, path: Path) -> ClipReport:
    return await make_clip(pool, [recording.part], START, END, path)


@pytest.mark.parametrize("whole", [False, True])
async def test_the_rest_is_joined_without_a_seam(
    pool: WorkerPool, tmp_path: Path, recording: Shown, whole: bool
) -> None:
    if whole:
        # Half of it ends in the middle of the clip.
        recording.first.end = NOON + timedelta(seconds=70)
    recording.first.whole = recording.second.whole = whole
    path = tmp_path / "clip"
    report = await clip(pool, recording, path)
    assert report.missing == ()
    pictures = [taken for _, taken in shown(path)]
    source = recording.first.source
    assert pictures[0] == source.frame_at_or_before(START)
    assert pictures[-1] == source.frame_at_or_before(END - timedelta(milliseconds=1))
    assert {later - sooner for sooner, later in pairwise(pictures)} == {ONE_FRAME}
    assert recording.again.judged == [True]
    (asked,) = recording.again.asked
    # What is there already is not asked for again, but for what joins it.
    assert START - timedelta(seconds=2) < asked[0] < END


async def test_the_last_moments_are_fetched_too(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    short = b"".join(half(recording.first.chunks(START, END)))
    recording.first.transform = lambda _: iter([short])
    recording.again.worth_while = False
    ((broken, _),) = (await clip(pool, recording, tmp_path / "clip")).missing
    recording.again.worth_while = True
    # The recording goes on, so that so little is lacking is not its end.
    end = broken + timedelta(seconds=1)
    report = await make_clip(pool, [recording.part], START, end, tmp_path / "clip")
    assert report.missing == ()
    # So little says nothing where it is not found either.
    recording.second.transform = lambda _: iter(())
    report = await make_clip(pool, [recording.part], START, end, tmp_path / "clip")
    assert report.missing
    assert recording.again.judged == [True, None]


async def test_another_format_is_no_more(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.second.format = small_format(width=704, height=480)
    report = await clip(pool, recording, tmp_path / "clip")
    assert report.format_changed
    assert recording.again.judged == [False]


async def test_another_transfer_that_fails_says_nothing(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    def fail(_: Iterator[bytes]) -> Iterator[bytes]:
        raise CannotConnectError("gone")
        yield

    recording.second.transform = fail
    with pytest.raises(CannotConnectError):
        await clip(pool, recording, tmp_path / "clip")
    assert recording.again.judged == [None]


async def test_what_the_first_brought_is_kept(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.second.transform = lambda _: iter(())
    path = tmp_path / "clip"
    report = await clip(pool, recording, path)
    ((begin, end),) = report.missing
    assert START < begin < END
    assert end == END
    assert shown(path)[0][1] == recording.first.source.frame_at_or_before(START)
    assert recording.again.judged == [False]
    assert len(recording.again.asked) == 1


async def test_what_is_short_again_is_not_asked_for_a_third_time(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.second.transform = lambda chunks: islice(half(chunks), 1)
    report = await clip(pool, recording, tmp_path / "clip")
    assert report.missing
    assert len(recording.first.fetches) == 1
    assert len(recording.again.asked) == 1


async def test_a_transfer_without_pictures_is_short(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.first.transform = lambda _: iter(())
    report = await clip(pool, recording, tmp_path / "clip")
    assert report.missing == ()
    assert recording.again.judged == [True]


async def test_who_sees_no_use_in_it_is_not_asked(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.again.worth_while = False
    recording.first.transform = lambda _: iter(())
    with pytest.raises(NoVideoError):
        await clip(pool, recording, tmp_path / "clip")
    assert not recording.again.asked
    assert not recording.again.judged


async def test_what_is_not_due_is_not_asked_for(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.again.due = START + timedelta(seconds=3)
    report = await clip(pool, recording, tmp_path / "clip")
    assert report.missing
    assert not recording.again.asked


async def test_what_is_whole_is_fetched_once(
    pool: WorkerPool, tmp_path: Path, recording: Shown
) -> None:
    recording.first.transform = lambda chunks: chunks
    assert not (await clip(pool, recording, tmp_path / "clip")).missing
    assert not recording.again.asked
