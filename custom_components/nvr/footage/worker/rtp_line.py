"""Time stamps of RTP as lines of ticks."""

from .units import TICKS_PER_SECOND

_WRAP = 1 << 32
_HALF_WRAP = _WRAP >> 1
# A stamp that goes back by less belongs to a picture that is shown earlier than it is decoded.
_REORDER_SECONDS = 1
# Within one recording there are no longer holes: stamps that leap further have started anew.
_LONGEST_STEP_SECONDS = 60
# A stamp that differs by less from the time that has passed counts it, as well as it can.
_AGREES_SECONDS = 0.1


def _distance(stamp: int, origin: int) -> int:
    """Return how far a stamp of 32 bits lies behind another, negative if before."""
    return (stamp - origin + _HALF_WRAP) % _WRAP - _HALF_WRAP


class RtpLine:
    """A track's stamps as ticks from 0 on, which go on where the stamps start over or anew."""

    def __init__(self, rate: int) -> None:
        """Initialize; ``rate`` is how much the stamps count in a second."""
        self._rate = rate
        self._last: int | None = None
        self._units = 0
        self._step = rate // 25
        self.began_anew = False

    def __call__(self, stamp: int, gap: int | None = None, *, breaks: bool = False) -> int:
        """Return the place of the next stamp.

        ``gap`` is how long after the one before it was taken, in ticks, if that is known, and ``breaks`` says that
        it does not follow that one: then its stamp may be any. ``began_anew`` tells whether stamps before this one
        have nothing to do with it.
        """
        self.began_anew = False
        if self._last is not None:
            delta = _distance(stamp, self._last)
            follows = -_REORDER_SECONDS * self._rate < delta < _LONGEST_STEP_SECONDS * self._rate
            if follows and not (breaks and self._contradicts(delta, gap)):
                if 0 < delta < self._rate:
                    self._step = delta
            else:
                self.began_anew = True
                known = gap is not None and gap > 0
                delta = (gap or 0) * self._rate // TICKS_PER_SECOND if known else self._step
            self._units += delta
        self._last = stamp
        return self._ticks(self._units)

    def _contradicts(self, delta: int, gap: int | None) -> bool:
        """Return whether a step of the stamps is not the time that has passed."""
        if gap is None:
            return False
        return abs(gap / TICKS_PER_SECOND - delta / self._rate) > _AGREES_SECONDS

    def place(self, stamp: int) -> int | None:
        """Return the place of a stamp near the newest; None before the first."""
        if self._last is None:
            return None
        return self._ticks(self._units + _distance(stamp, self._last))

    def _ticks(self, units: int) -> int:
        return units * TICKS_PER_SECOND // self._rate
