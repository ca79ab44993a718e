"""Footage of any container as one kind of stream: pictures and sound in order."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from av.video.stream import VideoStream

from .units import AudioFormat, Unit, VideoCodec

type Read = Callable[[], bytes]


class Source(ABC):
    """Footage that is being read.

    ``video`` and ``audio`` are known at the latest when the first unit is delivered; ``audio`` is None
    where there is no sound or none that can be decoded.
    """

    video: VideoCodec | None = None
    audio: AudioFormat | None = None

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
