"""What the coded pictures themselves say of their codec."""

from collections.abc import Iterator
import io

import av
from av.container import InputContainer

from .faults import InvalidBytesError
from .units import VideoCodec

_PREFIX = b"\0\0\1"
_H264_PARAMETER_SETS = frozenset({7, 8, 13})
_H264_SLICES = range(1, 6)
_HEVC_PARAMETER_SETS = frozenset({32, 33, 34})
_HEVC_SLICES = range(32)
# FFmpeg's names of the raw formats.
_RAW_FORMATS = {VideoCodec.H264: "h264", VideoCodec.HEVC: "hevc"}


def parameter_sets(codec: VideoCodec, picture: bytes) -> bytes:
    """Return the parameter sets before a picture's first slice, empty where there are none."""
    kinds = _HEVC_PARAMETER_SETS if codec is VideoCodec.HEVC else _H264_PARAMETER_SETS
    slices = _HEVC_SLICES if codec is VideoCodec.HEVC else _H264_SLICES
    found = bytearray()
    for start, end in _units(picture):
        kind = picture[start] >> 1 & 0x3F if codec is VideoCodec.HEVC else picture[start] & 0x1F
        if kind in slices:
            break
        if kind in kinds:
            found += picture[start:end].rstrip(b"\0")
    return bytes(found)


def _units(data: bytes) -> Iterator[tuple[int, int]]:
    start = data.find(_PREFIX)
    while 0 <= start < len(data) - len(_PREFIX):
        start += len(_PREFIX)
        end = data.find(_PREFIX, start)
        yield start, len(data) if end < 0 else end
        start = end


def guess_codec(data: bytes) -> VideoCodec | None:
    """Return the codec whose parameter sets stand in these bytes, or None."""
    for start, _ in _units(data):
        first, second = data[start], data[start + 1] if start + 1 < len(data) else 0
        if first & 0x81 == 0 and first >> 1 in _HEVC_PARAMETER_SETS and second == 1:
            return VideoCodec.HEVC
        if first & 0x80 == 0 and first & 0x60 and first & 0x1F in _H264_PARAMETER_SETS:
            return VideoCodec.H264
    return None


def open_picture(codec: VideoCodec, picture: bytes) -> InputContainer:
    """Open one key picture as a stream of its own, so that FFmpeg reads its parameters.

    Raises InvalidBytesError if it finds none.
    """
    try:
        container = av.open(io.BytesIO(picture), "r", format=_RAW_FORMATS[codec])
    except av.FFmpegError as error:
        raise InvalidBytesError("the key picture can't be read") from error
    context = container.streams.video[0].codec_context
    if not context.width or not context.height or context.pix_fmt is None:
        container.close()
        raise InvalidBytesError("the key picture has no size")
    return container
