"""Footage in the container that drivers write what came over RTSP into."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import json
import struct
from typing import override

from simulator.footage.formats import AudioCodec, VideoCodec
from simulator.footage.rtp import Packetizer, media_lines
from simulator.footage.source import AudioFrame, FootageSource, VideoFrame

from .filmed import Filmed

_NTP_TO_UNIX = 2_208_988_800
_ENCODINGS: dict[VideoCodec | AudioCodec, str] = {
    VideoCodec.H264: "H264",
    VideoCodec.H265: "H265",
    AudioCodec.ALAW: "PCMA",
    AudioCodec.ULAW: "PCMU",
    AudioCodec.AAC: "MPEG4-GENERIC",
}
VIDEO, VIDEO_RTCP, AUDIO, AUDIO_RTCP = range(4)


@dataclass(frozen=True)
class Packet:
    """A packet on its channel, with when its contents were taken."""

    channel: int
    data: bytes
    instant: datetime

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4])

    @property
    def stamp(self) -> int:
        return int.from_bytes(self.data[4:8])

    def stamped(self, stamp: int) -> Packet:
        """Return the packet with another time stamp."""
        data = self.data[:4] + (stamp % (1 << 32)).to_bytes(4) + self.data[8:]
        return replace(self, data=data)

    def with_payload(self, payload: bytes, *, sequence: int | None = None) -> Packet:
        """Return the packet with another payload."""
        head = bytearray(self.data[:12])
        if sequence is not None:
            head[2:4] = (sequence % (1 << 16)).to_bytes(2)
        return replace(self, data=bytes(head) + payload)

    def extended(self, profile: int, body: bytes) -> Packet:
        """Return the packet with a header extension."""
        head = bytes((self.data[0] | 0x10,)) + self.data[1:12]
        extension = struct.pack(">HH", profile, len(body) // 4) + body
        return replace(self, data=head + extension + self.data[12:])


def packets(source: FootageSource, start: datetime, stop: datetime) -> Iterator[Packet]:
    """Give the packets of a span, as the simulator sends them."""
    video = Packetizer.for_video(source)
    audio = None if source.sound is None else Packetizer.for_audio(source)
    for frame in source.frames(start, stop):
        track = video if isinstance(frame, VideoFrame) else audio
        assert track is not None
        channel = AUDIO if isinstance(frame, AudioFrame) else VIDEO
        for data in track.packets(frame):
            yield Packet(channel, data, frame.instant)


def parameters(source: FootageSource, *, audio: bool = False) -> dict[str, str]:
    """Return a track's format parameters as its description gives them."""
    for line in media_lines(source)[int(audio)]:
        if line.startswith("a=fmtp:"):
            pairs = line.partition(" ")[2].split(";")
            return dict(pair.split("=", 1) for pair in pairs)
    return {}


@dataclass
class Container:
    """The container's description, to be spoiled by tests."""

    source: FootageSource
    sets: bool = True
    start: int | None = None
    ahead: timedelta = timedelta()
    rtptimes: tuple[int | None, int | None] = (None, None)
    changes: dict[str, object] = field(default_factory=dict)
    sound_changes: dict[str, object] = field(default_factory=dict)

    def head(self) -> bytes:
        """Return what stands before the packets."""
        form = self.source.format
        video = {
            "channel": VIDEO,
            "rtcp": VIDEO_RTCP,
            "media": "video",
            "encoding": _ENCODINGS[form.codec],
            "clock_rate": 90_000,
            "channels": 1,
            "payload_type": 96,
            "fmtp": parameters(self.source) if self.sets else {},
            "rtptime": self.rtptimes[0],
            "seq": None,
            **self.changes,
        }
        tracks = [video]
        if form.audio is not None:
            aac = form.audio is AudioCodec.AAC
            tracks.append(
                {
                    "channel": AUDIO,
                    "rtcp": AUDIO_RTCP,
                    "media": "audio",
                    "encoding": _ENCODINGS[form.audio],
                    "clock_rate": 16_000 if aac else 8000,
                    "channels": 1,
                    "payload_type": 104 if aac else 8,
                    "fmtp": parameters(self.source, audio=True) if aac else {},
                    "rtptime": self.rtptimes[1],
                    "seq": None,
                    **self.sound_changes,
                }
            )
        ahead = self.ahead // timedelta(microseconds=1)
        text = json.dumps({"tracks": tracks, "start": self.start, "ahead": ahead}).encode()
        return b"NVRRTP1\n" + len(text).to_bytes(4) + text


def frame(channel: int, data: bytes) -> bytes:
    """Return a packet as it is interleaved with RTSP."""
    return b"$" + bytes((channel,)) + len(data).to_bytes(2) + data


def interleaved(sent: Iterable[Packet]) -> Iterator[bytes]:
    """Give packets as bytes, in chunks that end anywhere."""
    buffer = bytearray()
    for packet in sent:
        buffer += frame(packet.channel, packet.data)
        while len(buffer) > 10_007:
            yield bytes(buffer[:10_007])
            del buffer[:10_007]
    yield bytes(buffer)


def ntp(instant: datetime) -> bytes:
    """Return an instant as an NTP time."""
    microseconds = int(instant.timestamp() * 1_000_000)
    seconds, rest = divmod(microseconds, 1_000_000)
    return struct.pack(">II", seconds + _NTP_TO_UNIX, (rest << 32) // 1_000_000)


def replayed(packet: Packet, instant: datetime | None = None, *, breaks: bool = False) -> Packet:
    """Return a packet with the extension of ONVIF replays; one that ``breaks`` follows upon a gap."""
    flags = b"\x20" if breaks else b"\0"
    return packet.extended(0xABAC, ntp(instant or packet.instant) + flags + b"\0\0\0")


def report(packet: Packet, clock: datetime) -> Packet:
    """Return the sender report that gives a packet's time stamp a time of the sender's clock."""
    body = b"\x80\xc8\0\6" + bytes(4) + ntp(clock) + packet.stamp.to_bytes(4) + bytes(8)
    return Packet(packet.channel + 1, body, packet.instant)


@dataclass
class Played(Filmed):
    """A recording that comes as RTP, from the key picture before what was asked for."""

    change: Callable[[Iterator[Packet]], Iterable[Packet]] = lambda sent: sent
    describe: Callable[[FootageSource], Container] = Container

    @override
    def chunks(self, first: datetime, last: datetime) -> Iterator[bytes]:
        """Give the container of a span."""
        source = self.source
        yield self.describe(source).head()
        span = packets(source, source.key_frame_at_or_before(first), last)
        yield from interleaved(self.change(span))
