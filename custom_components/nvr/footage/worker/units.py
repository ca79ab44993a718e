"""What sources of footage deliver: pictures and sound with their time stamps."""

from dataclasses import dataclass, field
from enum import StrEnum

import av
from av.rational import AVRational
from av.stream import Stream

TICKS_PER_SECOND = 90_000

type CodedPacket = av.Packet[Stream]


def in_ticks(value: int, unit: AVRational) -> int:
    """Return a time in some container's unit as ticks, rounded to the nearest."""
    return round(value * unit.numerator * TICKS_PER_SECOND / unit.denominator)


class VideoCodec(StrEnum):
    """Codecs that are copied, by the names that FFmpeg gives them."""

    H264 = "h264"
    HEVC = "hevc"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How the sound of a source is coded. ``codec`` is the name of FFmpeg's decoder.

    ``framed`` is False where a packet's bytes are samples and may be cut anywhere. ``extradata`` is what some
    containers keep beside the packets.
    """

    codec: str
    rate: int
    channels: int = 1
    framed: bool = False
    bits_per_sample: int | None = None
    extradata: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TimeHint:
    """What a transfer says of time that is not the device's wall clock. All in ticks, None where it says nothing.

    ``utc`` is when the picture was taken, since 1970. ``sent`` is the sender's clock at the picture: when it was
    taken or when it was sent, which devices mix up. ``asked`` is where on the source's clock the span
    begins that was asked for, ``start`` the UTC that the device gives for that place.
    """

    utc: int | None = None
    sent: int | None = None
    asked: int | None = None
    start: int | None = None


@dataclass(slots=True)
class Picture:
    """One coded picture, in decoding order.

    ``pts`` and ``dts`` are ticks of the source's own clock, unwrapped. ``wall`` is the device's wall clock in
    ticks since 1970 as if it were UTC, where the footage says it for this picture. ``form`` numbers the
    parameter sets in force, which change where a camera is set otherwise or swapped; the source's ``template``
    tells what they are.
    """

    data: bytes | CodedPacket
    pts: int
    dts: int
    key: bool
    wall: int | None = None
    form: int = 0
    hint: TimeHint | None = None

    @property
    def size(self) -> int:
        """Bytes of the picture."""
        return self.data.size if isinstance(self.data, av.Packet) else len(self.data)


@dataclass(slots=True)
class Sound:
    """Coded sound, in order. ``pts`` is in the same ticks as the pictures' and may be missing."""

    data: bytes
    pts: int | None


type Unit = Picture | Sound
