"""Encoding pictures as H.264, which every browser plays."""

from collections.abc import Iterator
from fractions import Fraction
import os
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from .faults import InvalidBytesError
from .units import TICKS_PER_SECOND, CodedPacket

# In hardware where FFmpeg has it for this machine, else in software. Not h264_nvenc: CUDA reserves more address
# space than a worker may have.
_ENCODERS = (
    "h264_videotoolbox",
    "h264_qsv",
    "h264_amf",
    "h264_v4l2m2m",
    "libx264",
    "libopenh264",
)
_SOFTWARE = frozenset({"libx264", "libopenh264"})
_TICKS = Fraction(1, TICKS_PER_SECOND)
_NOMINAL_RATE = Fraction(25)
# As much as most people's screens and uplinks want, and what one core encodes several times as fast as it plays.
_MAX_WIDTH, _MAX_HEIGHT = 1280, 720
_BIT_RATE = 3_000_000
_BUFFER_BITS = 2 * _BIT_RATE
_NEVER = 100_000
_MAX_THREADS = 4
# What is said in playlists before anything was encoded: main profile, level 3.1, which holds these sizes.
_X264_OPTIONS = {
    "preset": "veryfast",
    "profile": "main",
    "level": "3.1",
    "crf": "24",
    "sc_threshold": "0",
}
_TRIAL_SIZE = (_MAX_WIDTH, _MAX_HEIGHT)


class EncoderError(Exception):
    """An encoder, named by the text, fails on this machine or with these pictures."""


def threads() -> int:
    """Return how many threads a conversion may use: one core stays free for the rest."""
    return max(1, min(_MAX_THREADS, (os.cpu_count() or 2) - 1))


def fitting_size(width: int, height: int) -> tuple[int, int]:
    """Return the size that pictures are given, in the same proportions and even."""
    share = min(1.0, _MAX_WIDTH / width, _MAX_HEIGHT / height)
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def working_encoder(after: str | None = None) -> str:
    """Return the first encoder that really encodes a picture on this machine.

    ``after`` is one that failed with pictures of the recording: only those behind it are tried. Some refuse
    sizes that others take, and hardware has only so many sessions.

    Raises InvalidBytesError if none does.
    """
    first = 0 if after is None else _ENCODERS.index(after) + 1
    for name in _ENCODERS[first:]:
        if name not in av.codecs_available:
            continue
        try:
            encoder = PictureEncoder(name, *_TRIAL_SIZE)
            black = av.VideoFrame(*_TRIAL_SIZE, "yuv420p")
            for plane, value in zip(black.planes, (16, 128, 128), strict=True):
                plane.update(bytes((value,)) * plane.buffer_size)
            black.pts, black.time_base = 0, _TICKS
            if any([*encoder.encode(black), *encoder.finish()]):
                return name
        except EncoderError:
            continue
    raise InvalidBytesError("FFmpeg has no encoder of H.264 that works here")


class PictureEncoder:
    """Encodes pictures of one size, the first as a key picture, in the order they are shown.

    Raises EncoderError where the encoder refuses the size or a picture.
    """

    def __init__(self, name: str, width: int, height: int) -> None:
        """Initialize. Raises EncoderError if the encoder can't be opened."""
        software = name in _SOFTWARE
        coder = cast("VideoCodecContext", av.CodecContext.create(name, "w"))
        coder.width, coder.height = width, height
        self._format = coder.pix_fmt = "yuv420p" if software else "nv12"
        coder.time_base = _TICKS
        coder.framerate = _NOMINAL_RATE
        coder.gop_size = _NEVER
        coder.max_b_frames = 0
        coder.thread_count = threads() if software else 1
        if name == "libx264":
            coder.options = {
                **_X264_OPTIONS,
                "maxrate": str(_BIT_RATE),
                "bufsize": str(_BUFFER_BITS),
            }
        else:
            coder.bit_rate = _BIT_RATE
        try:
            coder.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(name) from error
        self._coder = coder
        self._name = name

    def encode(self, frame: av.VideoFrame) -> Iterator[CodedPacket]:
        """Yield what is ready after one more picture; times are ticks."""
        picture = frame.reformat(
            self._coder.width, self._coder.height, self._format, interpolation="BILINEAR"
        )
        picture.pts, picture.time_base = frame.pts, _TICKS
        # Else the encoder would repeat what kinds the pictures had.
        picture.pict_type = PictureType.NONE
        yield from self._packets(picture)

    def finish(self) -> Iterator[CodedPacket]:
        """Yield the rest."""
        yield from self._packets(None)

    def _packets(self, picture: av.VideoFrame | None) -> list[CodedPacket]:
        try:
            return self._coder.encode(picture)
        except av.FFmpegError as error:
            raise EncoderError(self._name) from error
