"""Downloads: which verb, what comes back, and where it ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import socket
import struct

from aiohttp import web
import pytest

from custom_components.nvr.drivers import running_download as running_module
from custom_components.nvr.drivers.clock import DeviceClock, fixed_zone
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.hikvision import download as download_module
from custom_components.nvr.drivers.hikvision.download import PROGRAM_END, cut
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Right,
)

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


def sent(
    fake: FakeIsapi, words: bytes, *, content_length: int | None = None, reset: bool = False
) -> None:
    """Let the device send words and close, whatever it announced."""

    async def handler(request: web.Request) -> web.StreamResponse:
        headers = {} if content_length is None else {"Content-Length": str(content_length)}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        if words:
            await response.write(words)
        assert request.transport is not None
        if reset:
            connection = request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
        else:
            request.transport.close()
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler


async def test_the_whole_recording_where_the_device_does_not_cut(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    fake.answer(
        CAPABILITIES,
        "<DownloadAbility><isSupportDownloadbyFileName>true</isSupportDownloadbyFileName>"
        "<isSupportDownloadbyTime>false</isSupportDownloadbyTime></DownloadAbility>",
    )
    async with driver.download(recording(), START, START + MINUTE) as download:
        assert download.whole
        assert download.size_bytes == 1000
        assert download.received_bytes == 0
    assert await fetched(driver) == FOOTAGE
    body = next(seen.body for seen in fake.seen if seen.path == DOWNLOAD and seen.authorization)
    # The address goes back exactly as it came, encoded once.
    assert URI.replace("&", "&amp;").encode() in body
    assert sum(seen.path == CAPABILITIES for seen in fake.seen) == 1
    assert driver.memory["download_by_time"] is False


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, status_error(4, "lowPrivilege")), (500, status_error(3, "deviceError"))],
)
async def test_the_whole_recording_where_the_device_does_not_say_at_present(
    fake: FakeIsapi, driver: HikvisionDriver, status: int, body: str
) -> None:
    fake.answer(CAPABILITIES, body, status)
    assert await fetched(driver) == FOOTAGE
    assert "download_by_time" not in driver.memory


async def test_only_the_span_where_the_device_cuts(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    fake.answer(
        CAPABILITIES,
        "<DownloadAbility><isSupportDownloadbyTime>true</isSupportDownloadbyTime></DownloadAbility>",
    )
    async with driver.download(
        recording(size=60_000), START + 10 * MINUTE, START + 11 * MINUTE
    ) as download:
        assert not download.whole
    body = next(seen.body for seen in fake.seen if seen.path == DOWNLOAD).decode()
    assert "starttime=20260114T121000Z&amp;endtime=20260114T121101Z&amp;name=0000" in body


async def test_the_whole_recording_where_its_address_has_no_times(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    """Whoever reads it has to know that it begins with the recording."""
    fake.answer(
        CAPABILITIES,
        "<DownloadAbility><isSupportDownloadbyTime>true</isSupportDownloadbyTime></DownloadAbility>",
    )
    what = recording("rtsp://192.0.2.9/Streaming/tracks/101/?name=00000000616000000")
    for start, whole in (START + 10 * MINUTE, True), (START, False):
        async with driver.download(what, start, start + MINUTE) as download:
            assert download.whole is whole


@pytest.mark.parametrize(
    ("refused", "verb"),
    [
        ({"POST"}, "get_body"),
        ({"POST", "GET body"}, "get_query"),
    ],
)
async def test_the_verb_that_firmware_takes_is_found_and_kept(
    fake: FakeIsapi, driver: HikvisionDriver, refused: set[str], verb: str
) -> None:
    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        way = "POST" if request.method == "POST" else "GET body" if body else "GET query"
        if way in refused:
            return web.Response(status=403, text=status_error(4, "methodNotAllowed"))
        if way == "GET query":
            assert request.query["playbackURI"] == URI
        return web.Response(body=FOOTAGE)

    fake.routes[f"POST {DOWNLOAD}"] = handler
    fake.routes[f"GET {DOWNLOAD}"] = handler
    assert await fetched(driver) == FOOTAGE
    assert driver.memory["download_verb"] == verb
    asked = sum(seen.path.startswith(DOWNLOAD) for seen in fake.seen)
    assert await fetched(driver) == FOOTAGE
    assert sum(seen.path.startswith(DOWNLOAD) for seen in fake.seen) == asked + 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, status_error(4, "taskNoRecFile"), NoFootageError),
        (200, status_error(4, "lowPrivilege"), NotPermittedError),
        (503, status_error(2, "deviceBusy"), DeviceBusyError),
        (500, status_error(3, "deviceError"), DeviceBusyError),
        (200, "\r\n<html>sorry</html>", NotSupportedError),
        (200, '{"statusCode": 4, "subStatusCode": "notSupport"}', NotSupportedError),
        (200, "<", NotSupportedError),
        (404, "", NotSupportedError),
        (200, "", NotSupportedError),
    ],
)
async def test_what_is_no_footage_is_an_error(
    fake: FakeIsapi,
    driver: HikvisionDriver,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: str,
    error: type[DriverError],
) -> None:
    monkeypatch.setattr(download_module, "BUSY_PAUSES_SECONDS", (0.0,))
    fake.answer(f"POST {DOWNLOAD}", body, status)
    with pytest.raises(error) as caught:
        await fetched(driver)
    if isinstance(caught.value, NotPermittedError):
        assert caught.value.right is Right.DOWNLOAD


@pytest.mark.parametrize("status", [401, 403])
async def test_a_lock_on_the_way_ends_the_talk(
    fake: FakeIsapi, driver: HikvisionDriver, status: int
) -> None:
    lock = "<userCheck><lockStatus>lock</lockStatus><unlockTime>900</unlockTime></userCheck>"
    fake.answer(f"POST {DOWNLOAD}", lock, status)
    with pytest.raises(AccountLockedError) as caught:
        await fetched(driver)
    assert caught.value.seconds_left == 900
    assert driver.refused
    assert sum(seen.path == DOWNLOAD for seen in fake.seen) == 1


async def test_a_recording_without_an_address(driver: HikvisionDriver) -> None:
    with pytest.raises(NoFootageError):
        await fetched(driver, recording(token=""))


async def test_a_connection_that_breaks_is_an_error(
    fake: FakeIsapi, driver: HikvisionDriver
) -> None:
    sent(fake, FOOTAGE[:500], content_length=1000, reset=True)
    with pytest.raises(CannotConnectError):
        await fetched(driver)


@pytest.mark.parametrize("by_time", [True, False])
async def test_announced_too_much(
    fake: FakeIsapi, driver: HikvisionDriver, *, by_time: bool
) -> None:
    word = str(by_time).lower()
    fake.answer(CAPABILITIES, f"<D><isSupportDownloadbyTime>{word}</isSupportDownloadbyTime></D>")
    # Searched 1 % more than there is, announced far more than that.
    sent(fake, FOOTAGE[:990], content_length=200_000)
    content = b""
    what = recording(size=60_000_000 if by_time else 1000)
    async with driver.download(what, START, START + MINUTE) as download:
        async for chunk in download:
            assert not download.truncated
            content += chunk
        assert download.truncated
        assert download.whole is not by_time
    assert content == FOOTAGE[:990]


async def test_all_that_was_announced_is_not_truncated(driver: HikvisionDriver) -> None:
    async with driver.download(recording(), START, START + MINUTE) as download:
        assert b"".join([chunk async for chunk in download]) == FOOTAGE
        assert not download.truncated


@pytest.mark.parametrize(
    ("size", "end", "announced", "searched", "complete"),
    [
        (1000, b"", 2_000_000, None, False),
        (1000, b"", 20_000, None, True),
        (1000, b"", 2_000_000, 1000, True),
        (1000, PROGRAM_END, 2_000_000, None, True),
        (1_950_000, b"", 2_000_000, None, True),
        (1_800_000, b"", 2_000_000, 1_950_000, False),
    ],
)
async def test_a_device_that_falls_silent(
    fake: FakeIsapi,
    driver: HikvisionDriver,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    end: bytes,
    announced: int,
    searched: int | None,
    *,
    complete: bool,
) -> None:
    monkeypatch.setattr("custom_components.nvr.drivers.answer.BULK_IDLE_SECONDS", 0.2)
    words = bytes(size) + end
    released = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(announced)})
        await response.prepare(request)
        await response.write(words)
        await released.wait()
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler
    if complete:
        assert await fetched(driver, recording(size=searched)) == words
    else:
        with pytest.raises(CannotConnectError):
            await fetched(driver, recording(size=searched))
    released.set()


async def test_nothing_announced(fake: FakeIsapi, driver: HikvisionDriver) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(FOOTAGE)
        return response

    fake.routes[f"POST {DOWNLOAD}"] = handler
    assert await fetched(driver) == FOOTAGE


async def test_endless_footage_is_not_taken(
    fake: FakeIsapi, driver: HikvisionDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_module, "SIZE_SLACK", 0)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(100_000))

    fake.routes[f"POST {DOWNLOAD}"] = handler
    with pytest.raises(InvalidAnswerError):
        await fetched(driver)


async def test_leaving_early_frees_the_line(fake: FakeIsapi, driver: HikvisionDriver) -> None:
    fake.answer(f"POST {DOWNLOAD}", bytes(5_000_000))
    async with driver.download(recording(), START, START + MINUTE) as download:
        await anext(aiter(download))
    fake.answer(f"POST {DOWNLOAD}", FOOTAGE)
    assert await fetched(driver) == FOOTAGE


def clock(hours: int, convention: ClockConvention) -> DeviceClock:
    return DeviceClock(zone=fixed_zone(timedelta(hours=hours)), convention=convention)


@pytest.mark.parametrize(
    ("convention", "start", "end"),
    [
        (ClockConvention.UTC, "20260114T121000Z", "20260114T121131Z"),
        # Digits are local: 12:10 UTC is 13:10 there, outside what the address holds.
        (ClockConvention.WALL, "20260114T130000Z", "20260114T130000Z"),
    ],
)
def test_a_span_is_cut_in_the_digits_of_the_device(
    convention: ClockConvention, start: str, end: str
) -> None:
    found = cut(
        URI,
        START + 10 * MINUTE,
        START + 11 * MINUTE + timedelta(seconds=30.2),
        clock(1, convention),
    )
    if convention is ClockConvention.UTC:
        assert f"starttime={start}&endtime={end}&name=" in found
    else:
        assert found == URI


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("starttime=2026-01-14T12:00:00Z&endtime=2026-01-14T13:00:00Z", "2026-01-14T12:10:00Z"),
        ("starttime=20260114T120000&endtime=20260114T130000", "20260114T121000&"),
        ("starttime=20260114T120000-06:00&endtime=20260114T130000-06:00", "20260114T121000-06:00&"),
        (
            "starttime=2026-01-14T12:00:00+08:00&endtime=2026-01-14T13:00:00+08:00",
            "2026-01-14T12:10:00+08:00&",
        ),
    ],
)
def test_digits_are_written_as_the_device_writes_them(form: str, expected: str) -> None:
    found = cut(
        f"rtsp://h/t/101?{form}&name=x",
        START + 10 * MINUTE,
        START + 11 * MINUTE,
        clock(0, ClockConvention.UTC),
    )
    assert f"starttime={expected}" in found
    assert found.endswith("&name=x")


@pytest.mark.parametrize("uri", ["rtsp://h/t/101", "rtsp://h/t/101?starttime=now&endtime=then"])
def test_an_address_without_times_is_left_alone(uri: str) -> None:
    assert cut(uri, START, START + MINUTE, clock(0, ClockConvention.UTC)) == uri
