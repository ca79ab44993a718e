"""The job of making one JPEG of an instant."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext

from .faults import NoPictureError
from .inputs import PartInput, integer, open_source, wait_for_part
from .source import Source
from .timekeeper import Timekeeper
from .tolerance import NOMINAL_STEP, tolerance
from .units import TICKS_PER_SECOND, CodedPacket, Picture
from .wire import MAX_FRAME_BYTES, JsonObject, Kind, Wire

_MAX_GROUP = 1500
_QUALITY = {"qmin": "4", "qmax": "4"}
_TICKS = Fraction(1, TICKS_PER_SECOND)


class PictureJob:
    """Makes a JPEG of what was on screen at ``instant``, or of what comes nearest within ``limit`` bytes if set."""

    def __init__(self, wire: Wire, values: JsonObject) -> None:
        self._wire = wire
        self._instant = integer(values["instant"])
        limit, width = values.get("limit"), values.get("width")
        self._limit = limit if isinstance(limit, int) else None
        self._width = width if isinstance(width, int) else None
        self._group: list[tuple[Picture, int]] = []
        self._clock_error = 0

    def run(self) -> JsonObject:
        """Do the job; the JPEG goes ahead of the result."""
        order = wait_for_part(self._wire)
        if order is None:
            raise NoPictureError("no transfer")
        self._clock_error = order.clock_error
        stream = PartInput(self._wire)
        source = open_source(stream, None)
        try:
            keeper = order.timekeeper()
            self._read(source, keeper, stream)
            frame, taken = self._decode(source)
        finally:
            source.close()
        if not stream.ended:
            self._wire.event("enough")
            stream.drain()
        jpeg = self._jpeg(frame)
        for start in range(0, len(jpeg), MAX_FRAME_BYTES):
            self._wire.send(Kind.BYTES, jpeg[start : start + MAX_FRAME_BYTES])
        return {
            "instant": taken,
            "exact": keeper.exact and source.tells_time,
            "first_wall": keeper.first_wall,
        }

    def _read(self, source: Source, keeper: Timekeeper, stream: PartInput) -> None:
        """Collect the group of pictures that is on screen at the instant, no further than to it.

        A picture is only delivered when the next one begins, so all that are collected are complete.
        """
        for unit in source:
            if not isinstance(unit, Picture):
                continue
            keeper.see(unit)
            utc = keeper.utc(unit.pts)
            if utc is None:
                continue
            too_much = self._limit is not None and stream.received > self._limit
            order = utc - unit.pts + unit.dts
            if self._group and (order > self._latest(source) or too_much):
                return
            if unit.key:
                self._group.clear()
            self._group.append((unit, utc))
            if utc >= self._instant or len(self._group) >= _MAX_GROUP:
                return

    def _decode(self, source: Source) -> tuple[av.VideoFrame, int]:
        """Return the newest picture of the group that is on screen at the instant, with its UTC."""
        latest = self._latest(source)
        best: tuple[av.VideoFrame, int] | None = None
        for frame, utc in self._frames(source):
            if best is None or (utc <= latest and utc >= best[1]):
                best = (frame, utc)
        if best is None:
            raise NoPictureError("no picture that can be decoded")
        return best

    def _latest(self, source: Source) -> int:
        """Return the latest that a picture may begin which is on screen at the instant."""
        steps = [later.dts - earlier.dts for (earlier, _), (later, _) in pairwise(self._group[-2:])]
        return self._instant + tolerance(
            steps[0] if steps and steps[0] > 0 else NOMINAL_STEP,
            clock_error=self._clock_error,
            footage_error=source.time_error,
        )

    def _frames(self, source: Source) -> Iterator[tuple[av.VideoFrame, int]]:
        if not self._group:
            return
        context = source.template(self._group[0][0].form).codec_context
        decoder = cast("VideoCodecContext", av.CodecContext.create(context.name, "r"))
        decoder.extradata = context.extradata
        decoder.thread_count = 1
        origin = self._group[0][1]
        packets = [_packet(picture, utc - origin) for picture, utc in self._group]
        for packet in [*packets, None]:
            try:
                for frame in decoder.decode(packet):
                    if frame.pts is not None and not frame.is_corrupt:
                        yield frame, origin + frame.pts
            except av.FFmpegError:
                continue

    def _jpeg(self, frame: av.VideoFrame) -> bytes:
        width, height = frame.width, frame.height
        if self._width is not None and self._width < width:
            height = max(2, round(height * self._width / width / 2) * 2)
            width = max(2, self._width // 2 * 2)
        # A JPEG's brightness goes from 0 to 255, a video's mostly from 16 to 235.
        small = frame.reformat(
            width, height, "yuvj420p", dst_color_range="JPEG", interpolation="AREA"
        )
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height = width, height
        encoder.pix_fmt = "yuvj420p"
        encoder.time_base = _TICKS
        encoder.options = dict(_QUALITY)
        small.pts = 0
        small.time_base = _TICKS
        return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))


def _packet(picture: Picture, pts: int) -> CodedPacket:
    packet = picture.data if isinstance(picture.data, av.Packet) else av.Packet(picture.data)
    packet.time_base = _TICKS
    packet.pts, packet.dts = pts, pts - picture.pts + picture.dts
    return packet
