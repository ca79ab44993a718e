"""Which coder writes the pictures of a stream."""

from functools import lru_cache

from .formats import StreamFormat, VideoCodec
from .h264 import H264Coder
from .h265 import H265Coder
from .layout import Layout
from .picture import PictureCoder
from .stage import Stage


@lru_cache(maxsize=16)
def make_coder(form: StreamFormat, *, channel: int, stream: int) -> PictureCoder:
    """Paint a channel's scene and make the coder for it: tenths of a second of work.

    Recorders in one process share those of the same channel, stream and format: a coder keeps nothing of the pictures
    that it wrote.
    """
    stage = Stage(Layout(form.width, form.height), channel=channel, stream=stream)
    return H265Coder(stage, form) if form.codec is VideoCodec.H265 else H264Coder(stage, form)
