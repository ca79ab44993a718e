"""How far recordings reach, on devices that don't take the short way."""

from datetime import UTC, datetime, timedelta
import re
from typing import override

from aiohttp import web
import pytest

from custom_components.nvr.drivers.models import RecorderState, RecordingExtent
from custom_components.nvr.drivers.rota import REQUESTS_PER_ROUND
from tests.drivers.conftest import Clock

from .fake_isapi import (
    SEARCH,
    FakeIsapi,
    Footage,
    plugged,
    proxy_channels,
    proxy_statuses,
    status_error,
    whole,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PROXY = "/ISAPI/ContentMgmt/InputProxy/channels"
CALENDAR = "/ISAPI/ContentMgmt/record/tracks/101/dailyDistribution"


class Picky(FakeIsapi):
    """Takes no search over more than a month."""

    how = "refuse"

    @override
    async def search(self, request: web.Request) -> web.Response:
        """Search, or refuse."""
        body = (await request.read()).decode()
        first, last = (
            datetime.fromisoformat(text)
            for text in re.findall(r"<(?:start|end)Time>([^<]*)Z<", body)
        )
        if last - first <= 31 * DAY:
            return await super().search(request)
        self.searches.append(body)
        if self.how == "cut":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=400, text=status_error(6, "badXmlContent"))


def picky(*footage: Footage, how: str = "refuse", calendar: bool = True) -> Picky:
    fake = Picky(footage=list(footage))
    fake.how = how
    fake.answer(PROXY, proxy_channels(1))
    fake.answer(f"{PROXY}/status", proxy_statuses(c1="connect"))
    fake.routes[f"POST {SEARCH}"] = fake.search
    if calendar:
        fake.routes[f"POST {CALENDAR}"] = month_of(fake)  # type: ignore[assignment] # a handler
    return fake


def month_of(fake: FakeIsapi) -> object:
    """Return the handler of a calendar that goes by the footage."""

    async def handler(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        year, month = (int(text) for text in re.findall(r">(\d+)<", body))
        days = {
            entry.start.day
            for entry in fake.footage
            if (entry.start.year, entry.start.month) == (year, month)
        }
        inner = "".join(
            f"<day><dayOfMonth>{day}</dayOfMonth><record>true</record></day>" for day in days
        )
        return web.Response(
            text=f"<trackDailyDistribution><dayList>{inner}</dayList></trackDailyDistribution>"
        )

    return handler


async def polled(fake: FakeIsapi, clock: Clock, rounds: int) -> RecorderState:
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        for _ in range(rounds):
            clock.now += 60
            before = len(fake.seen)
            state = await driver.poll()
            # A kept connection that is cut is tried once more.
            assert len(fake.seen) - before <= REQUESTS_PER_ROUND + 1
    return state


@pytest.mark.parametrize("how", ["refuse", "cut"])
async def test_the_calendar_helps_where_a_wide_search_is_too_much(clock: Clock, how: str) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    oldest = wall - 100 * DAY
    fake = picky(
        Footage(oldest, oldest + HOUR),
        Footage(wall - 60 * DAY, wall - 60 * DAY + HOUR),
        Footage(wall - 3 * HOUR, wall - 2 * HOUR),
        how=how,
    )
    state = await polled(fake, clock, 40)
    assert state.extents[1] == RecordingExtent(oldest=now - 100 * DAY, newest=now - 2 * HOUR)
    # The wide search is not tried for ever.
    wide = [body for body in fake.searches if "<startTime>2000" in body]
    assert len(wide) <= 2


async def test_the_newest_by_the_calendar_where_it_is_long_ago(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    start = datetime.combine((wall - 70 * DAY).date(), datetime.min.time())
    fake = picky(Footage(start, start + HOUR))
    state = await polled(fake, clock, 40)
    assert state.extents[1] == RecordingExtent(
        oldest=start.replace(tzinfo=UTC), newest=start.replace(tzinfo=UTC) + HOUR
    )


async def test_without_a_calendar_the_newest_is_found_alone(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    fake = picky(
        Footage(wall - 100 * DAY, wall - 99 * DAY),
        Footage(wall - 3 * HOUR, wall - 2 * HOUR),
        calendar=False,
    )
    state = await polled(fake, clock, 60)
    assert state.extents[1] == RecordingExtent(oldest=None, newest=now - 2 * HOUR)
    # An hour of polling: six rounds, each a search or two, and the calendar asked for once.
    assert len(fake.searches) < 20
    assert sum(seen.path == CALENDAR for seen in fake.seen) == 1


async def test_a_channel_that_records_its_sub_stream_only(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    fake = FakeIsapi(footage=[Footage(wall - 30 * HOUR, wall - 29 * HOUR, track=102)])
    state = await polled(fake, clock, 10)
    assert state.extents[1] == RecordingExtent(oldest=now - 30 * HOUR, newest=now - 29 * HOUR)
    # Nothing is on either track.
    assert state.extents[2] == RecordingExtent()


async def test_recordings_of_other_channels_are_nobody_s_extent(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    theirs = Footage(wall - 30 * HOUR, wall - 29 * HOUR, track=201)
    fake = FakeIsapi(footage=[theirs], ignores_tracks=True)
    state = await polled(fake, clock, 10)
    assert state.extents[1] == RecordingExtent()
    assert state.extents[2] == RecordingExtent(oldest=now - 30 * HOUR, newest=now - 29 * HOUR)
    mine = Footage(wall - 28 * HOUR, wall - 27 * HOUR)
    fake = FakeIsapi(footage=[theirs, mine], ignores_tracks=True)
    state = await polled(fake, clock, 10)
    assert state.extents[1] == RecordingExtent(oldest=now - 28 * HOUR, newest=now - 27 * HOUR)


@pytest.mark.parametrize("calendar", [True, False])
async def test_the_oldest_behind_pages_of_other_channels(clock: Clock, calendar: bool) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    oldest = datetime.combine((wall - 20 * DAY).date(), datetime.min.time())
    fake = FakeIsapi(
        footage=[
            *(
                Footage(wall - 30 * DAY + n * HOUR, wall - 30 * DAY + (n + 1) * HOUR, track=201)
                for n in range(100)
            ),
            Footage(oldest, oldest + HOUR),
            Footage(wall - 3 * HOUR, wall - 2 * HOUR),
        ],
        ignores_tracks=True,
    )
    if calendar:
        mine = FakeIsapi(footage=fake.footage[100:])
        fake.routes[f"POST {CALENDAR}"] = month_of(mine)  # type: ignore[assignment] # a handler
    state = await polled(fake, clock, 20)
    # Without a calendar the device does not tell; that is not the same as nothing.
    told = oldest.replace(tzinfo=UTC) if calendar else None
    assert state.extents[1] == RecordingExtent(oldest=told, newest=now - 2 * HOUR)


async def test_the_last_form_of_search_is_found_within_the_budget(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    fake = FakeIsapi(
        footage=[Footage(wall - 3 * HOUR, wall - 2 * HOUR)],
        takes_body=lambda body: "<searchID>{" in body,
    )
    state = await polled(fake, clock, 15)
    assert state.extents[1] == RecordingExtent(oldest=now - 3 * HOUR, newest=now - 2 * HOUR)
