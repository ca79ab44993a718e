"""The job of converting one part of a playback to H.264."""

from collections.abc import Iterator, Sequence
import io
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from .encoder import EncoderError, PictureEncoder, fitting_size, threads, working_encoder
from .faults import InvalidBytesError, NoPictureError
from .forms import Forms
from .inputs import integer
from .playback_job import begins_parts, put
from .segment_writer import write_segment
from .slots import TimedFrame
from .splicer import Frame
from .units import CodedPacket, Picture, VideoCodec, in_ticks
from .wire import JsonObject, JsonValue, Wire

_MAX_PARTS = 16
_MAX_BYTES = 256 << 20
_MAX_PICTURES = 4000
# Pictures that are shown for less than this only lead in to the next.
_SHORTEST_TICKS = 180


class ConvertJob:
    """Writes the part ``number`` as H.264, with the sound as it is.

    ``parts`` are the copied part and, before it, as many as it takes to a key picture; where that is not
    reached the result says so by ``whole`` False, and nothing was written.
    """

    def __init__(self, wire: Wire, values: JsonObject) -> None:
        self._init = Path(str(values["init"]))
        self._parts = _paths(values["parts"])
        self._target = Path(str(values["target"]))
        self._target_init = Path(str(values["target_init"]))
        self._number = integer(values["number"])
        encoder = values.get("encoder")
        self._encoder = encoder if isinstance(encoder, str) else None
        self._forms = Forms()

    def run(self) -> JsonObject:
        """Do the job."""
        init = self._init.read_bytes()
        data = [path.read_bytes() for path in self._parts]
        if len(init) + sum(map(len, data)) > _MAX_BYTES:
            raise InvalidBytesError("a part is too large")
        with av.open(io.BytesIO(init + data[-1]), "r", format="mp4") as container:
            pictures, sounds = _packets(container)
            if not pictures:
                raise NoPictureError("no picture in the part")
            if len(data) < _MAX_PARTS and not _starts_with_key(init + data[0]):
                return {"whole": False, "fits": False, "encoder": self._encoder}
            begin, end = _span(pictures)
            sound = next(iter(container.streams.audio), None)
            encoded = self._encoded(init + b"".join(data), begin)
            fits = self._write(encoded, end, sound, sounds)
        self._forms.close()
        return {"whole": True, "fits": fits, "encoder": self._encoder}

    def _write(
        self,
        encoded: Sequence[CodedPacket],
        end: int,
        sound: AudioStream | None,
        sounds: Sequence[CodedPacket],
    ) -> bool:
        timed: list[TimedFrame] = []
        for packet in encoded:
            data, pts = bytes(packet), packet.pts or 0
            if not timed:
                self._forms.learn(VideoCodec.H264, data)
            picture = Picture(data, pts, pts, packet.is_keyframe)
            timed.append(TimedFrame(Frame(picture, pts, pts), pts, pts))
        if not timed:
            raise NoPictureError("no picture that can be decoded")
        init, segment = write_segment(
            self._number, self._forms.template(0), timed, end, sound, sounds
        )
        if not begins_parts(self._target_init, init):
            return False
        put(self._target, segment)
        return True

    def _encoded(self, data: bytes, begin: int) -> Sequence[CodedPacket]:
        """Return the encoded pictures, by the next encoder where one fails; the result tells which it was."""
        self._encoder = self._encoder or working_encoder()
        while True:
            try:
                return list(_encoded(self._encoder, _decoded(data, begin)))
            except EncoderError:
                self._encoder = working_encoder(after=self._encoder)


def _encoded(name: str, frames: Iterator[av.VideoFrame]) -> Iterator[CodedPacket]:
    encoder: PictureEncoder | None = None
    for frame in frames:
        if encoder is None:
            encoder = PictureEncoder(name, *fitting_size(frame.width, frame.height))
        yield from encoder.encode(frame)
    if encoder is not None:
        yield from encoder.finish()


def _paths(value: JsonValue) -> list[Path]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_PARTS:
        raise ValueError("parts")
    return [Path(str(one)) for one in value]


def _packets(container: InputContainer) -> tuple[list[CodedPacket], list[CodedPacket]]:
    """Return the packets of pictures and of sound, in order."""
    video = container.streams.video[0]
    found: tuple[list[CodedPacket], list[CodedPacket]] = ([], [])
    for packet in container.demux():
        if packet.size and packet.pts is not None and packet.dts is not None:
            found[packet.stream_index != video.index].append(packet)
        if len(found[0]) > _MAX_PICTURES:
            raise InvalidBytesError("a part holds too much")
    return found


def _starts_with_key(data: bytes) -> bool:
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        first = next((packet for packet in container.demux(video=0) if packet.size), None)
        return first is not None and first.is_keyframe


def _span(pictures: Sequence[CodedPacket]) -> tuple[int, int]:
    """Return where a part's pictures begin and end, in ticks."""
    begin = min(in_ticks(one.pts or 0, one.time_base) for one in pictures)
    last = pictures[-1]
    return begin, in_ticks((last.dts or 0) + (last.duration or 1), last.time_base)


def _decoded(data: bytes, begin: int) -> Iterator[av.VideoFrame]:
    """Yield the pictures from ``begin`` on."""
    waiting: av.VideoFrame | None = None
    for frame in _frames(data):
        if frame.pts is None or frame.is_corrupt:
            continue
        if waiting is not None and frame.pts - (waiting.pts or 0) >= _SHORTEST_TICKS:
            yield waiting
        waiting = frame if frame.pts >= begin else None
    if waiting is not None:
        yield waiting


def _frames(data: bytes) -> Iterator[av.VideoFrame]:
    """Yield all pictures that can be decoded; their times become ticks."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        video: VideoStream = container.streams.video[0]
        coder = video.codec_context
        coder.thread_count = threads()
        coder.thread_type = "AUTO"
        for packet in container.demux(video):
            try:
                frames = coder.decode(packet)
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.pts is not None:
                    frame.pts = in_ticks(frame.pts, video.time_base)
                yield frame
