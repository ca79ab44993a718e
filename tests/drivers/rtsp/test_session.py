"""Playing over RTSP: from DESCRIBE to TEARDOWN, whatever the server does."""

import asyncio
from collections.abc import Callable
import contextlib
import json
import socket
import struct

import pytest

from custom_components.nvr.drivers.answer import StalledError
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
from custom_components.nvr.drivers.rtsp import connection as connection_module, session as module
from custom_components.nvr.drivers.rtsp.connection import RtspConnection
from custom_components.nvr.drivers.rtsp.container import MAGIC, container_body, container_head
from custom_components.nvr.drivers.rtsp.headers import range_by_npt
from custom_components.nvr.drivers.rtsp.session import RtspSession, playing

from .scripted_server import GOODBYE, SESSION, Request, ScriptedServer, answer, frame, rtp

type Connect = Callable[[], RtspConnection]

PACKETS = [frame(0, rtp(number)) for number in range(1, 6)]
SILENCE = 5.0


async def set_up(session: RtspSession) -> None:
    description = await session.describe()
    for track in description.tracks:
        await session.setup(track)


async def start(session: RtspSession) -> None:
    await set_up(session)
    await session.play()


async def played(session: RtspSession, silence: float = SILENCE) -> bytes:
    return b"".join([container_body(frames) async for frames in session.frames(silence)])


async def test_a_recording_is_played_to_its_end(server: ScriptedServer, connect: Connect) -> None:
    server.play, server.closes_after_play = b"".join(PACKETS), True
    async with playing(connect(), server.url) as session:
        await set_up(session)
        started = await session.play(range=range_by_npt(), scale=1, headers={"Rate-Control": "no"})
        assert await played(session) == b"".join(PACKETS)
    asked = server.last("PLAY")
    assert asked.headers["Range"] == "npt=0.000-"
    assert asked.headers["Scale"] == "1.000"
    assert asked.headers["Rate-Control"] == "no"
    assert asked.headers["Session"] == "1185811489"
    assert [request.url for request in server.requests if request.method == "SETUP"] == [
        f"{server.url}/trackID=video",
        f"{server.url}/trackID=audio",
    ]
    assert {channel: info.time for channel, info in started.infos.items()} == {0: 90000, 2: 8000}


async def test_the_container_describes_what_is_in_it(
    server: ScriptedServer, connect: Connect
) -> None:
    async with playing(connect(), server.url) as session:
        await set_up(session)
        started = await session.play()
    head = container_head(session.tracks, started.infos, None)
    assert head.startswith(MAGIC)
    body = head[len(MAGIC) + 4 :]
    assert int.from_bytes(head[len(MAGIC) : len(MAGIC) + 4]) == len(body)
    assert json.loads(body) == {
        "start": None,
        "tracks": [
            {
                "channel": 0,
                "rtcp": 1,
                "media": "video",
                "encoding": "H264",
                "clock_rate": 90000,
                "channels": 1,
                "payload_type": 96,
                "fmtp": {
                    "profile-level-id": "420029",
                    "packetization-mode": "1",
                    "sprop-parameter-sets": "Z00A,aO4=",
                },
                "rtptime": 90000,
                "seq": 7,
            },
            {
                "channel": 2,
                "rtcp": 3,
                "media": "audio",
                "encoding": "PCMA",
                "clock_rate": 8000,
                "channels": 1,
                "payload_type": 8,
                "fmtp": {},
                "rtptime": 8000,
                "seq": 9,
            },
        ],
    }


@pytest.mark.parametrize(
    "end",
    [
        frame(1, GOODBYE),
        b"TEARDOWN rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"ANNOUNCE rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\nx-notice: 2101 End of stream\r\n\r\n",
        b"PLAY_NOTIFY rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\nNotify-Reason: end-of-stream\r\n\r\n",
    ],
    ids=["goodbye", "teardown", "announce", "notify"],
)
async def test_the_end_in_every_form(server: ScriptedServer, connect: Connect, end: bytes) -> None:
    server.play = PACKETS[0] + end
    async with playing(connect(), server.url) as session:
        await start(session)
        assert (await played(session)).startswith(PACKETS[0])
    if b"CSeq" in end:
        await server.until(lambda: bool(server.answers))
        assert server.answers == [b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"]


async def test_goodbye_of_the_sound_alone_is_no_end(
    server: ScriptedServer, connect: Connect
) -> None:
    server.play = frame(3, GOODBYE) + PACKETS[0]
    server.closes_after_play = True
    async with playing(connect(), server.url) as session:
        await start(session)
        assert (await played(session)).endswith(PACKETS[0])


async def test_what_came_before_a_reset_is_kept(server: ScriptedServer, connect: Connect) -> None:
    server.play = b"".join(PACKETS)
    async with playing(connect(), server.url) as session:
        await start(session)
        assert server.writer is not None
        await server.writer.drain()
        # Hung up with requests unread, as recorders do at the end.
        server.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        server.writer.transport.abort()
        await server.closed.wait()
        kept = bytearray()

        async def listen() -> None:
            async for frames in session.frames(SILENCE):
                kept.extend(container_body(frames))

        with pytest.raises(CannotConnectError):
            await listen()
        assert kept == b"".join(PACKETS)


async def test_who_aborts_ends_whoever_listens(server: ScriptedServer, connect: Connect) -> None:
    connection = connect()
    async with playing(connection, server.url) as session:
        await start(session)
        listening = asyncio.create_task(played(session))
        await asyncio.sleep(0)
        connection.abort()
        with pytest.raises(CannotConnectError, match="closed"):
            await listening


async def test_silence_has_an_end(server: ScriptedServer, connect: Connect) -> None:
    server.play = PACKETS[0]
    async with playing(connect(), server.url) as session:
        await start(session)
        with pytest.raises(StalledError):
            await played(session, 0.1)


async def test_a_session_is_kept_alive(server: ScriptedServer, connect: Connect) -> None:
    server.scripts["SETUP"] = [
        lambda request: answer(request, "200 OK", "Session: 1;timeout=1", "Transport: RTP/AVP/TCP")
    ]
    # The first word for it is not taken, so the other is used.
    server.scripts["GET_PARAMETER"] = [lambda request: answer(request, "501 Not Implemented")]
    async with playing(connect(), server.url) as session:
        await start(session)
        listening = asyncio.create_task(played(session, 60))
        await server.until(lambda: server.count("OPTIONS") >= 2)
        listening.cancel()
        await asyncio.wait({listening})
    assert server.count("GET_PARAMETER") == 1
    assert server.last("OPTIONS").headers["Session"] == "1"


async def test_a_session_that_the_server_forgot_ends(
    server: ScriptedServer, connect: Connect
) -> None:
    server.scripts["SETUP"] = [
        lambda request: answer(request, "200 OK", "Session: 1;timeout=1", "Transport: RTP/AVP/TCP")
    ]
    server.scripts["GET_PARAMETER"] = [lambda request: answer(request, "454 Session Not Found")]
    async with playing(connect(), server.url) as session:
        await start(session)
        with pytest.raises(CannotConnectError, match="forgotten"):
            await played(session, 60)


async def test_pause_and_on(server: ScriptedServer, connect: Connect) -> None:
    async with playing(connect(), server.url) as session:
        await set_up(session)
        await session.play(range=range_by_npt())
        await session.pause()
        await session.play()
    assert "Range" not in server.last("PLAY").headers
    assert [request.method for request in server.requests] == [
        *("DESCRIBE", "SETUP", "SETUP", "PLAY", "PAUSE", "PLAY", "TEARDOWN")
    ]


async def test_packets_before_an_answer_are_kept(server: ScriptedServer, connect: Connect) -> None:
    server.scripts["PLAY"] = [lambda request: PACKETS[0] + answer(request) + PACKETS[1]]
    server.closes_after_play = True
    async with playing(connect(), server.url) as session:
        await start(session)
        assert await played(session) == PACKETS[0] + PACKETS[1]


async def test_an_answer_to_an_older_request_is_none(
    server: ScriptedServer, connect: Connect
) -> None:
    server.scripts["PLAY"] = [
        lambda request: b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n" + answer(request)
    ]
    async with playing(connect(), server.url) as session:
        await start(session)


async def test_channels_are_those_that_the_server_says(
    server: ScriptedServer, connect: Connect
) -> None:
    server.scripts["SETUP"] = [
        lambda request: answer(
            request,
            "200 OK",
            f"Session: {SESSION}",
            "Transport: RTP/AVP/TCP;unicast;interleaved=6-7",
        )
    ]
    packet = frame(6, rtp(1))
    server.play, server.closes_after_play = PACKETS[0] + packet, True
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        track = await session.setup(description.tracks[0])
        assert (track.channel, track.rtcp_channel) == (6, 7)
        with pytest.raises(InvalidAnswerError):
            await session.setup(description.tracks[1])
        await session.play()
        assert await played(session) == packet


@pytest.mark.parametrize(
    "stated",
    ["Content-Base: rtsp://10.0.0.9/base/", "Content-Location: rtsp://10.0.0.9/base"],
)
async def test_tracks_are_named_from_where_the_server_says(
    server: ScriptedServer, connect: Connect, stated: str
) -> None:
    sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n"
    server.scripts["DESCRIBE"] = [lambda request: answer(request, "200 OK", stated, body=sdp)]
    async with playing(connect(), server.url) as session:
        await set_up(session)
    assert server.last("SETUP").url == "rtsp://10.0.0.9/base/trackID=1"
    # The connection is the one that was opened, whatever is written in an address.
    assert server.connections == 1


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


@pytest.mark.parametrize("after", ["SETUP", "PLAY"])
async def test_a_session_is_torn_down_whatever_fails(
    server: ScriptedServer, connect: Connect, after: str
) -> None:
    with contextlib.suppress(RuntimeError):
        async with playing(connect(), server.url) as session:
            await set_up(session)
            if after == "PLAY":
                await session.play()
            raise RuntimeError
    assert server.last("TEARDOWN").headers["Session"] == "1185811489"


@pytest.mark.parametrize("method", ["SETUP", "PLAY", "TEARDOWN"])
async def test_a_session_is_torn_down_when_cancelled(
    server: ScriptedServer, connect: Connect, method: str
) -> None:
    held: list[bytes] = []

    def hold(request: Request) -> bytes:
        held.append(server.usual(request))
        return b""

    server.scripts[method] = [hold]

    async def watch() -> None:
        async with playing(connect(), server.url) as session:
            await start(session)
            await played(session)

    task = asyncio.create_task(watch())
    if method == "TEARDOWN":
        await server.until(lambda: server.count("PLAY") == 1)
        task.cancel()
    await server.until(lambda: server.count(method) == 1)
    task.cancel()
    await asyncio.sleep(0)
    if method == "SETUP":
        # Which session it is comes with the answer, as late as it may be.
        assert server.writer is not None
        server.writer.write(held[0])
    await asyncio.wait({task})
    await server.closed.wait()
    assert server.count("TEARDOWN") == 1


async def test_a_server_that_does_not_let_go_is_left(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TEARDOWN_SECONDS", 0.05)
    server.scripts["TEARDOWN"] = [b""]
    async with playing(connect(), server.url) as session:
        await set_up(session)
    await server.closed.wait()


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
