"""Downloads of devices that want to be asked in their own way, are busy, or do other than they say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from time import monotonic

from aiohttp import web
import pytest

from custom_components.nvr.drivers import (
    answer as answer_module,
    running_download as running_module,
)
from custom_components.nvr.drivers.answer import UnderstatedError
from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.hikvision import download as download_module
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from tests.drivers.fake_web import Seen, open_ended

from .downloading import CAPABILITIES, FOOTAGE, MINUTE, START, URI, fetched, recording
from .fake_isapi import DOWNLOAD, FakeIsapi, plugged, status_error


@pytest.fixture
def fake() -> FakeIsapi:
    """Return a device that sends footage to whoever posts."""
    device = FakeIsapi()
    device.answer(f"POST {DOWNLOAD}", FOOTAGE)
    return device


@pytest.fixture
async def driver(fake: FakeIsapi) -> AsyncIterator[HikvisionDriver]:
    async with plugged(fake) as (driver, _):
        await driver.connect()
        yield driver


@pytest.mark.parametrize(
    ("takes", "verb", "address"),
    [
        (lambda seen: "token=T1" in seen.path and seen.method == "POST", "post_token", "as_found"),
        (lambda seen: "token=T1" in seen.path and not seen.body, "get_query_token", "as_found"),
        (lambda seen: b"hikvision.com" in seen.body, "post_hikvision", "as_found"),
        (
            lambda seen: seen.path.startswith("/PSIA/Custom/SelfExt") and b":80/" not in seen.body,
            "get_psia",
            "as_found",
        ),
        (lambda seen: seen.path == "/ContentMgmt/download", "post_old", "as_found"),
        (lambda seen: seen.method == "PUT", "put", "as_found"),
        (lambda seen: seen.method == "GET" and b"Z</play" in seen.body, "get_body", "times"),
        (lambda seen: b"?name=0" in seen.body and b"time=" not in seen.body, "post", "name"),
        (lambda seen: seen.path.startswith("/ISAPI/Streaming"), "streaming", "as_found"),
    ],
)
async def test_every_way_to_ask_is_found_once_and_kept(
    fake: FakeIsapi,
    driver: HikvisionDriver,
    takes: Callable[[Seen], bool],
    verb: str,
    address: str,
) -> None:
    fake.answer("/ISAPI/Security/token", '{"Token": {"value": "T1"}}')

    async def handler(request: web.Request) -> web.Response:
        if takes(fake.seen[-1]):
            return web.Response(body=FOOTAGE)
        return web.Response(status=400, text=status_error(6, "badXmlContent"))

    for path in (DOWNLOAD, "/ContentMgmt/download", "/ISAPI/Streaming/channels/download"):
        for method in ("GET", "POST", "PUT"):
            fake.routes[f"{method} {path}"] = handler
    fake.routes["/PSIA/Custom/SelfExt/ContentMgmt/download"] = handler
    assert await fetched(driver) == FOOTAGE
    assert (driver.memory["download_verb"], driver.memory["download_address"]) == (verb, address)
    asked = len(fake.seen)
    assert await fetched(driver) == FOOTAGE
    assert len(fake.seen) == asked + (2 if "token" in verb else 1)


async def test_a_right_that_is_wanting_may_be_a_token(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    fake.answer("/ISAPI/Security/token", '{"Token": {"value": "T1"}}')

    async def handler(request: web.Request) -> web.Response:
        if "token=T1" in request.path_qs:
            return web.Response(body=FOOTAGE)
        return web.Response(status=403, text=status_error(4, "lowPrivilege"))

    fake.routes[f"POST {DOWNLOAD}"] = handler
    assert await fetched(driver) == FOOTAGE
    assert driver.memory["download_verb"] == "post_token"


async def test_a_download_that_is_longer_than_announced_is_not_taken_for_whole(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    opened = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n"
        request.transport.write(head + FOOTAGE[:100])
        await opened.wait()
        request.transport.write(FOOTAGE[100:])
        request.transport.close()
        return web.Response()

    fake.routes[f"POST {DOWNLOAD}"] = handler
    async with driver.download(recording(), START, START + MINUTE) as download:
        opened.set()
        with pytest.raises(UnderstatedError):
            _ = [chunk async for chunk in download]


async def test_a_way_that_stops_working_is_looked_for_again_once(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    await fetched(driver)
    fake.answer(f"POST {DOWNLOAD}", status_error(4, "methodNotAllowed"), 403)
    fake.answer(f"GET {DOWNLOAD}", FOOTAGE)
    assert await fetched(driver) == FOOTAGE
    fake.answer(f"GET {DOWNLOAD}", status_error(4, "methodNotAllowed"), 403)
    with pytest.raises(NotSupportedError):
        await fetched(driver)
    asked = sum("download" in seen.path for seen in fake.seen)
    with pytest.raises(NotSupportedError):
        await fetched(driver)
    assert sum("download" in seen.path for seen in fake.seen) == asked + 1


@pytest.mark.parametrize("status", [400, 403])
async def test_a_device_without_downloads_is_asked_in_all_ways_for_two_recordings(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeIsapi()
    body = (
        status_error(6, "badXmlContent") if status == 400 else status_error(4, "methodNotAllowed")
    )
    for path in (DOWNLOAD, "/ContentMgmt/download"):
        fake.answer(path, body, status)
    async with plugged(fake) as (driver, _):
        await driver.connect()

        async def asked(token: str) -> int:
            fake.seen.clear()
            with pytest.raises(NotSupportedError):
                await fetched(driver, recording(token))
            return sum("ownload" in seen.path for seen in fake.seen)

        other, third = (URI.replace("name=0", f"name={digit}") for digit in "12")
        assert await asked(URI) > 2
        assert await asked(URI) == 0
        # It may have been that recording.
        assert await asked(other) > 2
        assert await asked(third) == 0
        monkeypatch.setattr(download_module, "monotonic", lambda: monotonic() + 3601)
        assert await asked(third) > 2


async def test_a_busy_device_is_asked_again(
    fake: FakeIsapi, driver: HikvisionDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "BUSY_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    answers = [
        web.Response(status=503, text=status_error(2, "deviceBusy")),
        web.Response(status=200, text=status_error(2, "deviceBusy")),
        web.Response(status=503),
        web.Response(body=FOOTAGE),
    ]

    async def handler(_: web.Request) -> web.Response:
        return answers.pop(0)

    fake.routes[f"POST {DOWNLOAD}"] = handler
    assert await fetched(driver) == FOOTAGE


def at_wall(wall: datetime, size: int) -> bytes:
    """Return so many bytes of a program stream whose first map says when it was filmed."""
    bits = wall.month << 36 | wall.day << 31 | wall.hour << 26 | wall.minute << 20
    bits |= wall.second << 14 | 1 << 13 | 7
    descriptor = b"\x40\x0eHK\0\1" + bytes([wall.year - 2000]) + bits.to_bytes(5) + bytes(4)
    head = b"IMKH" + bytes(36) + b"\x00\x00\x01\xbc\x00\x20\xe0\xff\x00\x10" + descriptor
    return head + bytes(size - len(head))


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("lies", [True, False])
async def test_a_device_that_only_says_that_it_cuts(
    fake: FakeIsapi, driver: HikvisionDriver, *, announced: bool, lies: bool
) -> None:
    fake.answer(CAPABILITIES, "<D><isSupportDownloadbyTime>true</isSupportDownloadbyTime></D>")
    began = START if lies else START + 9 * MINUTE + timedelta(seconds=50)
    content = at_wall(began, 60_000 if lies else 2000)

    async def handler(request: web.Request) -> web.StreamResponse:
        if announced:
            return web.Response(body=content)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(content)
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler
    what = recording(size=60_000)
    async with driver.download(what, START + 10 * MINUTE, START + 11 * MINUTE) as download:
        assert download.whole is lies
        assert b"".join([chunk async for chunk in download]) == content
    assert driver.memory["download_by_time"] is not lies


async def test_silence_after_the_end_is_short(
    fake: FakeIsapi, driver: HikvisionDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_module, "SETTLED_SECONDS", 0.01)
    released = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(FOOTAGE)
        await released.wait()
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler
    # All that the search said is there; the connection stays open.
    assert await fetched(driver) == FOOTAGE
    released.set()


async def test_silence_where_nobody_said_how_much_there_is(
    fake: FakeIsapi, driver: HikvisionDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.drivers.answer.BULK_IDLE_SECONDS", 0.1)
    released = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(FOOTAGE)
        await released.wait()
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler
    async with driver.download(recording(size=None), START, START + MINUTE) as download:
        assert b"".join([chunk async for chunk in download]) == FOOTAGE
        # Whether anything is missing is for the footage to say.
        assert download.truncated
    released.set()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (b"403 Forbidden", status_error(4, "methodNotAllowed").encode()),
        (b"404 Not Found", b""),
        (b"200 OK", status_error(4, "notSupport").encode()),
    ],
)
async def test_a_refusal_without_an_end_leads_to_the_next_way(
    fake: FakeIsapi,
    driver: HikvisionDriver,
    monkeypatch: pytest.MonkeyPatch,
    status: bytes,
    body: bytes,
) -> None:
    monkeypatch.setattr(download_module, "REFUSAL_IDLE_SECONDS", 0.05)
    monkeypatch.setattr(answer_module, "BULK_IDLE_SECONDS", 1.0)
    fake.routes[f"POST {DOWNLOAD}"] = open_ended(b"HTTP/1.1 " + status, body)
    fake.answer(f"GET {DOWNLOAD}", FOOTAGE)
    assert await fetched(driver) == FOOTAGE
