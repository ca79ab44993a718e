"""Footage of any container as one kind of stream: pictures and sound in order."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

from av.video.stream import VideoStream

from .units import TICKS_PER_SECOND, AudioFormat, Unit, VideoCodec

type Read = Callable[[], bytes]

_EXACT_TICKS = TICKS_PER_SECOND // 10


class Source(ABC):
    """Footage that is being read.

    ``video`` and ``audio`` are known at the latest when the first unit is delivered; ``audio`` is None
    where there is no sound or none that can be decoded. ``time_error`` is how far off the wall clock of pictures
    may be for the container's sake, in ticks, known then as well. ``begins_near`` says that the device began at a
    key picture shortly before the instant asked for, and that to fetch all from the recording's start is no
    way to know the time better.
    """

    video: VideoCodec | None = None
    audio: AudioFormat | None = None
    time_error: int = 0
    begins_near: ClassVar[bool] = False

    @property
    def tells_time(self) -> bool:
        """Whether the wall clock of pictures, if there is one, is known well enough to be called exact."""
        return self.time_error <= _EXACT_TICKS

    @abstractmethod
    def __iter__(self) -> Iterator[Unit]:
        """Yield the units in the order of the container."""

    @abstractmethod
    def template(self, form: int = 0) -> VideoStream:
        """Return a stream that has the codec parameters of the pictures of a form.

        They are known after the first key picture of that form.

        Raises NoPictureError before.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of all that is held for reading."""
