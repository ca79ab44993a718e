"""When pictures were taken: from the clock in the footage to UTC."""

from collections.abc import Sequence

from .units import TICKS_PER_SECOND, Picture

# Stamps of pictures count 1/90000 s, the wall clock milliseconds: within this the stamps are the finer clock.
_AGREEMENT = TICKS_PER_SECOND // 200
# Within this the two clocks drift against each other and the wall clock is right; beyond it the wall clock was set.
_DRIFT = TICKS_PER_SECOND
# Between key pictures more than this does not pass: the stamps have started anew.
_LONGEST_STEP = 60 * TICKS_PER_SECOND
# A transfer begins within seconds of the time expected, and drift is part of the offsets: a wall clock that is
# further off with every offset was never set, or is written wrongly, and says nothing.
_PLAUSIBLE = 10 * 60 * TICKS_PER_SECOND


class Timekeeper:
    """Gives every picture and sound of one transfer its UTC in ticks since 1970.

    With a wall clock, UTC is wall minus one of ``offsets``: at the first key picture the one that comes
    nearest to ``expected``, later the one that agrees with the stamps. Without one, or with one that no offset
    brings near to ``expected``, the first key picture was taken at ``base``; ``exact`` then is False.
    """

    def __init__(self, offsets: Sequence[int], expected: int, base: int, *, reach: int = 0) -> None:
        """Initialize; ``reach`` is how much earlier than expected a device may begin that does not cut."""
        self._offsets = tuple(offsets)
        self._expected = expected
        self._base = base
        self._reach = reach
        self._anchor: tuple[int, int] | None = None
        self.first_wall: int | None = None
        self.exact = False

    @property
    def seen(self) -> bool:
        """Whether there was a key picture."""
        return self._anchor is not None

    def see(self, picture: Picture) -> None:
        """Learn from a key picture; call it for each before asking for times."""
        if not picture.key:
            return
        if self._anchor is None:
            self.first_wall = picture.wall
            utc = self._choose(picture.wall, self._expected, self._base)
            known = picture.wall is not None and bool(self._offsets)
            self.exact = known and -self._reach - _PLAUSIBLE <= utc - self._expected <= _PLAUSIBLE
            self._anchor = (picture.pts, utc if self.exact else self._base)
        elif self.exact and picture.wall is not None:
            self._follow(picture.pts, picture.wall)

    def _choose(self, wall: int | None, near: int, otherwise: int) -> int:
        if wall is None or not self._offsets:
            return otherwise
        return min((wall - offset for offset in self._offsets), key=lambda utc: abs(utc - near))

    def _follow(self, pts: int, wall: int) -> None:
        assert self._anchor is not None
        anchor_pts, anchor_utc = self._anchor
        predicted = anchor_utc + pts - anchor_pts
        utc = self._choose(wall, predicted, predicted)
        if 0 <= pts - anchor_pts <= _LONGEST_STEP:
            self._anchor = (pts, utc if _AGREEMENT < abs(utc - predicted) <= _DRIFT else predicted)
        else:
            utc = self._choose(wall, anchor_utc, predicted)
            self._anchor = (pts, max(utc, anchor_utc))

    def utc(self, pts: int) -> int | None:
        """Return the UTC of a stamp, None before the first key picture."""
        if self._anchor is None:
            return None
        return self._anchor[1] + pts - self._anchor[0]
