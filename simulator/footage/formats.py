"""What a stream of a simulated channel consists of."""

from dataclasses import dataclass
from enum import StrEnum

MILLISECONDS = 1000
# The picture's furniture (time pattern, caption) needs this much room.
MIN_WIDTH, MIN_HEIGHT = 640, 352
MAX_WIDTH, MAX_HEIGHT = 4096, 2304


class VideoCodec(StrEnum):
    """How pictures are coded."""

    H264 = "H.264"
    H265 = "H.265"


class AudioCodec(StrEnum):
    """How sound is coded."""

    ALAW = "G.711alaw"
    ULAW = "G.711ulaw"
    AAC = "AAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFormat:
    """One encoding of a channel.

    Attributes:
        codec: of the pictures.
        width: in pixels, even.
        height: in pixels, even.
        fps: pictures a second; the interval between two must be whole milliseconds.
        gop_seconds: from key frame to key frame; a whole number of frame intervals.
        bitrate_kbps: of the whole program stream. What the pictures don't need is padding. If they
            need more, the stream has the rate that they need.
        audio: codec of the sound; None for a silent stream.

    Raises:
        ValueError: if the numbers can't be met.
    """

    codec: VideoCodec
    width: int
    height: int
    fps: float
    gop_seconds: float
    bitrate_kbps: int
    audio: AudioCodec | None = None

    def __post_init__(self) -> None:
        if not (MIN_WIDTH <= self.width <= MAX_WIDTH and MIN_HEIGHT <= self.height <= MAX_HEIGHT):
            raise ValueError(f"picture of {self.width}x{self.height} is not supported")
        if self.width % 2 or self.height % 2:
            raise ValueError("width and height must be even")
        if self.fps <= 0 or MILLISECONDS / self.fps != self.interval_ms:
            raise ValueError(f"{self.fps} pictures a second are not whole milliseconds apart")
        if self.gop_ms <= 0 or self.gop_ms % self.interval_ms:
            raise ValueError("a group of pictures must be whole frame intervals")
        if self.bitrate_kbps <= 0:
            raise ValueError("the bit rate must be positive")

    @property
    def interval_ms(self) -> int:
        """Milliseconds from picture to picture."""
        return round(MILLISECONDS / self.fps)

    @property
    def gop_ms(self) -> int:
        """Milliseconds from key frame to key frame."""
        return round(self.gop_seconds * MILLISECONDS)

    @property
    def gop_frames(self) -> int:
        """Pictures from key frame to key frame."""
        return self.gop_ms // self.interval_ms
