"""GStreamer's `rtspsrc` in its ONVIF mode, as a process that plays."""

import asyncio
from asyncio.subprocess import PIPE
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from simulator.footage.formats import VideoCodec

from .viewer import NTP_EPOCH

SYSTEM_PYTHON = "/usr/bin/python3"
_PROGRAM = Path(__file__).with_name("gstreamer_viewer.py")
# GStreamer itself gives up after two minutes; what is silent for longer hangs.
_SILENCE_S = 150.0
_TRIES = 3
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
    for _ in range(_TRIES):
        lines = await _lines(address, _CODECS[codec], *asked)
        if lines is not None:
            break
    else:
        raise TimeoutError("GStreamer hung")
    ended = lines[-1:] == ["end"]
    times = [NTP_EPOCH + int(line) // 1000 * _MICROSECOND for line in lines[: len(lines) - ended]]
    return times, ended


async def _lines(*arguments: str) -> list[str] | None:
    """Return what the process said until it was done, None where it fell silent before: its threads may deadlock."""
    process = await asyncio.create_subprocess_exec(SYSTEM_PYTHON, _PROGRAM, *arguments, stdout=PIPE)
    assert process.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(None) as patience:
            while "end" not in lines:
                patience.reschedule(asyncio.get_running_loop().time() + _SILENCE_S)
                if not (line := await process.stdout.readline()):
                    break
                lines.append(line.decode().strip())
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
    return lines
