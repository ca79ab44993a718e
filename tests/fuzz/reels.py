"""Short pieces of the simulator's footage in every container, as real data to be damaged."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from functools import cache
from io import BytesIO

import av
import numpy as np

from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.source import VideoFrame
from tests.footage.dhav_bytes import Counter, Dav
from tests.footage.filmed import NOON, Filmed
from tests.footage.rtp_bytes import Container, Packet, frame, packets, replayed, report

# A few pictures are enough: what reads ten of them reads a million.
LENGTH = timedelta(seconds=0.4)


def _format(codec: VideoCodec, audio: AudioCodec | None) -> StreamFormat:
    return StreamFormat(
        codec=codec,
        width=640,
        height=352,
        fps=5,
        gop_seconds=0.4,
        bitrate_kbps=100,
        audio=audio,
    )


def _filmed() -> Iterator[Filmed]:
    for codec, audio in (
        (VideoCodec.H264, AudioCodec.ALAW),
        (VideoCodec.H265, AudioCodec.AAC),
        (VideoCodec.H264, AudioCodec.ULAW),
        (VideoCodec.H264, None),
    ):
        yield Filmed(start=NOON, end=NOON + LENGTH, format=_format(codec, audio))


@cache
def program_streams() -> list[bytes]:
    """Return program streams with head and without."""
    found = []
    for number, filmed in enumerate(_filmed()):
        filmed.head = number % 2 == 0
        found.append(b"".join(filmed.chunks(NOON, NOON + LENGTH)))
    return found


@cache
def dhav_files() -> list[bytes]:
    """Return DHAV with heads and without, with both kinds of counters."""
    found = []
    for number, filmed in enumerate(_filmed()):
        dav = Dav(
            filmed.start,
            filmed.end,
            format=filmed.format,
            counter=Counter.LOW_BITS if number % 2 else Counter.IN_SECOND,
            long=number > 1,
            leading=b"DHII" + bytes(60) if number == 1 else b"",
            trailing=b"index" * 20,
        )
        found.append(b"".join(dav.chunks(NOON, NOON + 4 * LENGTH)))
    return found


@cache
def rtp_packets() -> list[Packet]:
    """Return packets of all codecs, plain, with the extension of replays, and reports."""
    found: list[Packet] = []
    for filmed in _filmed():
        sent = list(packets(filmed.source, NOON, NOON + LENGTH))
        found += [*sent, *map(replayed, sent), *(report(packet, NOON) for packet in sent[:2])]
    return found


def _broken(sent: list[Packet]) -> list[Packet]:
    """Return packets of which each follows upon a gap."""
    return [replayed(packet, breaks=True) for packet in sent]


@cache
def rtp_containers() -> list[bytes]:
    """Return containers as drivers write them."""
    found = []
    for filmed in _filmed():
        sent = list(packets(filmed.source, NOON, NOON + LENGTH))
        for change in (list[Packet], lambda each: [*map(replayed, each)], _broken):
            changed = change(sent)
            framed = b"".join(frame(packet.channel, packet.data) for packet in changed)
            framed += frame(1, report(sent[0], NOON).data)
            found.append(Container(filmed.source).head() + framed)
    return found


@cache
def key_pictures() -> list[bytes]:
    """Return coded pictures with their parameter sets."""
    return [
        b"".join(b"\0\0\0\1" + unit for unit in picture.nals)
        for filmed in _filmed()
        for picture in filmed.source.frames(NOON, NOON + LENGTH)
        if isinstance(picture, VideoFrame) and picture.key
    ]


@cache
def files() -> list[bytes]:
    """Return MP4 files."""
    found = []
    for options in ({}, {"movflags": "frag_keyframe+empty_moov"}):
        target = BytesIO()
        with av.open(target, "w", format="mp4", options=options) as container:
            stream = container.add_stream("mpeg4", rate=Fraction(5))
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for _ in range(3):
                picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        found.append(target.getvalue())
    return found
