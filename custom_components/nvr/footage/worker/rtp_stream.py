"""Footage that was played over RTSP as a source."""

from collections.abc import Iterator
from typing import ClassVar, override

from av.video.stream import VideoStream

from .decode_order import DecodeOrder, reorder_depth
from .faults import InvalidBytesError
from .forms import Forms
from .rtp_audio import SoundDepacketizer, sound_depacketizer
from .rtp_container import RtpContainer, RtpTrack
from .rtp_line import RtpLine
from .rtp_packet import RtpPacket, SenderReport, parse_packet, sender_reports
from .rtp_video import DEPACKETIZERS, RtpPicture
from .source import Read, Source
from .units import TICKS_PER_SECOND, Picture, Sound, TimeHint, Unit

_SILENT_BYTES = 64 << 20
_COMFORT_NOISE = frozenset({13, 19})
_STAMPS = 1 << 32
_MICROSECONDS = 1_000_000
# A stamp that PLAY's answer names for the start may not be far from the first picture, else it means something else.
_LONGEST_LEAD = 60 * TICKS_PER_SECOND


class _Clock:
    """What is known of one track's time: its line of ticks, and how that relates to the sender's clock."""

    def __init__(self, track: RtpTrack) -> None:
        self._line = RtpLine(track.clock_rate)
        self._asked_stamp = track.rtptime
        self._report: SenderReport | None = None
        self._utc_shift: int | None = None
        self.asked: int | None = None
        self.began_anew = False

    def place(self, stamp: int, gap: int | None = None, *, breaks: bool = False) -> int:
        """Return the place of the next packet's stamp on the line."""
        place = self._line(stamp, gap, breaks=breaks)
        self.began_anew = self._line.began_anew
        if self.began_anew:
            self._report = self._utc_shift = self.asked = None
        if self._asked_stamp is not None:
            asked, self._asked_stamp = self._line.place(self._asked_stamp), None
            if asked is not None and abs(asked - place) <= _LONGEST_LEAD:
                self.asked = asked
        return place

    def report(self, report: SenderReport) -> None:
        """Take note of the sender's clock."""
        self._report = report

    def learn_utc(self, utc: int, place: int) -> None:
        """Take note of when a unit was taken."""
        self._utc_shift = utc - place

    def sent(self, place: int) -> int | None:
        """Return the sender's clock at a place, None if there was no report."""
        shift = self._sent_shift()
        return None if shift is None else place + shift

    def _sent_shift(self) -> int | None:
        if self._report is None:
            return None
        reported = self._line.place(self._report.timestamp)
        return None if reported is None else self._report.clock - reported

    def shift_to(self, other: _Clock) -> int | None:
        """Return what turns places on this line into places on another, None if nothing tells it."""
        if self._utc_shift is not None and other._utc_shift is not None:
            return self._utc_shift - other._utc_shift
        mine, theirs = self._sent_shift(), other._sent_shift()
        if mine is not None and theirs is not None:
            return mine - theirs
        if self.asked is not None and other.asked is not None:
            return other.asked - self.asked
        return None


class RtpStream(Source):
    """Pictures and sound out of RTP packets, on the clock of the pictures."""

    begins_near: ClassVar[bool] = True

    def __init__(self, read: Read, head: bytes) -> None:
        """Initialize. Raises InvalidBytesError if there is no track of pictures that can be read."""
        self._container = RtpContainer(read, head)
        tracks = self._container.tracks
        video = next((track for track in tracks if track.encoding in DEPACKETIZERS), None)
        if video is None:
            raise InvalidBytesError("no video codec that is known")
        kind, names = DEPACKETIZERS[video.encoding]
        self.video = kind.codec
        self._video = video
        self._clock = _Clock(video)
        self._pictures = kind(video.units(*names))
        self._order = DecodeOrder()
        self._forms = Forms()
        start = self._container.start
        self._start = None if start is None else start * TICKS_PER_SECOND // _MICROSECONDS
        self._ahead = self._container.ahead * TICKS_PER_SECOND // _MICROSECONDS
        self._last_utc: int | None = None
        self._last_key: tuple[int, int] | None = None
        self._newest: int | None = None
        self._without_picture = 0
        readable = ((track, sound_depacketizer(track)) for track in tracks if track is not video)
        self._audio: RtpTrack | None = None
        self._sounds: SoundDepacketizer | None = None
        self._sound_clock: _Clock | None = None
        for track, sounds in readable:
            if sounds is not None:
                self._audio, self._sounds, self._sound_clock = track, sounds, _Clock(track)
                break
        self._arrival_shift: int | None = None
        self.audio = None if self._sounds is None else self._sounds.audio

    @override
    def __iter__(self) -> Iterator[Unit]:
        for channel, data in self._container:
            if channel == self._video.channel:
                yield from self._video_packet(data)
            elif self._audio is not None and channel == self._audio.channel:
                yield from self._audio_packet(data)
            else:
                self._control_packet(channel, data)
        for picture in self._pictures.flush():
            yield self._picture(picture)

    def _control_packet(self, channel: int, data: bytes) -> None:
        for report in sender_reports(data):
            if channel == self._video.rtcp:
                self._clock.report(report)
            elif (
                self._audio is not None
                and self._sound_clock is not None
                and channel == self._audio.rtcp
            ):
                self._sound_clock.report(report)

    def _video_packet(self, data: bytes) -> Iterator[Picture]:
        packet = parse_packet(data)
        self._without_picture += len(data)
        if self._without_picture > _SILENT_BYTES:
            raise InvalidBytesError("no picture in much footage")
        if packet is None:
            return
        for picture in self._pictures.feed(packet):
            yield self._picture(picture)

    def _picture(self, coded: RtpPicture) -> Picture:
        assert self.video is not None
        packet = coded.packet
        utc = None if packet.utc is None else packet.utc - self._ahead
        breaks = coded.key or packet.discontinuous
        pts = self._clock.place(packet.timestamp, self._gap(utc, key=coded.key), breaks=breaks)
        if self._clock.began_anew:
            self._order = DecodeOrder()
            self._arrival_shift = None
        if utc is not None:
            self._last_utc = utc
            self._clock.learn_utc(utc, pts)
            if coded.key:
                self._last_key = utc, pts
        if coded.key:
            form = self._forms.learn(self.video, coded.data)
            self._order.expect(reorder_depth(self._forms.template(form)))
        self._newest = pts
        self._without_picture = 0
        hint = TimeHint(utc, self._clock.sent(pts), self._clock.asked, self._start)
        return Picture(
            coded.data, pts, self._order(pts), coded.key, packet.wall, self._forms.current, hint
        )

    def _gap(self, utc: int | None, *, key: bool) -> int | None:
        """Return how long after the picture before it one was taken, None where nothing tells.

        Key pictures are measured from the key picture before: some devices give those between them its time.
        """
        if utc is None:
            return None
        if key and self._last_key is not None and self._newest is not None:
            key_utc, key_place = self._last_key
            return utc - key_utc - (self._newest - key_place)
        return None if self._last_utc is None else utc - self._last_utc

    def _audio_packet(self, data: bytes) -> Iterator[Sound]:
        packet = parse_packet(data)
        if packet is None or packet.payload_type in _COMFORT_NOISE or self._sounds is None:
            return
        for sound, stamp in self._sounds.feed(packet):
            yield Sound(sound, self._sound_time(stamp % _STAMPS, packet))

    def _sound_time(self, stamp: int, packet: RtpPacket) -> int | None:
        """Return the time of sound on the clock of the pictures; None before the first of them."""
        assert self._sound_clock is not None
        clock = self._sound_clock
        place = clock.place(stamp)
        if clock.began_anew:
            self._arrival_shift = None
        if packet.utc is not None and stamp == packet.timestamp:
            clock.learn_utc(packet.utc - self._ahead, place)
        if self._newest is None:
            return None
        shift = clock.shift_to(self._clock)
        if shift is None:
            if self._arrival_shift is None:
                self._arrival_shift = self._newest - place
            shift = self._arrival_shift
        return place + shift

    @override
    def template(self, form: int = 0) -> VideoStream:
        return self._forms.template(form)

    @override
    def close(self) -> None:
        self._forms.close()
