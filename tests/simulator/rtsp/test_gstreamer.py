"""GStreamer's `rtspsrc` in its ONVIF mode takes what the server sends for a replay."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scripts.provision.programs import gstreamer_is_there
from simulator.footage.formats import VideoCodec
from simulator.rtsp.replay import ReplayTraits
from simulator.rtsp.traits import End

from .stage import RECORDED, TEN_SECONDS, Stage
from .viewer import FRAME, NTP_EPOCH, SECOND

PROGRAM = Path(__file__).with_name("gstreamer_viewer.py")
SYSTEM_PYTHON = "/usr/bin/python3"
CODECS = {VideoCodec.H264: "h264", VideoCodec.H265: "h265"}
MICROSECOND = timedelta(microseconds=1)

pytestmark = pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")


def nanoseconds(instant: datetime) -> int:
    """Give an instant as GStreamer counts it."""
    return (instant - NTP_EPOCH) // MICROSECOND * 1000


async def seen(stage: Stage, rate: float = 1, *span: datetime) -> tuple[list[datetime], bool]:
    """Let GStreamer play; give when its pictures were filmed, and whether it came to an end."""
    codec = CODECS[stage.source.format.codec]
    asked = [f"{rate}", *(str(nanoseconds(each)) for each in span)]
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON, PROGRAM, stage.address(RECORDED), codec, *asked, stdout=PIPE
    )
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    ended = lines[-1:] == ["end"]
    times = [NTP_EPOCH + int(line) // 1000 * MICROSECOND for line in lines[: len(lines) - ended]]
    return times, ended


async def test_a_whole_recording(both: Stage) -> None:
    """It asks for all there is; its clock goes over the gap, and it sees the end in the last packet."""
    both.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT)
    times, ended = await seen(both)
    assert ended
    spans = [[begins + n * FRAME for n in range(100)] for begins in (both.first, both.second)]
    # GStreamer throws away what comes before its clock runs: at most the first picture.
    assert times in (spans[0] + spans[1], spans[0][1:] + spans[1])


async def test_a_span_of_it(both: Stage) -> None:
    both.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT)
    start, stop = both.first + 2.35 * SECOND, both.first + 5 * SECOND
    times, ended = await seen(both, 1, start, stop)
    assert ended
    # It leaves out by itself what leads in to the picture that is on show at the start.
    assert times == [both.first + 2.3 * SECOND + n * FRAME for n in range(27)]


async def test_backwards(stage: Stage) -> None:
    stage.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT, reverse=True)
    stop, start = stage.first + 3 * SECOND, stage.first + 5 * SECOND
    times, ended = await seen(stage, -1, stop, start)
    assert ended
    assert len(times) >= 20
    assert set(times) <= {stage.first + n * FRAME for n in range(TEN_SECONDS // FRAME)}
