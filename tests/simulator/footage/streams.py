"""Streams that the tests look at, and real decoders to look at them with."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
import subprocess
from zoneinfo import ZoneInfo

import av
import numpy as np
from numpy.typing import NDArray

from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.source import FootageSource, VideoFrame

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 21, 13, 0, 0, 500_000, UTC)
MAIN = StreamFormat(
    codec=VideoCodec.H264,
    width=1280,
    height=720,
    fps=25,
    gop_seconds=2,
    bitrate_kbps=4096,
    audio=AudioCodec.ALAW,
)
SUB = replace(MAIN, width=640, height=360, fps=12.5, bitrate_kbps=768)
CODECS = tuple(VideoCodec)


def source(
    form: StreamFormat = SUB, *, channel: int = 7, stream: int = 2, zone: tzinfo = ZONE
) -> FootageSource:
    return FootageSource(channel=channel, stream=stream, format=form, zone=zone)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def byte_stream(frames: Iterable[VideoFrame]) -> bytes:
    return b"".join(b"\0\0\0\1" + nal for frame in frames for nal in frame.nals)


def decode_by_ffmpeg(data: bytes, form: StreamFormat) -> list[NDArray[np.uint8]]:
    """Give the planes of all pictures, Y over Cb over Cr; the slightest complaint is an error."""
    kind = "h264" if form.codec is VideoCodec.H264 else "hevc"
    command = "ffmpeg -v error -xerror -err_detect explode -f {} -i - -f rawvideo -pix_fmt yuv420p"
    arguments = [*command.format(kind).split(), "-fps_mode", "passthrough", "-"]
    result = subprocess.run(arguments, input=data, capture_output=True, check=True)
    assert result.stderr == b""
    size = form.width * form.height * 3 // 2
    assert len(result.stdout) % size == 0
    pictures = np.frombuffer(result.stdout, np.uint8).reshape(-1, size)
    return list(pictures)


def luma(picture: NDArray[np.uint8], form: StreamFormat) -> NDArray[np.uint8]:
    return picture[: form.width * form.height].reshape(form.height, form.width)


def decode_one_by_one(frames: Iterable[VideoFrame], form: StreamFormat) -> list[NDArray[np.uint8]]:
    """Decode by PyAV and insist that each picture comes out as soon as it went in."""
    decoder = av.VideoCodecContext.create("h264" if form.codec is VideoCodec.H264 else "hevc", "r")
    decoder.thread_count = 1
    decoder.options = {"err_detect": "explode"}
    pictures = []
    for frame in frames:
        packet = av.Packet(byte_stream([frame]))
        packet.pts = packet.dts = frame.pts90k
        packet.time_base = Fraction(1, 90000)
        (picture,) = decoder.decode(packet)
        assert picture.pts == frame.pts90k
        assert picture.key_frame == frame.key
        planes = np.asarray(picture.to_ndarray(format="yuv420p"), np.uint8)
        pictures.append(planes[: form.height, : form.width])
    assert decoder.decode(None) == []
    return pictures
