"""Writing MP4 files that browsers and phones play from the first picture wanted."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from .sound_track import SoundTrack
from .units import TICKS_PER_SECOND, CodedPacket, Picture

TICKS = Fraction(1, TICKS_PER_SECOND)
_HEVC_TAG = "hvc1"
_OPTIONS = {
    # Pictures with negative times make the muxer write the edit list that hides the lead-in.
    "avoid_negative_ts": "disabled",
    "movie_timescale": str(TICKS_PER_SECOND),
    "video_track_timescale": str(TICKS_PER_SECOND),
}


def add_video(container: OutputContainer, template: VideoStream) -> VideoStream:
    """Add a stream for copied pictures. H.265 gets the tag that Apple's players want."""
    stream = container.add_stream_from_template(template, opaque=True)
    if stream.codec_context.name == "hevc":
        stream.codec_context.codec_tag = _HEVC_TAG
    stream.time_base = TICKS
    return stream


def packet_of(picture: Picture, stream: VideoStream, pts: int, dts: int) -> CodedPacket:
    """Return a picture as a packet for a stream, with its times in ticks."""
    packet = picture.data if isinstance(picture.data, av.Packet) else av.Packet(picture.data)
    packet.stream = stream
    packet.time_base = TICKS
    packet.pts, packet.dts = pts, dts
    packet.is_keyframe = picture.key
    return packet


class Mp4Writer:
    """One clip being written to disk, its index last.

    The muxer keeps a few dozen bytes per picture in memory and nothing else.
    """

    def __init__(self, path: Path, template: VideoStream, sound: SoundTrack | None) -> None:
        self._container = av.open(str(path), "w", format="mp4", options=dict(_OPTIONS))
        self._video = add_video(self._container, template)
        self._audio: AudioStream | None = None
        if sound is not None:
            self._audio = self._container.add_stream_from_template(sound.stream, opaque=True)
        self._waiting: CodedPacket | None = None
        self._last_dts: int | None = None

    def picture(self, picture: Picture, pts: int, dts: int) -> None:
        """Write a picture. It is held until the next one tells how long it is shown."""
        if self._last_dts is not None:
            dts = max(dts, self._last_dts + 1)
        pts = max(pts, dts)
        if self._waiting is not None and self._last_dts is not None:
            self._waiting.duration = dts - self._last_dts
            self._container.mux(self._waiting)
        self._last_dts = dts
        self._waiting = packet_of(picture, self._video, pts, dts)

    def sound(self, packets: Iterable[CodedPacket]) -> None:
        """Write encoded sound."""
        if self._audio is not None:
            for packet in packets:
                packet.stream = self._audio
                self._container.mux(packet)

    def finish(self, duration: int) -> None:
        """Write the last picture, which is shown until ``duration``, and the index."""
        if self._waiting is not None:
            self._waiting.duration = max(1, duration - (self._waiting.pts or 0))
            self._container.mux(self._waiting)
        self._container.close()

    def abandon(self) -> None:
        """Close what is unfinished; the file is of no use."""
        self._waiting = None
        try:
            self._container.close()
        except av.FFmpegError, ValueError:
            return
