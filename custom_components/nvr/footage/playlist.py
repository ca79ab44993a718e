"""The HLS playlist of a recording, complete before any of it was fetched."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
import math
from typing import Self

INIT_NAME = "init.mp4"
STILL_NAME = "still.mp4"
_SUFFIX = ".m4s"
# Players choose by it between variants they can afford. What recorders send is not known before.
_BANDWIDTH = 2_000_000


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """A recording divided into slots of equal length; the last one takes the rest.

    The lengths are nominal: a slot's footage begins at its first key picture. Players correct them by the times
    in the footage. ``begin`` is where players begin; what comes before is not meant to be seen.
    """

    length: timedelta
    count: int
    total: timedelta
    begin: timedelta = timedelta()

    @classmethod
    def of(cls, total: timedelta, length: timedelta, begin: timedelta = timedelta()) -> Self:
        """Divide a recording. A rest shorter than half a slot goes into the last one."""
        return cls(length, max(1, round(total / length)), total, begin)

    def start(self, number: int) -> timedelta:
        """Return where a slot begins, from the recording's start."""
        return self.length * number

    def duration(self, number: int) -> timedelta:
        """Return how long a slot is."""
        return self.length if number < self.count - 1 else self.total - self.start(number)

    def _begin_lines(self) -> list[str]:
        if not self.begin:
            return []
        return [f"#EXT-X-START:TIME-OFFSET={self.begin.total_seconds():.3f},PRECISE=YES"]

    def names(self) -> Iterator[str]:
        """Yield the names of all parts, that of what begins them first."""
        yield INIT_NAME
        yield from map(segment_name, range(self.count))

    def playlist(self, uri: Callable[[str], str]) -> str:
        """Return the playlist; ``uri`` turns the name of a part into what the player asks for."""
        durations = [self.duration(number).total_seconds() for number in range(self.count)]
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{math.ceil(max(durations))}",
            "#EXT-X-MEDIA-SEQUENCE:0",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            *self._begin_lines(),
            f'#EXT-X-MAP:URI="{uri(INIT_NAME)}"',
        ]
        for number, duration in enumerate(durations):
            lines += [f"#EXTINF:{duration:.3f},", uri(segment_name(number))]
        lines += ["#EXT-X-ENDLIST", ""]
        return "\n".join(lines)


def variants_playlist(variants: Sequence[tuple[str, str]]) -> str:
    """Return the playlist that offers the same recording in several codings, the best one first.

    Each variant is the address of its playlist and its codecs. A player takes the first whose codecs it has:
    that all claim the same bandwidth keeps it from changing between them.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    for place, (uri, codecs) in enumerate(variants):
        score = len(variants) - place
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={_BANDWIDTH},SCORE={score}.0,CODECS="{codecs}"',
            uri,
        ]
    return "\n".join([*lines, ""])


def segment_name(number: int) -> str:
    """Return the file name of a part."""
    return f"{number}{_SUFFIX}"


def still_name(number: int) -> str:
    """Return the file name of a part that has no footage."""
    return f"still-{number}{_SUFFIX}"
