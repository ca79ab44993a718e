"""Downloads: which way, what comes back, and where it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
import socket
import struct

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers import answer as answer_module
from custom_components.nvr.drivers.answer import StalledError, UnderstatedError
from custom_components.nvr.drivers.clock import DeviceClock, parse_posix_zone
from custom_components.nvr.drivers.dahua import download as download_module
from custom_components.nvr.drivers.dahua.memory import (
    DOWNLOAD_BY_TIME,
    DOWNLOAD_WAY,
    DeviceMemory,
)
from custom_components.nvr.drivers.dahua.question import Call
from custom_components.nvr.drivers.dahua.transport import LiveTransport
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from custom_components.nvr.drivers.models import StreamName
from tests.drivers.fake_web import FakeWeb, Handler, open_ended

from .downloading import (
    CLOCK,
    FILE,
    FILE_RPC,
    FOOTAGE,
    LOAD,
    REFUSED,
    Loads,
    footage,
    frame,
    recording,
)
from .fake_files import FakeFiles
from .searching import HOUR, MINUTE, NOON, utc


@pytest.fixture
async def loads(
    fake: FakeWeb, files: FakeFiles, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Loads]:
    monkeypatch.setattr(download_module, "BUSY_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    connection = fake.connection()
    transport = LiveTransport(
        RecorderSession(connection, http, LoginGuard()), connection, DeviceMemory({})
    )
    yield Loads(fake, files, transport)
    await transport.rpc.sessions.close()


def stalled(head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5000000") -> Handler:
    return open_ended(head, b"")


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_a_part_is_cut_by_the_device(loads: Loads) -> None:
    part = footage(NOON + 10 * MINUTE)
    loads.answer(LOAD, part)
    assert await loads.fetched() == part
    # From a little before, for the key frame.
    assert loads.asked == [
        (
            f"{LOAD}?action=startLoad&channel=1&startTime=2026-07-14 12:09:55"
            "&endTime=2026-07-14 12:11:01&subtype=0"
        )
    ]
    assert loads.download is not None
    assert not loads.download.whole
    assert loads.memory.text(DOWNLOAD_WAY) == "time"
    assert loads.downloads.proven
    assert await loads.downloads.cuts_by_time()


async def test_a_part_stays_inside_its_recording(loads: Loads) -> None:
    loads.answer(LOAD, FOOTAGE)
    await loads.fetched(recording(stream=StreamName.SUB), NOON, NOON + HOUR)
    [asked] = loads.asked
    assert "startTime=2026-07-14 12:00:00&endTime=2026-07-14 12:30:00&subtype=1" in asked


async def test_a_device_that_cuts_nothing_is_remembered(loads: Loads) -> None:
    loads.answer(LOAD, FOOTAGE)
    assert await loads.fetched() == FOOTAGE
    assert loads.download is not None
    assert loads.download.whole
    assert loads.memory.flag(DOWNLOAD_BY_TIME) is False
    assert not await loads.downloads.cuts_by_time()


@pytest.mark.parametrize(
    "refusal",
    [
        (REFUSED, 400),
        (b"Error: Not Implemented!", 200),
        (b"<html>404</html>", 404),
        (b'{"result": false}', 200),
    ],
)
async def test_where_time_brings_nothing_the_file_is_fetched(
    loads: Loads, refusal: tuple[bytes, int]
) -> None:
    loads.answer(LOAD, *refusal)
    loads.answer(FILE, FOOTAGE)
    assert await loads.fetched() == FOOTAGE
    assert loads.download is not None
    assert loads.download.whole
    assert loads.download.size_bytes == len(FOOTAGE)
    assert loads.memory.text(DOWNLOAD_WAY) == "file"
    assert "%5BR%5D%5B0%400%5D" in loads.fake.logins[-1].path
    # The next begins with what worked.
    loads.fake.seen.clear()
    await loads.fetched()
    assert loads.asked == [FILE]


@pytest.mark.parametrize("passing", [(b"", 200), (b"Error", 500), (b"Resource is limited", 200)])
async def test_what_passes_is_no_reason_to_fetch_files_for_ever(
    loads: Loads, passing: tuple[bytes, int]
) -> None:
    loads.answer(LOAD, *passing)
    loads.answer(FILE, FOOTAGE)
    with suppress(DeviceBusyError):
        await loads.fetched()
    part = footage(NOON + 10 * MINUTE)
    loads.answer(LOAD, part)
    assert await loads.fetched() == part
    assert loads.memory.text(DOWNLOAD_WAY) == "time"


async def test_words_without_an_end(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "HEAD_SECONDS", 0.2)

    async def wordy(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"a ")
            await asyncio.sleep(0)

    loads.fake.routes[LOAD] = loads.fake.routes[FILE] = wordy
    with pytest.raises(DeviceFaultError):
        await loads.fetched()


async def test_a_file_that_stalls_is_cut_by_time(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "FIRST_SECONDS", 0.1)
    loads.memory.keep(DOWNLOAD_WAY, "file")
    loads.fake.routes[FILE] = stalled()
    part = footage(NOON + 10 * MINUTE)
    loads.answer(LOAD, part)
    assert await loads.fetched() == part
    assert loads.memory.text(DOWNLOAD_WAY) == "time"


async def test_all_ways_that_stall(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "FIRST_SECONDS", 0.1)
    loads.fake.routes[FILE] = loads.fake.routes[LOAD] = stalled()
    with pytest.raises(DeviceFaultError):
        await loads.fetched()


async def test_by_the_session_of_rpc2(loads: Loads) -> None:
    loads.files.rpc = True
    await loads.transport.rpc.call(Call(method="magicBox.getUpTime"))
    loads.fake.open_paths.add(FILE_RPC)
    loads.answer(FILE_RPC, FOOTAGE)
    loads.answer(LOAD, REFUSED, 400)
    loads.answer(FILE, REFUSED, 400)
    assert await loads.fetched() == FOOTAGE
    assert loads.memory.text(DOWNLOAD_WAY) == "file_rpc"
    assert not [seen for seen in loads.fake.logins if seen.path.startswith("/RPC_")]


async def test_what_is_gone_is_no_footage(loads: Loads) -> None:
    loads.fake.routes[FILE] = reset
    loads.answer(LOAD, b"")
    with pytest.raises(NoFootageError):
        await loads.fetched()


async def test_a_device_that_is_gone_is_not_asked_in_every_way(loads: Loads) -> None:
    loads.fake.routes[FILE] = loads.fake.routes[LOAD] = loads.fake.routes[FILE_RPC] = reset
    with pytest.raises(CannotConnectError):
        await loads.fetched()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (REFUSED, 400, NotSupportedError),
        (b"Authority:check failure.", 403, NotPermittedError),
        (b"Resource is limited, open video failed!", 200, DeviceBusyError),
        (b"--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--", 200, InvalidAnswerError),
        (b"--", 200, InvalidAnswerError),
    ],
)
async def test_refusals(loads: Loads, body: bytes, status: int, error: type[DriverError]) -> None:
    loads.answer(LOAD, body, status)
    loads.answer(FILE, body, status)
    with pytest.raises(error):
        await loads.fetched()
    assert not loads.downloads.proven


async def test_another_transfer_is_waited_for(loads: Loads) -> None:
    bodies = [b"Resource is limited, open video failed!"] * 2 + [footage(NOON + 10 * MINUTE)]

    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bodies.pop(0))

    loads.fake.routes[LOAD] = busy
    assert len(await loads.fetched()) == len(FOOTAGE)


async def test_one_transfer_at_a_time(loads: Loads) -> None:
    loads.answer(LOAD, footage(NOON + 10 * MINUTE))
    await asyncio.gather(*(loads.fetched() for _ in range(3)))
    assert loads.fake.most_at_once == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_in_several_parts(loads: Loads, announced: bool) -> None:
    length = f"Content-Length: {len(FOOTAGE)}\r\n" if announced else ""
    body = (
        b'--by\r\nContent-Type: application/json\r\n\r\n{"result": true}\r\n--by\r\n'
        + f"Content-Type: application/http\r\n{length}\r\n".encode()
        + FOOTAGE
        + b"\r\n--by--\r\n"
    )
    loads.answer(LOAD, REFUSED, 400)
    loads.answer(FILE, body)
    assert await loads.fetched() == FOOTAGE


async def test_a_length_that_is_too_small_loses_the_file_its_place(loads: Loads) -> None:
    loads.memory.keep(DOWNLOAD_WAY, "file")
    opened = asyncio.Event()

    async def understated(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        half = len(FOOTAGE) // 2
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {half}\r\n\r\n".encode()
        request.transport.write(head + FOOTAGE[: half - 1])
        await opened.wait()
        request.transport.write(FOOTAGE[half - 1 :])
        await asyncio.Event().wait()
        return web.Response()

    loads.fake.routes[FILE] = understated
    loads.answer(LOAD, footage(NOON + 10 * MINUTE))
    wanted = recording(), utc(NOON + 10 * MINUTE), utc(NOON + 11 * MINUTE), lambda: CLOCK
    async with loads.downloads.open(*wanted) as download:
        opened.set()
        with pytest.raises(UnderstatedError):
            _ = [chunk async for chunk in download]
    # What is cut by time announces no length.
    assert len(await loads.fetched()) == len(FOOTAGE)
    assert loads.download is not None
    assert not loads.download.whole


async def test_a_part_that_breaks_off_shows_in_its_last_frame(loads: Loads) -> None:
    part = footage(NOON + 10 * MINUTE, seconds=30)
    loads.answer(LOAD, part)
    loads.answer(FILE, FOOTAGE)
    assert await loads.fetched() == part
    assert loads.download is not None
    assert loads.download.truncated
    # Once is a moment's, twice is how the device cuts this one.
    assert await loads.fetched() == part
    assert await loads.fetched() == FOOTAGE


@pytest.mark.parametrize(("seconds", "cut"), [(30, True), (60, False)])
async def test_a_broken_connection_is_no_end_of_a_part(
    loads: Loads, seconds: int, cut: bool
) -> None:
    begin = NOON + 10 * MINUTE
    part = b"".join(frame(begin + timedelta(seconds=at), size=100) for at in range(seconds))

    async def breaking(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        await request.read()
        request.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + part)
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
        return web.Response()

    loads.fake.routes[LOAD] = breaking
    with pytest.raises(CannotConnectError) if cut else nullcontext():
        assert await loads.fetched() == part
    assert loads.download is not None
    assert loads.download.truncated is cut


@pytest.mark.parametrize("seconds", [60, 57])
async def test_a_part_ends_within_a_group_of_pictures(loads: Loads, seconds: int) -> None:
    loads.answer(LOAD, footage(NOON + 10 * MINUTE, seconds))
    for _ in range(3):
        await loads.fetched()
        assert loads.download is not None
        assert not loads.download.truncated
    assert {path.partition("?")[0] for path in loads.asked} == {LOAD}


async def test_what_is_being_written_ends_where_it_ends(loads: Loads) -> None:
    loads.answer(LOAD, footage(NOON + 10 * MINUTE))
    await loads.fetched(recording(open=True))
    assert loads.download is not None
    assert not loads.download.truncated


async def test_a_file_that_stalls_in_the_middle_loses_its_place(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_module, "BULK_IDLE_SECONDS", 0.1)
    loads.memory.keep(DOWNLOAD_WAY, "file")
    loads.fake.routes[FILE] = open_ended(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999", FOOTAGE)
    loads.answer(LOAD, footage(NOON + 10 * MINUTE))
    with pytest.raises(StalledError):
        await loads.fetched()
    await loads.fetched()
    assert loads.download is not None
    assert not loads.download.whole


async def test_a_length_that_is_too_large_is_no_failure(loads: Loads) -> None:
    loads.memory.keep(DOWNLOAD_WAY, "file")

    async def overstated(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(FOOTAGE) * 2}\r\n\r\n".encode()
        request.transport.write(head + FOOTAGE)
        request.transport.close()
        return web.Response()

    loads.fake.routes[FILE] = overstated
    assert await loads.fetched() == FOOTAGE
    assert loads.download is not None
    assert loads.download.truncated


@pytest.mark.parametrize(
    "head",
    [b"DHII" + bytes(60), b"DAHUA" + bytes(1019), b"\0\x01\x02", b"DVR FILE VERSION 1.00\r\n" * 40],
)
async def test_other_headers_are_handed_on(loads: Loads, head: bytes) -> None:
    body = head + footage(NOON + 10 * MINUTE)
    loads.answer(LOAD, body)
    assert await loads.fetched() == body


@pytest.mark.parametrize("token", ["ftp/2026/a.dav", "0/main/2026", "/mnt/../etc/passwd", "/a\nb"])
async def test_what_is_no_file_of_the_device_is_not_asked_for(loads: Loads, token: str) -> None:
    loads.answer(LOAD, REFUSED, 400)
    with pytest.raises(NotSupportedError):
        await loads.fetched(recording(token=token))
    assert [path.partition("?")[0] for path in loads.asked] == [LOAD]


async def test_digits_that_name_two_moments_are_fetched_as_a_file(loads: Loads) -> None:
    zone = parse_posix_zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")
    loads.answer(FILE, FOOTAGE)
    loads.answer(LOAD, FOOTAGE)
    # 2025-10-26, 02:30 for the second time.
    start = datetime(2025, 10, 26, 2, 30)
    wanted = recording(
        start=utc(start),
        end=utc(start + 20 * MINUTE),
        start_device="2025-10-26 02:30:00",
        end_device="2025-10-26 02:50:00",
    )
    await loads.fetched(wanted, start, start + MINUTE, DeviceClock(zone=zone))
    assert loads.asked == [FILE]
    # Only of that hour.
    assert loads.memory.text(DOWNLOAD_WAY) is None


async def test_where_the_clock_goes_back_inside_of_a_recording(loads: Loads) -> None:
    zone = parse_posix_zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")
    loads.answer(LOAD, FOOTAGE)
    # From 02:50 summer time to 02:20 winter time: half an hour.
    start = datetime(2025, 10, 26, 1, 50)
    wanted = recording(
        start=utc(start),
        end=utc(start + 30 * MINUTE),
        start_device="2025-10-26 02:50:00",
        end_device="2025-10-26 02:20:00",
        token="",
    )
    await loads.fetched(wanted, start, start + 20 * MINUTE, DeviceClock(zone=zone))
    [asked] = loads.asked
    assert "startTime=2025-10-26 02:50:00&endTime=2025-10-26 03:10:01" in asked


async def test_the_end_of_what_is_written_is_not_its_end(loads: Loads) -> None:
    loads.answer(LOAD, footage(NOON + 29 * MINUTE))
    await loads.fetched(recording(open=True), NOON + 29 * MINUTE, NOON + 31 * MINUTE)
    [asked] = loads.asked
    assert "endTime=2026-07-14 12:31:01" in asked
