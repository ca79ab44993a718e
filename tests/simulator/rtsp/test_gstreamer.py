"""GStreamer's `rtspsrc` in its ONVIF mode takes what the server sends for a replay."""

from datetime import datetime

import pytest

from scripts.provision.programs import gstreamer_is_there
from simulator.rtsp.replay import ReplayTraits
from simulator.rtsp.traits import End

from .gstreamer import play
from .stage import RECORDED, TEN_SECONDS, Stage
from .viewer import FRAME, SECOND

pytestmark = pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")


async def seen(
    stage: Stage, fewest: int, rate: float = 1, *span: datetime
) -> tuple[list[datetime], bool]:
    """Let GStreamer play what the stage has, which is as many pictures at least."""
    codec = stage.source.format.codec
    return await play(stage.address(RECORDED), codec, *span, rate=rate, fewest=fewest)


async def test_a_whole_recording(both: Stage) -> None:
    """It asks for all there is; its clock goes over the gap, and it sees the end in the last packet."""
    both.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT)
    times, ended = await seen(both, 199)
    assert ended
    spans = [[begins + n * FRAME for n in range(100)] for begins in (both.first, both.second)]
    # GStreamer throws away what comes before its clock runs: at most the first picture.
    assert times in (spans[0] + spans[1], spans[0][1:] + spans[1])


async def test_a_span_of_it(both: Stage) -> None:
    both.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT)
    start, stop = both.first + 2.35 * SECOND, both.first + 5 * SECOND
    times, ended = await seen(both, 27, 1, start, stop)
    assert ended
    # It leaves out by itself what leads in to the picture that is on show at the start.
    assert times == [both.first + 2.3 * SECOND + n * FRAME for n in range(27)]


async def test_backwards(stage: Stage) -> None:
    stage.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT, reverse=True)
    stop, start = stage.first + 3 * SECOND, stage.first + 5 * SECOND
    times, ended = await seen(stage, 20, -1, stop, start)
    assert ended
    assert len(times) >= 20
    assert set(times) <= {stage.first + n * FRAME for n in range(TEN_SECONDS // FRAME)}
