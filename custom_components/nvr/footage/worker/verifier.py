"""Looking at a finished clip as a player would."""

from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from .faults import UnsoundResultError
from .units import TICKS_PER_SECOND, in_ticks

# The clip's index says all that is asked of it; FFmpeg would decode pictures to find out more.
_NO_PROBING = {"probesize": "32"}


def verify(path: Path, duration: int, step: int, *, last: int | None = None) -> None:
    """Open a clip, decode its first and last pictures, and measure how long it is shown.

    ``last`` is when the last picture is shown first, by default ``step`` before the end.

    Raises UnsoundResultError unless all of that is right within one picture (``step``).
    """
    try:
        with av.open(str(path), format="mp4", options=dict(_NO_PROBING)) as container:
            video = container.streams.video[0]
            video.codec_context.thread_count = 1
            _check_duration(video, duration, step)
            _check_start(container, video, step)
            _check_end(container, video, duration - step if last is None else last, step)
    except (av.FFmpegError, IndexError) as error:
        raise UnsoundResultError("the clip can't be opened or decoded") from error


def _check_duration(video: VideoStream, duration: int, step: int) -> None:
    if video.duration is None:
        raise UnsoundResultError("the clip has no length")
    shown = in_ticks(video.duration, video.time_base)
    if abs(shown - duration) > step:
        raise UnsoundResultError("the clip has the wrong length")


def _check_start(container: InputContainer, video: VideoStream, step: int) -> None:
    for frame in container.decode(video):
        if frame.pts is None or abs(in_ticks(frame.pts, frame.time_base)) > step:
            raise UnsoundResultError("the clip begins at the wrong picture")
        return
    raise UnsoundResultError("the clip's first picture can't be decoded")


def _check_end(container: InputContainer, video: VideoStream, last: int, step: int) -> None:
    unit = video.time_base
    container.seek(last * unit.denominator // (unit.numerator * TICKS_PER_SECOND), stream=video)
    times = (
        in_ticks(frame.pts, frame.time_base)
        for frame in container.decode(video)
        if frame.pts is not None
    )
    newest = max(times, default=None)
    if newest is None or abs(newest - last) > step:
        raise UnsoundResultError("the clip ends at the wrong picture")
