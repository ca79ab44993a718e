"""What changes from picture to picture."""

from dataclasses import dataclass
from typing import Protocol

# The vehicle goes on twice a second.
STEP_MS = 500


@dataclass(frozen=True, slots=True)
class Picture:
    """The moving parts of one picture.

    Attributes:
        cells: the 28 data bits of each row of the pattern.
        caption: the text for the eye.
        position: where the vehicle stands, in cells from the left.
    """

    cells: tuple[int, int, int]
    caption: str
    position: int


class PictureCoder(Protocol):
    """Writes pictures of one stream."""

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """NAL units without start codes that a decoder needs first."""

    def key(self, picture: Picture, number: int) -> tuple[bytes, ...]:
        """Write a key frame; `number` counts key frames."""

    def inter(self, picture: Picture, before: Picture, number: int) -> tuple[bytes, ...]:
        """Write what has changed since the picture before, the `number`-th behind the key frame."""


def changed_letters(caption: str, before: str) -> tuple[tuple[int, str], ...]:
    """Give place and letter wherever two captions differ."""
    pairs = enumerate(zip(caption, before, strict=True))
    return tuple((place, new) for place, (new, old) in pairs if new != old)
