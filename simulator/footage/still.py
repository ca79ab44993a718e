"""Still pictures of a stream, as JPEG."""

from datetime import datetime
from io import BytesIO

import av
from PIL import Image

from .formats import VideoCodec
from .source import FootageSource, VideoFrame

_START_CODE = b"\x00\x00\x00\x01"
_QUALITY = 85


def jpeg(source: FootageSource, instant: datetime, size: tuple[int, int] | None = None) -> bytes:
    """Give the last key frame at an instant, of another size if one is given."""
    key_frame = source.key_frame_at_or_before(instant)
    image = _decode(source, next(source.video(key_frame)))
    if size is not None:
        image = image.resize(size)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _decode(source: FootageSource, frame: VideoFrame) -> Image.Image:
    decoder: av.VideoCodecContext
    match source.format.codec:
        case VideoCodec.H264:
            decoder = av.CodecContext.create("h264", "r")
        case VideoCodec.H265:
            decoder = av.CodecContext.create("hevc", "r")
    bytestream = b"".join(_START_CODE + nal for nal in frame.nals)
    (picture,) = [*decoder.decode(av.Packet(bytestream)), *decoder.decode(None)]
    return Image.fromarray(picture.to_ndarray(format="rgb24"))
