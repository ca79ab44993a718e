"""Writing parts of a playback: fragmented MP4 whose times count from the recording's start."""

from collections.abc import Iterator, Sequence
import io
import struct

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from .faults import UnsoundResultError
from .mp4_writer import add_video, packet_of
from .slots import TimedFrame
from .units import CodedPacket

_HEADER = struct.Struct(">I4s")
_INIT_BOXES = frozenset({b"ftyp", b"moov"})
_SEGMENT_BOXES = frozenset({b"moof", b"mdat"})
_OPTIONS = {
    # One fragment per part, whose decode time is the picture's own.
    "movflags": "empty_moov+default_base_moof+frag_discont+skip_trailer",
    "avoid_negative_ts": "disabled",
    "use_editlist": "0",
}


def write_segment(
    number: int,
    template: VideoStream,
    frames: Sequence[TimedFrame],
    end: int,
    sound: AudioStream | None,
    packets: Sequence[CodedPacket],
) -> tuple[bytes, bytes]:
    """Return the initialization and the part that hold these pictures and this sound.

    The initialization depends only on the codecs' parameters, so it is the same for all parts.
    """
    file = io.BytesIO()
    options = {**_OPTIONS, "fragment_index": str(number + 1)}
    with av.open(file, "w", format="mp4", options=options) as container:
        video = add_video(container, template)
        audio = None if sound is None else container.add_stream_from_template(sound, opaque=True)
        if audio is not None:
            # Of sound that was read from a file it is an estimate, other for each part.
            audio.codec_context.bit_rate = 0
        for packet in _packets(frames, end, video):
            container.mux(packet)
        if audio is not None:
            for packet in packets:
                packet.stream = audio
                container.mux(packet)
    return _split(file.getvalue())


def _packets(frames: Sequence[TimedFrame], end: int, video: VideoStream) -> Iterator[CodedPacket]:
    """Give the pictures rising decode times; each lasts until the next."""
    times: list[tuple[int, int]] = []
    for timed in frames:
        dts = max(timed.dts, 0, times[-1][1] + 1 if times else 0)
        times.append((max(timed.pts, dts), dts))
    ends = [*(dts for _, dts in times[1:]), end]
    for timed, (pts, dts), stop in zip(frames, times, ends, strict=True):
        packet = packet_of(timed.frame.picture, video, pts, dts)
        packet.duration = max(1, stop - dts)
        yield packet


def _split(data: bytes) -> tuple[bytes, bytes]:
    init, segment = bytearray(), bytearray()
    position = 0
    while position + _HEADER.size <= len(data):
        size, kind = _HEADER.unpack_from(data, position)
        if size < _HEADER.size:
            break
        box = data[position : position + size]
        if kind in _INIT_BOXES:
            init += box
        elif kind in _SEGMENT_BOXES:
            segment += box
        position += size
    if not init or not segment:
        raise UnsoundResultError("the part holds nothing")
    return bytes(init), bytes(segment)
