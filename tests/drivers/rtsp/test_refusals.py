"""What RTSP servers refuse or answer wrongly."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.nvr.drivers import rtsp_sessions as rtsp_sessions_module
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import Right
from custom_components.nvr.drivers.rtsp import connection as connection_module
from custom_components.nvr.drivers.rtsp.session import playing
from custom_components.nvr.drivers.rtsp_sessions import first_of

from .scripted_server import ScriptedServer, answer, frame, rtp
from .steps import PACKETS, SILENCE, Connect, played, set_up, start


@pytest.mark.parametrize(
    ("method", "status", "error"),
    [
        ("DESCRIBE", "403 Forbidden", NotPermittedError),
        ("DESCRIBE", "404 Not Found", NoFootageError),
        ("DESCRIBE", "454 Session Not Found", NoFootageError),
        ("PLAY", "454 Session Not Found", CannotConnectError),
        ("PLAY", "457 Invalid Range", NoFootageError),
        ("SETUP", "453 Not Enough Bandwidth", DeviceBusyError),
        ("SETUP", "461 Unsupported Transport", NotSupportedError),
        ("SETUP", "500 Internal Server Error", DeviceBusyError),
        ("DESCRIBE", "503 Service Unavailable", DeviceBusyError),
        ("PLAY", "455 Method Not Valid in This State", NotSupportedError),
        ("PLAY", "551 Option not supported", NotSupportedError),
        ("DESCRIBE", "501 Not Implemented", NotSupportedError),
        ("DESCRIBE", "100 Continue", InvalidAnswerError),
        ("SETUP", "302 Found", InvalidAnswerError),
    ],
)
async def test_what_refusals_mean(
    server: ScriptedServer, connect: Connect, method: str, status: str, error: type[DriverError]
) -> None:
    server.scripts[method] = [lambda request: answer(request, status)]
    async with playing(connect(), server.url, right=Right.PLAYBACK) as session:
        with pytest.raises(error) as caught:
            await start(session)
    if isinstance(caught.value, NotPermittedError):
        assert caught.value.right is Right.PLAYBACK


@pytest.mark.parametrize(
    "sent",
    [
        lambda request: answer(request, body="v=0\r\n"),
        lambda request: b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n",
        lambda request: b"HTTP/1.0 200 OK\r\n\r\n" + bytes(200_000),
        lambda request: b"RTSP/1.0 200 OK\r\nA: " + bytes(50_000) + b"\r\n\r\n",
    ],
    ids=["no tracks", "endless body", "not RTSP", "endless line"],
)
async def test_answers_that_make_no_sense(
    server: ScriptedServer, connect: Connect, sent: Callable[[object], bytes]
) -> None:
    server.scripts["DESCRIBE"] = [sent]
    async with playing(connect(), server.url) as session:
        with pytest.raises(InvalidAnswerError):
            await session.describe()


async def test_udp_alone_is_of_no_use(server: ScriptedServer, connect: Connect) -> None:
    server.scripts["SETUP"] = [
        lambda request: answer(
            request, "200 OK", "Session: 1", "Transport: RTP/AVP;unicast;client_port=1-2"
        )
    ]
    async with playing(connect(), server.url) as session:
        with pytest.raises(NotSupportedError):
            await set_up(session)
    assert server.count("TEARDOWN") == 1


async def test_a_redirect_within_the_server_is_followed(
    server: ScriptedServer, connect: Connect
) -> None:
    there = f"rtsp://127.0.0.1:{server.port}/elsewhere"
    server.scripts["DESCRIBE"] = [
        lambda request: answer(request, "302 Found", f"Location: {there}"),
        server.usual,
    ]
    async with playing(connect(), server.url) as session:
        await session.describe()
    assert server.last("DESCRIBE").url == there


@pytest.mark.parametrize(
    "location",
    ["rtsp://192.0.2.9/x", "rtsp://127.0.0.1:9/x", "http://127.0.0.1/x", "", "rtsp://[::", "//x"],
)
async def test_a_redirect_elsewhere_is_not(
    server: ScriptedServer, connect: Connect, location: str
) -> None:
    server.scripts["DESCRIBE"] = [
        lambda request: answer(request, "301 Moved", f"Location: {location}")
    ]
    async with playing(connect(), server.url) as session:
        with pytest.raises(InvalidAnswerError):
            await session.describe()
    assert server.count("DESCRIBE") == 1


async def test_a_server_that_says_nothing(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS", 0.05)
    server.scripts["DESCRIBE"] = [b""]
    async with playing(connect(), server.url) as session:
        with pytest.raises(CannotConnectError):
            await session.describe()


async def test_footage_instead_of_an_answer_has_bounds(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "MAX_WAITING_BYTES", 100_000)
    server.scripts["PLAY"] = [PACKETS[0] * 5000]
    async with playing(connect(), server.url) as session:
        await set_up(session)
        with pytest.raises(InvalidAnswerError):
            await session.play()


async def test_sound_without_pictures_has_bounds(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_sessions_module, "MAX_FIRST_BYTES", 100_000)
    server.play = frame(2, rtp(1, payload=bytes(1000))) * 200
    async with playing(connect(), server.url) as session:
        await start(session)
        with pytest.raises(InvalidAnswerError):
            await first_of(session.tracks[0], session.frames(SILENCE))


async def test_requests_of_the_server_are_answered(
    server: ScriptedServer, connect: Connect
) -> None:
    asked = (
        b"OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
        b"SET_PARAMETER rtsp://h/ RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\na:b"
        b"RECORD rtsp://h/ RTSP/1.0\r\nCSeq: 3\r\n\r\n"
    )
    server.play = asked + PACKETS[0]
    async with playing(connect(), server.url) as session:
        await start(session)
        listening = asyncio.create_task(played(session))
        await server.until(lambda: len(server.answers) == 3)
        listening.cancel()
        await asyncio.wait({listening})
    assert [one.split(b"\r\n")[0] for one in server.answers] == [
        b"RTSP/1.0 200 OK",
        b"RTSP/1.0 200 OK",
        b"RTSP/1.0 501 Not Implemented",
    ]
    assert b"CSeq: 3" in server.answers[2]


async def test_an_address_with_a_line_break_is_never_sent(
    server: ScriptedServer, connect: Connect
) -> None:
    async with playing(connect(), f"{server.url}\r\nX: 1") as session:
        with pytest.raises(InvalidAnswerError):
            await session.describe()
    assert not server.requests
