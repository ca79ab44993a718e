"""Damage to footage, and what it may lead to."""

from collections.abc import Iterator
from typing import Protocol

import av
from hypothesis import strategies as st

from custom_components.nvr.footage.worker.faults import InvalidBytesError, NoPictureError
from custom_components.nvr.footage.worker.units import Picture, Sound, Unit

# Footage comes in pieces of any size.
PIECES = st.integers(100, 100_000)


class Stream(Protocol):
    """What reads footage."""

    def __iter__(self) -> Iterator[Unit]:
        """Return pictures and sound."""

    def template(self) -> av.VideoStream:
        """Return what a file of its pictures is begun with."""

    def close(self) -> None:
        """Give back what it holds."""


@st.composite
def spoiled(draw: st.DrawFn, whole: bytes) -> bytes:
    """Change some bytes of footage, and cut off its end."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 30))):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))])


def assert_read_or_refused(stream: Stream) -> None:
    """Check that all there is are pictures and sound, or an error of ours."""
    try:
        for unit in stream:
            assert isinstance(unit, Picture | Sound)
        stream.template()
    except InvalidBytesError, NoPictureError:
        pass
    stream.close()
