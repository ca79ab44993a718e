"""FFmpeg plays live streams and recordings of every personality, by the addresses that it knows."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import quote

import av
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import Channel
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.traits.playback import LiveForm, TrackForm

from .isapi import PASSWORD

# What a search gives as the start of a file is rounded, and its key frame lies before.
MOST_EARLY = timedelta(seconds=4)
NAMES = [name for name in PERSONALITIES if name.startswith("hikvision/")]


def play(address: str, count: int = 4) -> list[PatternReading]:
    """Decode some pictures by FFmpeg's client."""
    options = {"rtsp_transport": "tcp", "analyzeduration": "500000"}
    with av.open(address, options=options, timeout=30) as container:
        frames: Iterator[av.VideoFrame] = islice(container.decode(video=0), count)
        return [pattern_of(frame) for frame in frames]


def live_path(face: HikvisionFace, channel: Channel) -> str:
    """Write the address of a channel's main stream."""
    firmware = face.device.firmware
    match min(firmware.live_forms):
        case LiveForm.STREAM_ID:
            return f"/Streaming/Channels/{channel.number}01"
        case LiveForm.CHANNEL:
            return f"/Streaming/Channels/{channel.number}"
        case LiveForm.AV_STREAM:
            number = channel.number - 1 + firmware.av_stream_first
            return f"/h264/ch{number}/main/av_stream"
        case LiveForm.PSIA:
            return f"/PSIA/Streaming/channels/{channel.number}01"


def track_path(face: HikvisionFace, channel: Channel, start: datetime, end: datetime) -> str:
    """Write the address of a span of a channel's recordings, times by their digits."""
    roots = {
        TrackForm.PLAIN: "/Streaming/tracks/{}01?",
        TrackForm.SLASH: "/Streaming/tracks/{}01/?",
        TrackForm.PSIA: "/PSIA/Streaming/tracks/{}01?",
    }
    root = roots[min(face.device.firmware.track_forms)].format(channel.number)
    return f"{root}starttime={start:%Y%m%dT%H%M%SZ}&endtime={end:%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize("name", NAMES)
async def test_ffmpeg_plays(name: str) -> None:
    async with RecorderBox(PERSONALITIES[name](Options(password=PASSWORD))) as box:
        face = box.personality.face
        assert isinstance(face, HikvisionFace)
        recorder = box.recorder
        box.rtsp.pace = 4
        channel = next(each for each in recorder.channels.values() if each.has_pictures)
        server = f"rtsp://admin:{quote(PASSWORD, safe='')}@{box.host}:{box.rtsp_port}"

        before = datetime.now(UTC)
        live = await asyncio.to_thread(play, server + live_path(face, channel))
        assert all((seen.channel, seen.stream) == (channel.number, 1) for seen in live)
        assert before - MOST_EARLY < live[0].instant <= datetime.now(UTC)

        now = recorder.now()
        recording = next(
            recorder.schedule.recordings(channel.number, 1, now - timedelta(days=2), now)
        )
        start = max(recording.start, now - timedelta(days=2)) + timedelta(seconds=1)
        span = recorder.clock.stamp(start), recorder.clock.stamp(start + timedelta(seconds=5))
        played = await asyncio.to_thread(play, server + track_path(face, channel, *span))
        assert all((seen.channel, seen.stream) == (channel.number, 1) for seen in played)
        assert start - MOST_EARLY < played[0].instant <= start + timedelta(seconds=1)
        assert recorder.accounts.failed_logins == 0
