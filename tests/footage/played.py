"""Looking into the parts of a playback as a player does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
import io
from itertools import pairwise
from pathlib import Path
import struct

import av

from custom_components.nvr.footage.playback import Playback
from simulator.footage.decoded import pattern_of
from simulator.footage.program_stream import ProgramStream

from .filmed import NOON, Filmed

SLOT = 4.0
FRAME = 0.04


def recording(seconds: float = 600, **values: object) -> Filmed:
    """Return a recording that begins at an odd millisecond, at a key picture as recorders do."""
    filmed = Filmed(NOON, NOON + timedelta(seconds=seconds), **values)  # type: ignore[arg-type]  # passed on as they are
    length = timedelta(milliseconds=filmed.format.gop_ms)
    filmed.start = filmed.source.key_frame_at_or_before(NOON + length)
    return filmed


@dataclass
class Segment:
    """What a part holds: its pictures' times and when they were filmed, and its sound's times."""

    times: list[float]
    filmed: list[datetime]
    sound: list[float]


async def load(playback: Playback, number: int) -> Segment:
    """Fetch a part and look into it as a player does."""
    init, path = await playback.init(), await playback.segment(number)
    data = init.read_bytes() + path.read_bytes()
    with av.open(io.BytesIO(data), "r") as container:
        pictures = [
            (float(frame.time or 0), pattern_of(frame).instant)
            for frame in container.decode(video=0)
        ]
    with av.open(io.BytesIO(data), "r") as container:
        sound = (
            [
                float(
                    (packet.pts or 0)
                    * Fraction(packet.time_base.numerator, packet.time_base.denominator)
                )
                for packet in container.demux(audio=0)
                if packet.size
            ]
            if container.streams.audio
            else []
        )
    return Segment([time for time, _ in pictures], [taken for _, taken in pictures], sound)


async def assert_parts(playback: Playback, start: datetime) -> None:
    """Check that some parts of a recording begin when they should, and show picture after picture."""
    for number in (0, 1, 60):
        part = await load(playback, number)
        assert abs(part.filmed[0] - timedelta(seconds=part.times[0]) - start) <= timedelta(
            seconds=1
        )
        assert abs(part.times[0] - number * SLOT) <= 2
        assert part.sound
        # The first picture of a recording stays on show from its very start.
        times = part.times[number == 0 :]
        assert {round((later - time) / FRAME) for time, later in pairwise(times)} == {1}


def decode_times(path: Path) -> list[int]:
    """Return the base decode times (``tfdt``) of a part's tracks, in units of their clocks."""
    data, found, at = path.read_bytes(), [], 0
    while (at := data.find(b"tfdt", at)) >= 0:
        wide = data[at + 4] == 1
        found.append(struct.unpack_from(">Q" if wide else ">I", data, at + 8)[0])
        at += 4
    return found


def bytes_of(filmed: Filmed, start: datetime) -> list[bytes]:
    """Return a recording's bytes."""
    source = filmed.source
    program = ProgramStream(source, wall=lambda utc: utc.replace(tzinfo=None))
    first, last = (source.key_frame_at_or_before(one) for one in (start, filmed.end))
    return list(program.chunks(first, last))
