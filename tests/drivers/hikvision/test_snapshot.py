"""Stills: which path, one request for many, patience with slow cameras."""

import asyncio

from aiohttp import web
import pytest

from custom_components.nvr.drivers import pictures
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    InvalidAnswerError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import Right, StreamName

from .fake_isapi import FakeIsapi, plugged, status_error

STREAMING = "/ISAPI/Streaming/channels/101/picture"
PROXY = "/ISAPI/ContentMgmt/StreamingProxy/channels/101/picture"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "RETRY_PAUSE_SECONDS", 0)


async def test_callers_at_the_same_time_share_one_request() -> None:
    fake = FakeIsapi()
    released = asyncio.Event()
    asked = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        asked.set()
        await released.wait()
        return web.Response(body=JPEG)

    fake.routes[STREAMING] = slow
    async with plugged(fake) as (driver, _):
        await driver.connect()
        callers = [asyncio.create_task(driver.snapshot(1)) for _ in range(5)]
        await asked.wait()
        # One of them loses patience; the others still get their picture.
        callers[0].cancel()
        released.set()
        pictures = await asyncio.gather(*callers[1:])
        # Nor is another taken within the second.
        assert await driver.snapshot(1) == JPEG
    assert pictures == [JPEG] * 4
    assert sum(seen.path == STREAMING for seen in fake.seen) == 1


async def test_a_second_later_it_is_a_new_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FRESH_SECONDS", 0)
    fake = FakeIsapi()
    fake.answer(STREAMING, JPEG)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await driver.snapshot(1)
        await driver.snapshot(1)
    assert sum(seen.path == STREAMING for seen in fake.seen) == 2


async def test_a_size_may_be_wished_for() -> None:
    fake = FakeIsapi()
    fake.answer("/ISAPI/Streaming/channels/102/picture", JPEG)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await driver.snapshot(1, StreamName.SUB, width=640, height=360)
    assert fake.seen[-1].path.endswith("?videoResolutionWidth=640&videoResolutionHeight=360")


async def test_the_recorders_own_path_where_the_first_is_refused() -> None:
    fake = FakeIsapi()
    fake.answer(STREAMING, status_error(6, "badXmlContent"), 400)
    fake.answer(PROXY, JPEG)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert await driver.snapshot(1) == JPEG
        assert driver.memory["snapshot_path"] == "proxy"
        fake.answer(PROXY.replace("101", "201"), JPEG)
        asked = len(fake.seen)
        assert await driver.snapshot(2) == JPEG
        assert len(fake.seen) == asked + 1


async def test_a_slow_camera_is_asked_again() -> None:
    fake = FakeIsapi()
    answers = [
        web.Response(status=500, text=status_error(3, "deviceError")),
        web.Response(status=200, text=status_error(2, "deviceBusy")),
        web.Response(body=JPEG),
    ]

    async def handler(_: web.Request) -> web.Response:
        return answers.pop(0)

    fake.routes[STREAMING] = handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert await driver.snapshot(1) == JPEG


# Marker segments with a thumbnail in them, then the scan.
PHOTOGRAPH = b"\xff\xd8\xff\xe1" + JPEG + b"\xff\xda" + bytes(100) + b"\xff\xd9"


async def test_a_picture_that_broke_off_is_asked_for_again() -> None:
    fake = FakeIsapi()
    answers = [PHOTOGRAPH[:-50], PHOTOGRAPH[:-1], PHOTOGRAPH + b"\0\r\n"]

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=answers.pop(0))

    fake.routes[STREAMING] = handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert (await driver.snapshot(1)).startswith(PHOTOGRAPH)


async def test_a_camera_that_leaves_out_the_end_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "FRESH_SECONDS", 0)
    fake = FakeIsapi()
    fake.answer(STREAMING, PHOTOGRAPH[:-2])

    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.seen.clear()
        assert await driver.snapshot(1) == PHOTOGRAPH[:-2]
        assert len(fake.seen) == 1 + pictures.RETRIES
        # From now on at once.
        assert await driver.snapshot(1) == PHOTOGRAPH[:-2]
        assert len(fake.seen) == 2 + pictures.RETRIES


async def test_a_camera_that_never_left_out_the_end_is_believed_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "FRESH_SECONDS", 0)
    fake = FakeIsapi()
    fake.answer(STREAMING, PHOTOGRAPH)

    async with plugged(fake) as (driver, _):
        await driver.connect()
        await driver.snapshot(1)
        fake.answer(STREAMING, PHOTOGRAPH[:-2])
        fake.seen.clear()
        with pytest.raises(DeviceFaultError):
            await driver.snapshot(1)
        assert len(fake.seen) == 1 + pictures.RETRIES
        assert await driver.snapshot(1) == PHOTOGRAPH[:-2]
        assert len(fake.seen) == 2 * (1 + pictures.RETRIES)


async def test_a_picture_shorter_than_announced_is_none() -> None:
    fake = FakeIsapi()

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(PHOTOGRAPH))})
        await response.prepare(request)
        await response.write(PHOTOGRAPH[:-50])
        assert request.transport is not None
        request.transport.close()
        return response

    fake.routes[STREAMING] = cut
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(DeviceBusyError):
            await driver.snapshot(1)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, status_error(3, "deviceError"), DeviceBusyError),
        (403, status_error(4, "notSupport"), NotSupportedError),
        (403, status_error(4, "lowPrivilege"), NotPermittedError),
        (200, "not a picture", InvalidAnswerError),
        (200, "", InvalidAnswerError),
    ],
)
async def test_no_picture(status: int, body: str, error: type[Exception]) -> None:
    fake = FakeIsapi()
    fake.answer(STREAMING, body, status)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(error) as caught:
            await driver.snapshot(1)
    if isinstance(caught.value, NotPermittedError):
        assert caught.value.right is Right.LIVE


async def test_closing_tells_who_waits() -> None:
    fake = FakeIsapi()
    asked, released = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        asked.set()
        await released.wait()
        return web.Response(body=JPEG)

    fake.routes[STREAMING] = slow
    async with plugged(fake) as (driver, _):
        await driver.connect()
        waiting = asyncio.create_task(driver.snapshot(1))
        await asked.wait()
        await driver.close()
        with pytest.raises(CannotConnectError):
            await waiting
        released.set()
