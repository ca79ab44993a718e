"""How far recordings reach, in a few requests a round."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.budget import Budget, BudgetSpentError
from custom_components.nvr.drivers.dahua.extents import OLDEST_SECONDS, Extents
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import RecordingExtent

from .fake_files import File, blocks
from .searching import DAY, HOUR, MINUTE, Device, digits, utc

# A search, with the login that comes first, takes no more rounds than this by far.
MANY = 60


class Rounds:
    """Goes on in rounds of polling."""

    def __init__(self, device: Device, channels: tuple[int, ...] = (1, 2)) -> None:
        self.found: dict[int, RecordingExtent] = {}
        self.device = device
        self.now = 0.0
        self.recording: set[int] = set()
        self.extents = Extents(
            device.searches.asking,
            lambda: device.clock,
            lambda: channels,
            self.found,
            recording=lambda number: number in self.recording,
            now=lambda: self.now,
        )

    async def all(self, requests: int = 3) -> int:
        """Go on to the end; return how many rounds that took."""
        for number in range(1, MANY):
            budget = Budget(requests)
            try:
                await self.extents.go_on(budget)
            except BudgetSpentError:
                continue
            return number
        raise AssertionError("no end")


@pytest.fixture
async def rounds(device: Device) -> AsyncIterator[Rounds]:
    made = Rounds(device)
    yield made
    await made.extents.close()


def now() -> datetime:
    """Return now in digits."""
    return digits(datetime.now(UTC).replace(microsecond=0))


@pytest.mark.parametrize("rpc", [False, True])
@pytest.mark.parametrize("back", [timedelta(minutes=5), 3 * DAY, 200 * DAY])
async def test_oldest_and_newest(rounds: Rounds, rpc: bool, back: timedelta) -> None:
    files = rounds.device.files
    files.rpc = rpc
    last = now() - back
    files.files = blocks(last - 48 * 30 * MINUTE, 48)
    assert await rounds.all() > 3
    assert rounds.found[1] == RecordingExtent(oldest=utc(last - DAY), newest=utc(last))
    assert rounds.found[2] == RecordingExtent()
    # Again: the oldest is overwritten, the newest grows.
    files.files = [*files.files[1:], File(last, last + MINUTE)]
    await rounds.all()
    assert rounds.found[1] == RecordingExtent(oldest=utc(last - DAY), newest=utc(last + MINUTE))
    rounds.now += OLDEST_SECONDS
    await rounds.all()
    assert rounds.found[1] == RecordingExtent(
        oldest=utc(last - DAY + 30 * MINUTE), newest=utc(last + MINUTE)
    )


async def test_what_is_being_recorded_reaches_until_now_without_asking(rounds: Rounds) -> None:
    rounds.recording = {1, 2}
    with pytest.raises(BudgetSpentError):
        await rounds.extents.go_on(Budget(0))
    for number in (1, 2):
        newest = rounds.found[number].newest
        assert newest is not None
        assert abs(newest - datetime.now(UTC)) < MINUTE
    files = rounds.device.files
    files.files = blocks(now() - 5 * HOUR, 9)
    asked = await rounds.all()
    assert rounds.found[1].oldest == utc(files.files[0].start)
    # Found once: now nothing of it costs a request.
    assert await rounds.all() < asked


async def test_the_newest_is_not_in_the_future(rounds: Rounds) -> None:
    rounds.device.files.files = [File(now() - HOUR, now() + HOUR)]
    await rounds.all()
    newest = rounds.found[1].newest
    assert newest is not None
    assert abs(newest - datetime.now(UTC)) < MINUTE


async def test_who_sorts_as_it_likes_is_looked_through(rounds: Rounds) -> None:
    files = rounds.device.files
    files.rpc, files.sorts = True, False
    files.files = blocks(now() - 5 * HOUR, 9)
    await rounds.all()
    assert rounds.found[1].newest == utc(files.files[-1].end)


async def test_in_which_order_files_come_shows_over_short_pages(rounds: Rounds) -> None:
    files = rounds.device.files
    files.rpc, files.sorts, files.page = True, False, 1
    files.files = blocks(now() - 5 * HOUR, 9)
    await rounds.all()
    assert rounds.found[1].newest == utc(files.files[-1].end)


@pytest.mark.parametrize("beside", [{"type": "jpg"}, {"stream": "Extra1"}])
async def test_what_is_beside_the_first_recording_does_not_hide_it(
    rounds: Rounds, beside: dict[str, str]
) -> None:
    start = now() - HOUR
    moments = [start - (30 - minute) * MINUTE for minute in range(12)]
    others = [File(moment, moment + MINUTE, **beside) for moment in moments]  # type: ignore[arg-type] # given by name
    rounds.device.files.files = [*others, File(start, start + MINUTE)]
    await rounds.all()
    assert rounds.found[1] == RecordingExtent(oldest=utc(start), newest=utc(start + MINUTE))
    assert await rounds.device.searches.exists(1, utc(start - HOUR), utc(start + HOUR))


async def test_some_record_the_sub_stream_only(rounds: Rounds) -> None:
    start = now() - HOUR
    rounds.device.files.files = [File(start, start + MINUTE, stream="Extra1")]
    await rounds.all()
    assert rounds.found[1] == RecordingExtent(oldest=utc(start), newest=utc(start + MINUTE))


async def test_a_channel_that_fails_does_not_stop_the_others(rounds: Rounds) -> None:
    rounds.device.files.files = blocks(now() - HOUR, 1, channel=1)
    rounds.device.files.cgi = False
    await rounds.all()
    assert rounds.found == {}


async def test_what_is_open_when_all_ends_is_ended(rounds: Rounds) -> None:
    rounds.device.files.files = blocks(now() - HOUR, 2)
    while not rounds.device.files.searches:
        with pytest.raises(BudgetSpentError):
            await rounds.extents.go_on(Budget(3))
    await rounds.extents.close()
    await rounds.device.searches.close()
    assert not rounds.device.files.searches


async def test_nothing_new_is_begun_then(rounds: Rounds) -> None:
    await rounds.extents.close()
    with pytest.raises(CannotConnectError):
        await rounds.extents.go_on(Budget(10))
    assert not rounds.device.files.calls


async def test_a_round_that_is_cancelled_ends_without_another(rounds: Rounds) -> None:
    rounds.device.files.files = blocks(now() - HOUR, 2)
    while not rounds.device.files.searches:
        with pytest.raises(BudgetSpentError):
            await rounds.extents.go_on(Budget(3))
    # As when Home Assistant stops, which unloads nobody.
    walking = rounds.extents._walking
    assert walking is not None
    walking.cancel()
    await asyncio.wait({walking}, timeout=10)
    assert walking.cancelled()
    assert not rounds.device.files.searches
