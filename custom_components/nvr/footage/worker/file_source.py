"""MP4 and its relatives as a source of footage.

Such a file may keep its index at its end, so it is laid down on disk before it is read.
"""

from collections.abc import Iterator
from pathlib import Path
import tempfile
from typing import override

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from .faults import InvalidBytesError, NoPictureError
from .source import Read, Source
from .units import AudioFormat, Picture, Sound, Unit, VideoCodec, in_ticks

_MAX_FILE_BYTES = 8 << 30
_FORMAT = "mov,mp4,m4a,3gp,3g2,mj2"
_ATOMS = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"})


def is_mp4(head: bytes) -> bool:
    """Return whether the bytes begin as a file of the MP4 family does."""
    return head[4:8] in _ATOMS


class FileSource(Source):
    """An MP4 file that arrives as a stream of bytes."""

    def __init__(self, read: Read, head: bytes, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)
        try:
            self._fill(read, head)
            self._container: InputContainer = av.open(self._file, "r", format=_FORMAT)
        except av.FFmpegError as error:
            self._file.close()
            raise InvalidBytesError("the file can't be opened") from error
        except BaseException:
            self._file.close()
            raise
        if not self._container.streams.video:
            raise NoPictureError("the file holds no pictures")
        self._pictures: VideoStream = self._container.streams.video[0]
        # PyAV has no context for a codec that FFmpeg does not know, whatever its types say.
        name = getattr(self._pictures.codec_context, "name", None)
        if name not in set(VideoCodec):
            raise InvalidBytesError("the file's video codec is not one that is copied")
        self.video = VideoCodec(name)
        self._sounds = next(iter(self._container.streams.audio), None)
        if getattr(self._sounds, "codec_context", None) is None:
            self._sounds = None
        self.audio = None if self._sounds is None else _audio_format(self._sounds)

    def _fill(self, read: Read, head: bytes) -> None:
        data, size = head, 0
        while data:
            size += self._file.write(data)
            if size > _MAX_FILE_BYTES:
                raise InvalidBytesError("the file is too large")
            data = read()
        self._file.seek(0)

    @override
    def __iter__(self) -> Iterator[Unit]:
        wanted = [self._pictures] if self._sounds is None else [self._pictures, self._sounds]
        try:
            for packet in self._container.demux(wanted):
                if packet.pts is None or packet.dts is None or not packet.size:
                    continue
                pts = in_ticks(packet.pts, packet.time_base)
                if packet.stream_index == self._pictures.index:
                    dts = in_ticks(packet.dts, packet.time_base)
                    yield Picture(packet, pts, dts, packet.is_keyframe)
                else:
                    yield Sound(bytes(packet), pts)
        except av.FFmpegError as error:
            raise InvalidBytesError("the file can't be read") from error

    @override
    def template(self, form: int = 0) -> VideoStream:
        return self._pictures

    @override
    def close(self) -> None:
        self._container.close()
        self._file.close()


def _audio_format(stream: AudioStream) -> AudioFormat:
    context = stream.codec_context
    return AudioFormat(
        context.name,
        context.sample_rate,
        context.layout.nb_channels,
        framed=True,
        extradata=context.extradata,
    )
