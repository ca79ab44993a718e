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
# What is silent for so long hangs.
_SILENCE_S = 60.0
_TRIES = 4
_CODECS = {VideoCodec.H264: "h264", VideoCodec.H265: "h265"}
_MICROSECOND = timedelta(microseconds=1)


async def play(
    address: str, codec: VideoCodec, *span: datetime, rate: float = 1, fewest: int = 0
) -> tuple[list[datetime], bool]:
    """Let it play a recording, or the span between two instants by the device's clock.

    On a machine that is busy with other tests it now and then hangs, or takes a replay for over before it has
    handed out all that came. Then it plays anew, so often as ``_TRIES`` says; ``fewest`` is how many pictures there
    are at least.

    Returns:
        By that clock, when the pictures were filmed; and whether it saw the replay come to its end.
    """
    asked = [f"{rate}", *(str((each - NTP_EPOCH) // _MICROSECOND * 1000) for each in span)]
    times: list[datetime] = []
    ended = False
    for _ in range(_TRIES):
        lines = await _lines(address, _CODECS[codec], *asked)
        ended = lines[-1:] == ["end"]
        pictures = lines[: len(lines) - ended]
        times = [NTP_EPOCH + int(line) // 1000 * _MICROSECOND for line in pictures]
        if ended and len(times) >= fewest:
            break
    return times, ended


async def _lines(*arguments: str) -> list[str]:
    """Return what the process said until it was done, or fell silent: its threads may deadlock."""
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
        pass
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
    return lines
