"""Stills: never the neighbour's, one at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
import pytest

from custom_components.nvr.drivers import pictures
from custom_components.nvr.drivers.budget import Budget
from custom_components.nvr.drivers.dahua.cgi import Cgi
from custom_components.nvr.drivers.dahua.faults import RefusedRequestError
from custom_components.nvr.drivers.dahua.memory import DeviceMemory
from custom_components.nvr.drivers.dahua.snapshot import Snapshots
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from tests.drivers.fake_web import FakeWeb, client, running

PATH = "/cgi-bin/snapshot.cgi"


def picture(index: int) -> bytes:
    """Return the picture of the channel at an index."""
    return b"\xff\xd8\xff\xda channel at %d \xff\xd9" % index


class Camera:
    """Pictures of channels, counted from ``base``, of which some are there."""

    def __init__(self, base: int, capacity: int, *there: int) -> None:
        self.base = base
        self.capacity = capacity
        self.there = there
        self.asked: list[int] = []
        self.at_once = self.most_at_once = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        number = int(request.query["channel"])
        self.asked.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        index = number - self.base
        if not 0 <= index < self.capacity or index not in self.there:
            return web.Response(status=400, text="Error\r\nBad Request!\r\n")
        return web.Response(body=picture(index), content_type="image/jpeg")


@asynccontextmanager
async def plugged(
    camera: Camera, now: Callable[[], float] = lambda: 0.0
) -> AsyncIterator[tuple[Snapshots, DeviceMemory]]:
    fake = FakeWeb()
    fake.routes[PATH] = camera.answer
    async with running(fake), client() as http:
        memory = DeviceMemory({})
        snapshots = Snapshots(
            Cgi(RecorderSession(fake.connection(), http, LoginGuard())),
            memory,
            lambda: [index + 1 for index in camera.there],
            lambda: camera.capacity,
            now,
        )
        try:
            yield snapshots, memory
        finally:
            await snapshots.close()


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(
    ("capacity", "there"),
    # The last of all is there, the first is there, both, or one that has no neighbour.
    [(4, (3,)), (4, (0, 1)), (4, (0, 3)), (1, (0,))],
)
async def test_the_right_picture_however_channels_are_counted(
    base: int, capacity: int, there: tuple[int, ...]
) -> None:
    camera = Camera(base, capacity, *there)
    async with plugged(camera) as (snapshots, memory):
        for index in there:
            assert await snapshots.fetch(index + 1) == picture(index)
        assert memory.text("snapshot_base") == str(base)
        asked = len(camera.asked)
        snapshots._shared._fresh.clear()
        await snapshots.fetch(there[0] + 1)
        # Found out once.
        assert len(camera.asked) == asked + 1


async def test_a_neighbour_is_not_shown() -> None:
    # The first is offline: by 2 who counts from 0 knows the third, whose picture would be taken for the second's.
    camera = Camera(0, 4, 1, 2)
    async with plugged(camera) as (snapshots, memory):
        assert await snapshots.fetch(2) == picture(1)
        assert memory.text("snapshot_base") == "0"


@pytest.mark.parametrize("base", [0, 1])
async def test_where_nobody_is_known_to_be_online_only_number_0_tells(base: int) -> None:
    camera = Camera(base, 4, 0, 1)
    async with plugged(camera) as (snapshots, memory):
        snapshots._online = list
        assert await snapshots.fetch(2) == picture(1)
        assert memory.text("snapshot_base") == ("0" if base == 0 else None)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("unsure", [(2,), (0,), (3,), (0, 3)])
@pytest.mark.parametrize("shown", [True, False])
async def test_a_neighbour_that_may_have_a_picture_proves_nothing(
    base: int, unsure: tuple[int, ...], shown: bool
) -> None:
    sure = tuple({0, 1, 2, 3} - {*unsure})
    camera = Camera(base, 4, *((0, 1, 2, 3) if shown else sure))
    async with plugged(camera) as (snapshots, memory):
        snapshots._online = lambda: [index + 1 for index in sure]
        snapshots._unsure = lambda: [index + 1 for index in unsure]
        for index in sure:
            assert await snapshots.fetch(index + 1) == picture(index)
        assert memory.text("snapshot_base") in (str(base), None)


async def test_what_stays_open_is_asked_again() -> None:
    camera = Camera(1, 4, 1, 2)
    async with plugged(camera) as (snapshots, memory):
        camera.there = ()
        snapshots._online = lambda: [2, 3]
        with pytest.raises(RefusedRequestError):
            await snapshots.fetch(3)
        assert memory.text("snapshot_base") is None
        camera.there = (1, 2)
        assert await snapshots.fetch(3) == picture(2)
        assert memory.text("snapshot_base") == "1"


async def test_one_at_a_time_and_a_moment_old_serves_again() -> None:
    now = [0.0]
    camera = Camera(1, 4, 0, 1, 2, 3)
    async with plugged(camera, lambda: now[0]) as (snapshots, _):
        found = await asyncio.gather(*(snapshots.fetch(number) for number in (1, 2, 3, 4, 1, 2)))
        assert found[:4] == [picture(index) for index in range(4)]
        assert camera.most_at_once == 1
        asked = len(camera.asked)
        assert asked == 5
        now[0] += 4
        await snapshots.fetch(1)
        assert len(camera.asked) == asked
        now[0] += 2
        await snapshots.fetch(1)
        assert len(camera.asked) == asked + 1


async def test_a_probe_tells_whether_a_camera_is_there() -> None:
    async with plugged(Camera(1, 4, 0)) as (snapshots, _):
        assert await snapshots.probe(1, Budget(4))
        assert not await snapshots.probe(2, Budget(4))


async def test_a_picture_that_broke_off_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "RETRY_PAUSE_SECONDS", 0)
    camera = Camera(1, 1, 0)
    bodies = [b"\xff\xd8 half", picture(0)]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=bodies.pop(0) if len(bodies) > 1 else bodies[0])

    camera.answer = answer  # type: ignore[assignment,method-assign] # another camera
    async with plugged(camera) as (snapshots, _):
        assert await snapshots.fetch(1) == picture(0)
    bodies[:] = [b"no picture"]
    async with plugged(camera) as (snapshots, _):
        with pytest.raises(DriverError):
            await snapshots.fetch(1)
