"""Live and playback as FFmpeg's RTSP client sees them; methods and refusals over a bare socket."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import hashlib
from itertools import islice, pairwise
import re
from urllib.parse import quote

import av
import numpy as np
import pytest

from simulator.core.accounts import Accounts, LoginPolicy, Right, User
from simulator.core.time_source import TimeSource
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.pattern import PatternReading, decode
from simulator.footage.source import FootageSource
from simulator.rtsp.presentation import Presentation, RtspRefusal
from simulator.rtsp.server import RtspServer

PASSWORD = "p@ss:w/rd?#%&"
FORMAT = StreamFormat(
    codec=VideoCodec.H264,
    width=640,
    height=360,
    fps=10,
    gop_seconds=1,
    bitrate_kbps=1024,
    audio=AudioCodec.ALAW,
)
TEN_SECONDS = timedelta(seconds=10)


@dataclass
class Stage:
    """A server with a live address and two recorded spans."""

    server: RtspServer
    accounts: Accounts
    source: FootageSource
    first: datetime
    second: datetime
    resolved: list[str]

    def address(self, path: str, password: str = PASSWORD) -> str:
        """Give an address with credentials."""
        return f"rtsp://admin:{quote(password, safe='')}@127.0.0.1:{self.server.port}{path}"


@pytest.fixture(params=list(VideoCodec))
async def stage(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[Stage]:
    """Give a running server, once per codec."""
    now = TimeSource()
    accounts = Accounts(
        now=now,
        users=[
            User(name="admin", password=PASSWORD),
            User(name="guard", password=PASSWORD, rights=frozenset({Right.LIVE})),
        ],
        policy=LoginPolicy(tries=3),
    )
    source = FootageSource(
        channel=3, stream=2, format=replace(FORMAT, codec=request.param), zone=UTC
    )
    first = source.key_frame_at_or_before(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))
    second = first + timedelta(hours=1)

    resolved: list[str] = []

    def resolve(path: str) -> Presentation:
        resolved.append(path)
        if path.startswith("/live"):
            return Presentation(source=source)
        if path.startswith("/tracks/301?starttime="):
            return Presentation(
                source=source,
                spans=((first, first + TEN_SECONDS), (second, second + TEN_SECONDS)),
                tracks=("trackID=video", "trackID=audio", "trackID=metadata"),
            )
        raise RtspRefusal(404, "Not Found")

    server = RtspServer(resolve, accounts, now=now)
    made = Stage(server, accounts, source, first, second, resolved)
    await server.start()
    yield made
    await server.stop()


@contextmanager
def opened(address: str) -> Iterator[av.container.InputContainer]:
    """Open an address by FFmpeg's client."""
    options = {"rtsp_transport": "tcp"}
    with av.open(address, options=options, timeout=20) as container:
        yield container


def read_pattern(frame: av.VideoFrame) -> PatternReading:
    """Read the pattern of a decoded frame."""
    return decode(np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8))


def readings(address: str, count: int) -> list[PatternReading]:
    """Play some frames and read their patterns."""
    with opened(address) as container:
        frames = islice(container.decode(video=0), count)
        return [read_pattern(frame) for frame in frames]


async def test_live_shows_now(stage: Stage) -> None:
    """The first picture is the last key frame, the next ones follow as time goes."""
    before = datetime.now(UTC)
    seen = await asyncio.to_thread(readings, stage.address("/live"), 15)
    after = datetime.now(UTC)
    assert before - timedelta(seconds=1.1) <= seen[0].instant <= after
    assert {(reading.channel, reading.stream) for reading in seen} == {(3, 2)}
    steps = {late.instant - early.instant for early, late in pairwise(seen)}
    assert steps == {stage.source.frame_interval}
    assert seen[-1].instant <= after


async def test_playback_jumps_over_what_was_not_recorded(stage: Stage) -> None:
    """Played much faster than life, all frames of both spans come in order, and then the end."""

    def play() -> list[datetime]:
        with opened(stage.address("/tracks/301?starttime=x&endtime=y")) as container:
            return [read_pattern(frame).instant for frame in container.decode(video=0)]

    stage.server.pace = 50.0
    seen = await asyncio.to_thread(play)
    expected = [
        start + number * stage.source.frame_interval
        for start in (stage.first, stage.second)
        for number in range(100)
    ]
    # FFmpeg may hold back the last frame at the end of a stream that says no goodbye.
    assert seen[:199] == expected[:199]
    assert stage.resolved == ["/tracks/301?starttime=x&endtime=y"]


async def test_audio_is_offered_and_arrives(stage: Stage) -> None:
    """Both tracks carry packets whose times run side by side."""

    def play() -> dict[str, float]:
        with opened(stage.address("/live")) as container:
            packets = list(islice(container.demux(), 60))
            return {
                kind: max(
                    float(packet.pts * packet.time_base)
                    for packet in packets
                    if packet.stream.type == kind and packet.pts is not None and packet.time_base
                )
                for kind in ("video", "audio")
            }

    newest = await asyncio.to_thread(play)
    assert abs(newest["video"] - newest["audio"]) < 1


async def test_wrong_password_counts_and_locks(stage: Stage) -> None:
    """Refused logins count in the accounts that HTTP uses, too."""
    for _ in range(3):
        with pytest.raises(av.FFmpegError):
            await asyncio.to_thread(readings, stage.address("/live", "wrong"), 1)
    with pytest.raises(av.FFmpegError):
        await asyncio.to_thread(readings, stage.address("/live"), 1)
    assert stage.accounts.failed_logins == 3
    stage.accounts.unlock()
    assert await asyncio.to_thread(readings, stage.address("/live"), 1)


async def test_unknown_address_is_not_found(stage: Stage) -> None:
    """What a face refuses is refused with its status."""
    with pytest.raises(av.HTTPNotFoundError):
        await asyncio.to_thread(readings, stage.address("/elsewhere"), 1)


async def test_playback_needs_its_right(stage: Stage) -> None:
    """Somebody who may only watch live gets no recordings."""
    address = stage.address("/tracks/301?starttime=x").replace("admin", "guard")
    with pytest.raises(av.HTTPForbiddenError):
        await asyncio.to_thread(readings, address, 1)
    assert await asyncio.to_thread(readings, stage.address("/live").replace("admin", "guard"), 1)


async def test_sessions_end_with_their_client(stage: Stage) -> None:
    """A closed connection leaves no session; beyond the limit comes 453."""
    stage.server.change(max_sessions=1)
    client = Client(stage)
    await client.connect()
    assert (await client.ask("SETUP", "/live/trackID=1", Transport=INTERLEAVED))[0] == 200
    other = Client(stage)
    await other.connect()
    assert (await other.ask("SETUP", "/live/trackID=1", Transport=INTERLEAVED))[0] == 453
    await client.close()
    await other.until_set_up("/live/trackID=1")
    await other.close()


INTERLEAVED = "RTP/AVP/TCP;unicast;interleaved=0-1"


class Client:
    """A client that says exactly what a test wants."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cseq = 0
        self.session = ""

    async def connect(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._stage.server.port
        )

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Send a request with right credentials; give status, headers and body."""
        uri = f"rtsp://127.0.0.1:{self._stage.server.port}{path}"
        authorization = _authorization(self._stage.accounts.challenge(), method, uri)
        self._cseq += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self._cseq}"]
        lines += [f"Authorization: {authorization}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.session:
            lines.append(f"Session: {self.session}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        return await self._answer()

    async def until_set_up(self, path: str) -> None:
        """Ask until the session that was in the way has ended."""
        while (await self.ask("SETUP", path, Transport=INTERLEAVED))[0] == 453:
            await asyncio.sleep(0)

    async def packet(self) -> bytes:
        """Give the next interleaved packet."""
        head = await self._reader.readexactly(4)
        assert head[:1] == b"$"
        return await self._reader.readexactly(int.from_bytes(head[2:]))

    async def _answer(self) -> tuple[int, dict[str, str], str]:
        while (first := await self._reader.readexactly(1)) == b"$":
            head = await self._reader.readexactly(3)
            await self._reader.readexactly(int.from_bytes(head[1:]))
        text = (first + await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, *rest = text.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest)
        self.session = headers.get("Session", self.session).split(";")[0]
        body = await self._reader.readexactly(int(headers.get("Content-Length", 0)))
        return int(status.split()[1]), headers, body.decode()


def _authorization(challenge: str, method: str, uri: str) -> str:
    """Answer a challenge in the form without qop that RTSP clients use."""
    realm, nonce = (re.findall(rf'{name}="([^"]*)"', challenge)[0] for name in ("realm", "nonce"))
    first = _md5(f"admin:{realm}:{PASSWORD}")
    response = _md5(f"{first}:{nonce}:{_md5(f'{method}:{uri}')}")
    return (
        f'Digest username="admin", realm="{realm}", nonce="{nonce}", '
        f'uri="{uri}", response="{response}"'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
