"""GStreamer's `rtspsrc` in its ONVIF mode, as a process that plays."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import datetime, timedelta
from pathlib import Path

from simulator.footage.formats import VideoCodec

from .viewer import NTP_EPOCH

SYSTEM_PYTHON = "/usr/bin/python3"
_PROGRAM = Path(__file__).with_name("gstreamer_viewer.py")
_CODECS = {VideoCodec.H264: "h264", VideoCodec.H265: "h265"}
_MICROSECOND = timedelta(microseconds=1)


async def play(
    address: str, codec: VideoCodec, *span: datetime, rate: float = 1
) -> tuple[list[datetime], bool]:
    """Let it play a recording, or the span between two instants by the device's clock.

    Returns:
        By that clock, when the pictures were filmed; and whether it saw the replay come to its end.
    """
    asked = [f"{rate}", *(str((each - NTP_EPOCH) // _MICROSECOND * 1000) for each in span)]
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON, _PROGRAM, address, _CODECS[codec], *asked, stdout=PIPE
    )
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    ended = lines[-1:] == ["end"]
    times = [NTP_EPOCH + int(line) // 1000 * _MICROSECOND for line in lines[: len(lines) - ended]]
    return times, ended
