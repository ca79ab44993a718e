"""FFmpeg and go2rtc play what the server sends, whatever its manners."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
import json
from pathlib import Path
import shutil
import socket
from typing import Any

import aiohttp
import av
import pytest

from simulator.core.accounts import Accounts, LoginPolicy, User
from simulator.core.digest import Scheme
from simulator.footage.decoded import pattern_of
from simulator.footage.formats import AudioCodec, VideoCodec
from simulator.rtsp.server import RtspServer
from simulator.rtsp.traits import Changes, Control, End, Junk, Reports, Timestamps

from .stage import IN_A_GAP, PASSWORD, RECORDED, Stage, make_stage

SECONDS = 8
MANNERS: dict[str, Changes] = {
    "well-behaved": {},
    "whole addresses": {"control": Control.ABSOLUTE, "content_base": False, "clock_range": False},
    "no base": {"content_base": False, "tells_properties": False, "rtp_info": False},
    "third track": {"metadata_track": True, "timestamps": Timestamps.PLAYED},
    "goodbye": {"end": End.SAYS_BYE, "reports": Reports.UPTIME},
    "stale nonce": {"stale_once": True, "reports": Reports.NOW, "tells_seek": False},
    # At frames that are too short FFmpeg loses its place.
    "junk": {"junk": frozenset(Junk) - {Junk.SHORT_FRAMES}, "reports": Reports.NONE},
}


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[Stage]:
    """Let a stage's server listen."""
    await stage.server.start()
    yield stage
    await stage.server.stop()


def play(address: str, seconds: float = SECONDS) -> list[datetime]:
    """Decode a part of a recording by FFmpeg; give when its pictures were filmed."""
    seen: list[datetime] = []
    options = {"rtsp_transport": "tcp"}
    with av.open(address, options=options, timeout=20) as container:
        for frame in container.decode(video=0):
            seen.append(pattern_of(frame).instant)
            if seen[-1] - seen[0] >= timedelta(seconds=seconds):
                break
    return seen


@pytest.mark.parametrize("manners", MANNERS)
async def test_ffmpeg_plays(manners: str) -> None:
    async with running(make_stage()) as stage:
        stage.server.change(**MANNERS[manners])
        stage.server.pace = 20
        seen = await asyncio.to_thread(play, stage.address(RECORDED))
    assert seen == [stage.first + number * stage.source.frame_interval for number in range(81)]


@pytest.mark.parametrize("audio", AudioCodec)
@pytest.mark.parametrize("codec", VideoCodec)
async def test_ffmpeg_knows_all_codecs(codec: VideoCodec, audio: AudioCodec) -> None:
    def look(address: str) -> tuple[set[str], set[str]]:
        with av.open(address, options={"rtsp_transport": "tcp"}, timeout=20) as container:
            names = {stream.codec_context.name for stream in container.streams}
            kinds: set[str] = set()
            for packet in container.demux():
                kinds |= {packet.stream.type for _ in packet.decode()}
                if kinds == {"video", "audio"}:
                    break
            return names, kinds

    async with running(make_stage(codec, audio)) as stage:
        stage.server.pace = 5
        names, kinds = await asyncio.to_thread(look, stage.address(RECORDED))
    sounds = {AudioCodec.AAC: "aac", AudioCodec.ALAW: "pcm_alaw", AudioCodec.ULAW: "pcm_mulaw"}
    pictures = {VideoCodec.H264: "h264", VideoCodec.H265: "hevc"}
    assert names == {sounds[audio], pictures[codec]}
    assert kinds == {"video", "audio"}


async def test_ffmpeg_seeks() -> None:
    """What lies before the asked second is not sent, but for the way from the key frame."""

    def seek(address: str) -> datetime:
        with av.open(address, options={"rtsp_transport": "tcp"}, timeout=20) as container:
            container.seek(6_500_000)
            frame = next(container.decode(video=0))
            return pattern_of(frame).instant

    async with running(make_stage()) as stage:
        stage.server.change(clock_range=False)
        stage.server.pace = 20
        first = await asyncio.to_thread(seek, stage.address(RECORDED))
    assert first == stage.first + timedelta(seconds=6)


async def test_ffmpeg_jumps_a_gap() -> None:
    async with running(make_stage()) as stage:
        stage.server.pace = 20
        seen = await asyncio.to_thread(play, stage.address(IN_A_GAP), 2)
    assert seen[0] == stage.second


async def test_ffmpeg_logs_in_by_basic() -> None:
    stage = make_stage()
    policy = LoginPolicy(rtsp_schemes=frozenset({Scheme.BASIC}))
    owner = User(name="admin", password=PASSWORD)
    accounts = Accounts(now=stage.time, users=[owner], policy=policy)
    stage.server = RtspServer(stage.server.present, accounts, now=stage.time)
    async with running(stage):
        stage.server.pace = 20
        assert len(await asyncio.to_thread(play, stage.address(RECORDED), 1)) == 11
    assert accounts.failed_logins == 0


@pytest.mark.parametrize("manners", ["well-behaved", "whole addresses", "third track", "junk"])
async def test_go2rtc_plays(tmp_path: Path, manners: str) -> None:
    """A picture comes out of it, of a live stream."""
    async with running(make_stage()) as stage:
        stage.server.change(**MANNERS[manners])
        address = stage.address("/live")
        async with go2rtc(tmp_path, address) as api, aiohttp.ClientSession() as session:
            url = f"{api}/api/stream.mp4?src=camera&duration=2"
            async with session.get(url) as answer:
                assert answer.status == 200
                film = tmp_path / "film.mp4"
                film.write_bytes(await answer.read())
    shown = await asyncio.to_thread(probe, film)
    assert {stream["codec_name"] for stream in shown["streams"]} >= {"h264"}
    # Until its end it answered whatever the server asked; nothing of it was a failed log-in.
    assert stage.accounts.failed_logins == 0


def probe(film: Path) -> Any:
    """Look at a film by PyAV and give what ffprobe would."""
    with av.open(film) as container:
        count = sum(1 for _ in container.decode(video=0))
        assert count > 5
        return {"streams": [{"codec_name": each.codec_context.name} for each in container.streams]}


@asynccontextmanager
async def go2rtc(folder: Path, address: str) -> AsyncIterator[str]:
    """Run go2rtc with one stream; give the address of its API."""
    program = shutil.which("go2rtc")
    if program is None:
        pytest.skip("go2rtc isn't here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "api": {"listen": f"127.0.0.1:{port}"},
        "rtsp": {"listen": ""},
        "webrtc": {"listen": ""},
        "streams": {"camera": address},
    }
    file = folder / "go2rtc.yaml"
    file.write_text(json.dumps(settings), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        program, "-config", str(file), cwd=folder, stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    try:
        while b"[api] listen" not in (line := await process.stdout.readline()):
            assert line, "go2rtc ended"
        url = f"http://127.0.0.1:{port}"
        await _has_page(f"{url}/api/stream.mp4")
        yield url
    finally:
        process.terminate()
        await process.communicate()


async def _has_page(url: str) -> None:
    """Wait until a page is there: go2rtc listens before it knows all of its own."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as answer:
                if "page not found" not in await answer.text():
                    return
            await asyncio.sleep(0.05)
