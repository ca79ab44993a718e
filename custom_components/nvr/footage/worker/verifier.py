"""Looking at a finished clip as a player would."""

from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from .faults import UnsoundResultError
from .units import TICKS_PER_SECOND, in_ticks

_MAX_DECODED = 2000


def verify(path: Path, duration: int, step: int) -> None:
    """Open a clip, decode its first and last pictures, and measure how long it is shown.

    Raises UnsoundResultError unless all of that is right within one picture (``step``).
    """
    try:
        with av.open(str(path), format="mp4") as container:
            video = container.streams.video[0]
            video.codec_context.thread_count = 1
            _check_duration(video, duration, step)
            _check_start(container, video, step)
            _check_end(container, video, duration, step)
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


def _check_end(container: InputContainer, video: VideoStream, duration: int, step: int) -> None:
    unit = video.time_base
    target = duration * unit.denominator // (unit.numerator * TICKS_PER_SECOND)
    container.seek(target, stream=video)
    newest: int | None = None
    for count, frame in enumerate(container.decode(video)):
        if frame.pts is not None:
            time = in_ticks(frame.pts, frame.time_base)
            newest = time if newest is None else max(newest, time)
        if count > _MAX_DECODED:
            return
    if newest is None or abs(newest + step - duration) > 2 * step:
        raise UnsoundResultError("the clip ends at the wrong picture")
