"""When frames of DHAV were taken. Headers hold a date in whole seconds and a counter of 16 bits.

The counter is called one of milliseconds, no more. Read here are both that it can be: the milliseconds of the
date's second, and milliseconds that run on to 65535 whatever the second (as FFmpeg takes it).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_SECOND = 1000
_WRAP = 1 << 16
# A running counter and the date tremble against each other by so much.
_SLACK = 500
# Within one recording there are no longer holes where frame follows frame: the device's clock was set.
_LONGEST_STEP = 60 * _SECOND
# What goes back by less is a picture that is shown earlier than it is decoded, or trembling.
_REORDER = _SECOND
# Sound comes this near to the pictures that it belongs to.
_REACH = 10 * _SECOND


class Stamp(NamedTuple):
    """What a header says of time. ``second`` counts from 1970 as if the wall clock were UTC."""

    second: int
    counter: int


class WallClock:
    """Turns stamps into milliseconds of the device's wall clock since 1970.

    ``error`` is how far off they may be, because dates tell only between which two frames a second begins.
    """

    def __init__(self, pictures: Sequence[Stamp], step: int, sounds: Sequence[Stamp] = ()) -> None:
        """Initialize.

        Args:
            pictures: stamps of the first pictures, at least one, best of more than one second.
            step: from picture to picture, ms.
            sounds: stamps of sound between them.
        """
        self._runs = _is_running(pictures, step)
        # What a running counter lacks to the wall clock, modulo 65536.
        self._shift, self.error = _shift(pictures, sounds) if self._runs else (0, 0)
        self._last: tuple[int, int] | None = None

    def picture(self, stamp: Stamp) -> int:
        """Return when the next picture was taken."""
        if not self._runs and stamp.counter >= _SECOND:
            self._runs = True
            self._learn(stamp)
        begin = stamp.second * _SECOND
        if self._runs:
            into = self._into_second(stamp)
            if not -_SLACK <= into < _SECOND + _SLACK:
                self._learn(stamp)
                into = self._into_second(stamp)
            kept = min(max(into, 0), _SECOND - 1)
            self._shift += kept - into
            wall = begin + kept
        else:
            wall = begin + stamp.counter
        self._last = wall, stamp.counter
        return wall

    def sound(self, stamp: Stamp) -> int | None:
        """Return when sound was taken, None if its counter has nothing to do with that of the pictures."""
        begin = stamp.second * _SECOND
        if not self._runs:
            return begin + stamp.counter if stamp.counter < _SECOND else None
        into = self._into_second(stamp)
        return begin + into if -_SLACK <= into < _SECOND + _SLACK else None

    def _into_second(self, stamp: Stamp) -> int:
        """Return how far a running counter is in the date's second."""
        into = stamp.counter + self._shift - stamp.second * _SECOND
        return (into + _WRAP // 2) % _WRAP - _WRAP // 2

    def _learn(self, stamp: Stamp) -> None:
        """Relate the counter to the date anew: whoever sets a clock by hours leaves the fraction as it is."""
        fraction = 0
        if self._last is not None:
            wall, counter = self._last
            fraction = (wall + (stamp.counter - counter) % _WRAP) % _SECOND
        self._shift = stamp.second * _SECOND + fraction - stamp.counter


def _is_running(samples: Sequence[Stamp], step: int) -> bool:
    if any(stamp.counter >= _SECOND for stamp in samples):
        return True
    for before, after in pairwise(samples):
        rise = after.counter - before.counter
        if after.second == before.second + 1 and abs(rise - step) < abs(_SECOND + rise - step):
            return True
    return False


def _shift(pictures: Sequence[Stamp], sounds: Sequence[Stamp]) -> tuple[int, int]:
    """Return what the counter lacks to the wall clock, as exactly as the changes of the second tell it, and the error."""
    first = pictures[0]
    begin = first.second * _SECOND - first.counter
    span = begin, begin + _SECOND
    passed = first.counter
    for before, after in pairwise(pictures):
        passed += (after.counter - before.counter) % _WRAP
        narrower = _narrowed(span, after.second * _SECOND - passed)
        if narrower is None:
            # The clock was set.
            break
        span = narrower
    for sound in sounds:
        apart = (sound.counter - first.counter + _WRAP // 2) % _WRAP - _WRAP // 2
        # Sound may have a counter of its own.
        span = _narrowed(span, sound.second * _SECOND - first.counter - apart) or span
    least, most = span
    # The simplest relation, if it is possible: the counter is the lowest 16 bits of the wall clock.
    whole = -(-least // _WRAP) * _WRAP
    return (whole, 0) if whole < most else ((least + most) // 2, (most - least + 1) // 2)


def _narrowed(span: tuple[int, int], begin: int) -> tuple[int, int] | None:
    """Return what of a span lies in the second from ``begin`` on, None if nothing does."""
    least, most = max(span[0], begin), min(span[1], begin + _SECOND)
    return (least, most) if least < most else None


class FrameLine:
    """Times of pictures as a line of milliseconds, which goes on evenly where the device's clock is set."""

    def __init__(self) -> None:
        """Initialize."""
        self._line: int | None = None
        self._wall: int | None = None
        self._shifts: tuple[int, ...] = ()
        self.began_anew = False

    def picture(
        self, wall: int | None, step: int, *, key: bool, follows: bool, reorders: bool
    ) -> int | None:
        """Return the place of the next picture; None if it needs others that are missing.

        ``began_anew`` tells afterwards whether there is a hole before it.

        Args:
            wall: when it was taken, None if that is not known.
            step: from picture to picture, ms.
            key: whether it can be decoded without others.
            follows: whether its number is next to the one before. Else a leap of the time is a hole, which one forward
                to a key picture always is.
            reorders: whether pictures may be shown in another order than they come in.
        """
        self.began_anew = False
        if self._line is None:
            self._line = 0 if wall is None else wall
            self._shifts = () if wall is None else (0,)
            self._wall = wall
            return self._line
        if wall is None:
            self._line += step
            return self._line
        line, last = self._line, self._wall
        self._wall = wall
        if not self._shifts:
            return self._leap(wall, line + step)
        place = wall + self._shifts[0]
        if not -_REORDER <= place - line <= _LONGEST_STEP:
            # Devices that put several files together may number their frames anew, without a hole in the row.
            if follows and not (key and place > line):
                return self._leap(wall, line + step)
            if not key:
                self._wall = last
                return None
            self._line = place
            self.began_anew = True
        elif place > line:
            self._line = place
        elif wall == last:
            # Some headers tell the second only.
            self._line = line + step
        elif reorders:
            return place
        else:
            self._line = line + 1
        return self._line

    def _leap(self, wall: int, place: int) -> int:
        """Go on at a place although the wall clock is somewhere else."""
        self._line = place
        self._shifts = (place - wall, *self._shifts[:1])
        return place

    def sound(self, wall: int | None) -> int | None:
        """Return the place of sound; None where none is near to the pictures' newest."""
        if self._line is None or wall is None:
            return None
        for shift in self._shifts:
            # Sound from before the clock was set may come after pictures from then.
            if abs(wall + shift - self._line) <= _REACH:
                return wall + shift
        return None
