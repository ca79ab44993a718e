"""Which coder writes the pictures of a stream."""

from .formats import StreamFormat, VideoCodec
from .h264 import H264Coder
from .h265 import H265Coder
from .layout import Layout
from .picture import PictureCoder
from .stage import Stage


def make_coder(form: StreamFormat, *, channel: int, stream: int) -> PictureCoder:
    """Paint a channel's scene and make the coder for it: tenths of a second of work."""
    stage = Stage(Layout(form.width, form.height), channel=channel, stream=stream)
    return H265Coder(stage, form) if form.codec is VideoCodec.H265 else H264Coder(stage, form)
