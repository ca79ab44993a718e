"""Program streams that the simulator doesn't make: B pictures, two sizes, no map."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from custom_components.nvr.footage.worker.units import CodedPacket
from simulator.footage.formats import StreamFormat
from simulator.footage.pattern import EPOCH
from simulator.footage.program_map import program_stream_map
from simulator.footage.source import FootageSource

from .filmed import small_format

TICKS = 90_000
VIDEO_ID = 0xE0
_MAX_PAYLOAD = 60_000


@dataclass(frozen=True)
class Coded:
    """A picture coded anew. Times are UTC in ticks since 1970."""

    data: bytes
    pts: int
    dts: int
    key: bool


def ticks(instant: datetime) -> int:
    """Return an instant in ticks since 1970."""
    return (instant - EPOCH) // timedelta(milliseconds=1) * 90


@cache
def coded_anew(
    start: datetime,
    seconds: int,
    encoder: str = "libx264",
    options: tuple[tuple[str, str], ...] = (),
    form: StreamFormat | None = None,
) -> tuple[Coded, ...]:
    """Return the simulator's pictures coded by another encoder."""
    form = form or small_format()
    source = FootageSource(channel=1, stream=1, format=form, zone=ZoneInfo("UTC"))
    decoder = av.CodecContext.create("h264", "r")
    coder = cast("VideoCodecContext", av.CodecContext.create(encoder, "w"))
    coder.width, coder.height, coder.pix_fmt = form.width, form.height, "yuv420p"
    coder.time_base = Fraction(1, 25)
    coder.framerate = Fraction(25)
    coder.options = {"preset": "ultrafast", "g": "50", **dict(options)}
    taken: list[int] = []
    packets: list[CodedPacket] = []
    for frame in source.video(start, start + timedelta(seconds=seconds)):
        taken.append(ticks(frame.instant))
        data = b"".join(b"\0\0\0\1" + nal for nal in frame.nals)
        for picture in decoder.decode(av.Packet(data)):
            picture.pts, picture.time_base = len(taken) - 1, Fraction(1, 25)
            # Else the encoder would repeat what kinds the pictures had.
            picture.pict_type = PictureType.NONE
            packets += coder.encode(picture)
    packets += coder.encode(None)
    # The decoder gives its last picture late; an encoder may count decoding times from below zero.
    first = taken[0]
    return tuple(
        Coded(
            bytes(packet),
            first + round((packet.pts or 0) * TICKS / 25),
            first + round((packet.dts or 0) * TICKS / 25),
            packet.is_keyframe,
        )
        for packet in packets
    )


def program_stream(
    pictures: tuple[Coded, ...], form: StreamFormat, *, with_map: bool = True
) -> Iterator[bytes]:
    """Give the pictures as a program stream whose maps carry the time in UTC."""
    for picture in pictures:
        parts = [b"\0\0\1\xba\x44\0\4\0\4\1\0\0\3\xf8"]
        if picture.key and with_map:
            wall = EPOCH + timedelta(milliseconds=picture.pts // 90)
            parts.append(program_stream_map(form, wall.replace(tzinfo=None)))
        for place in range(0, len(picture.data), _MAX_PAYLOAD):
            head = _time_stamps(picture) if place == 0 else b"\x80\0\0"
            body = head + picture.data[place : place + _MAX_PAYLOAD]
            parts.append(b"\0\0\1\xe0" + len(body).to_bytes(2) + body)
        yield b"".join(parts)


def _time_stamps(picture: Coded) -> bytes:
    pts, dts = (value % (1 << 33) for value in (picture.pts, picture.dts))
    if pts == dts:
        return b"\x80\x80\5" + _stamp(0b0010, pts)
    return b"\x80\xc0\x0a" + _stamp(0b0011, pts) + _stamp(0b0001, dts)


def _stamp(mark: int, value: int) -> bytes:
    bits = mark << 3 | value >> 30
    bits = (bits << 1 | 1) << 15 | value >> 15 & 0x7FFF
    bits = ((bits << 1 | 1) << 15 | value & 0x7FFF) << 1 | 1
    return bits.to_bytes(5)
