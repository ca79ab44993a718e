"""Playing over RTSP: from DESCRIBE to TEARDOWN, whatever the server does."""

import asyncio
import contextlib
import json
import socket
import struct

import pytest

from custom_components.nvr.drivers.answer import StalledError
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    InvalidAnswerError,
)
from custom_components.nvr.drivers.rtsp import connection as connection_module, session as module
from custom_components.nvr.drivers.rtsp.connection import READ_BYTES
from custom_components.nvr.drivers.rtsp.container import MAGIC, container_body, container_head
from custom_components.nvr.drivers.rtsp.headers import range_by_npt
from custom_components.nvr.drivers.rtsp.session import playing

from .scripted_server import GOODBYE, SESSION, Request, ScriptedServer, answer, frame, rtp
from .steps import PACKETS, SILENCE, Connect, played, set_up, start


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
        "ahead": 0,
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


ASKS = b"OPTIONS rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
# More than one reading takes, before and behind the question.
LARGE = [frame(0, rtp(number, payload=bytes(READ_BYTES // 2))) for number in range(100)]


async def test_what_a_closed_server_has_yet_to_send_is_waited_for(
    server: ScriptedServer, connect: Connect
) -> None:
    server.play = b"".join([*LARGE[:10], ASKS, *LARGE[10:]])
    server.closes_after_play = True
    async with playing(connect(), server.url) as session:
        await start(session)
        await server.closed.wait()
        # It resets the connection at our answer, and what is under way is lost.
        assert await played(session) == b"".join(LARGE)


async def test_a_server_is_answered_when_it_has_been_quiet(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "QUIET_SECONDS", 60.0)
    server.play = PACKETS[0] + ASKS
    async with playing(connect(), server.url) as session:
        await start(session)
        async with contextlib.aclosing(session.frames(SILENCE)) as packets:
            assert container_body(await anext(packets)) == PACKETS[0]
            following = asyncio.create_task(anext(packets))
            for _ in range(10):
                await asyncio.sleep(0)
            assert server.writer is not None
            # What is still on its way through a slow network.
            server.writer.write(PACKETS[1])
            assert container_body(await following) == PACKETS[1]
        assert not server.answers


async def test_a_server_is_answered_though_packets_keep_arriving(
    server: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "PUT_OFF_SECONDS", 0.0)
    server.play = b"".join([*LARGE[:10], ASKS, *LARGE[10:]])
    async with playing(connect(), server.url) as session:
        await start(session)
        kept = 0
        async with contextlib.aclosing(session.frames(SILENCE)) as packets:
            while not server.answers:
                kept += len(container_body(await anext(packets)))
                # The server's turn.
                await asyncio.sleep(0)
        assert kept < len(b"".join(LARGE))


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
