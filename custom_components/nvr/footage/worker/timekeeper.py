"""When pictures were taken: from the clock in the footage to UTC."""

from collections.abc import Sequence

from .units import TICKS_PER_SECOND, Picture, TimeHint

# Stamps of pictures count 1/90000 s, the wall clock milliseconds: within this the stamps are the finer clock.
_AGREEMENT = TICKS_PER_SECOND // 200
# Within this the two clocks drift against each other and the wall clock is right; beyond it the wall clock was set.
_DRIFT = TICKS_PER_SECOND
# Two clocks don't drift by so much from one key picture to the next: such a wall clock leaves out its milliseconds,
# if it never told any. Of real bytes in section 13 of the notes on Hikvision two in seven have none.
_ROUNDED = TICKS_PER_SECOND // 50
# Between key pictures more than this does not pass: the stamps have started anew.
_LONGEST_STEP = 60 * TICKS_PER_SECOND
# A transfer begins within seconds of the time expected, and drift is part of the offsets: a wall clock that is
# further off with every offset was never set, or is written wrongly, and says nothing.
_PLAUSIBLE = 10 * 60 * TICKS_PER_SECOND

# A sender's clock may tell when it sends instead of when the picture was taken: it is believed only if it lies
# before what was expected, by no more than a long group of pictures.
_LONGEST_LEAD = 30 * TICKS_PER_SECOND
_EARLIEST_SENDING = 2 * TICKS_PER_SECOND
# Zones are whole quarters of an hour; the rest of an offset is the error of the device's clock.
_ZONE_STEP = 15 * 60 * TICKS_PER_SECOND
# Searches may have known the clock's error a little worse than it is known now.
_REFINED = TICKS_PER_SECOND // 20
_NO_HINT = TimeHint()


class Timekeeper:
    """Gives every picture and sound of one transfer its UTC in ticks since 1970.

    With a wall clock, UTC is wall minus one of ``offsets``: at the first key picture the one that comes
    nearest to ``expected``, later the one that agrees with the stamps. Without one, or with one that no offset
    brings near to ``expected``, the first key picture was taken at ``base``; ``exact`` then is False.
    What the transfer hints at beside the wall clock goes first. A wall clock of whole seconds says only between
    which two of them a picture was taken: ``exact`` is False as soon as that shows.
    """

    def __init__(self, offsets: Sequence[int], expected: int, base: int, *, reach: int = 0) -> None:
        """Initialize; ``reach`` is how much earlier than expected a device may begin that does not cut."""
        self._offsets = tuple(offsets)
        self._expected = expected
        self._base = base
        self._reach = reach
        self._anchor: tuple[int, int] | None = None
        self.first_wall: int | None = None
        self._told = False
        self._by_utc = False
        # Whether the wall clock has told no milliseconds so far, and whether it is known to leave them out.
        self._whole = True
        self._rounded = False

    @property
    def exact(self) -> bool:
        """Whether the times are right to some milliseconds; else to about a second."""
        return self._told and not self._rounded

    @property
    def seen(self) -> bool:
        """Whether there was a key picture."""
        return self._anchor is not None

    def second_of(self, utc: int) -> int:
        """Return in UTC when that second of the device's own clock begins which a search named.

        Searches turn it into whole seconds of ``utc``; the clock may be off by a fraction of one. Where either
        of two seconds may be meant it is the earlier; what is no whole second is taken as it is.
        """
        if utc % TICKS_PER_SECOND or not self._offsets:
            return utc
        # They differ by whole quarters of an hour.
        offset = self._offsets[0]
        wall = utc + offset + TICKS_PER_SECOND // 2 - _REFINED
        return wall - wall % TICKS_PER_SECOND - offset

    def see(self, picture: Picture) -> None:
        """Learn from a key picture; call it for each before asking for times."""
        if not picture.key:
            return
        hint = picture.hint or _NO_HINT
        if self._anchor is None:
            self.first_wall = picture.wall
            self._begin(picture, hint)
        elif self._by_utc:
            self._go_on(picture.pts, hint.utc)
        elif self._told and picture.wall is not None:
            self._follow(picture.pts, picture.wall)

    def _begin(self, picture: Picture, hint: TimeHint) -> None:
        if hint.utc is not None and self._is_plausible(hint.utc):
            self._by_utc = self._told = True
            self._anchor = (picture.pts, hint.utc)
            return
        if picture.wall is not None and self._offsets:
            utc = _nearest(picture.wall, self._offsets, self._expected)
            if self._is_plausible(utc):
                self._told = True
                self._note_fraction(picture.wall)
                self._anchor = (picture.pts, utc)
                return
        if hint.sent is not None and self._is_taking(sent := self._sent(hint.sent)):
            self._told = True
            self._anchor = (picture.pts, sent)
            return
        self._anchor = self._as_asked(picture.pts, hint)

    def _as_asked(self, pts: int, hint: TimeHint) -> tuple[int, int]:
        """Take what was asked for as the time of the first key picture, or of the place that the device names."""
        if hint.asked is None or not 0 <= hint.asked - pts <= _LONGEST_LEAD:
            return pts, self._base
        if hint.start is None or not self._is_plausible(hint.start):
            return hint.asked, self._base
        return hint.asked, hint.start

    def _is_plausible(self, utc: int) -> bool:
        return -self._reach - _PLAUSIBLE <= utc - self._expected <= _PLAUSIBLE

    def _is_taking(self, utc: int) -> bool:
        return -self._reach - _LONGEST_LEAD <= utc - self._expected <= _EARLIEST_SENDING

    def _sent(self, sent: int) -> int:
        """Return what a sender's clock means: it counts UTC or the device's wall clock, with the clock's error."""
        half = _ZONE_STEP // 2
        errors = [(offset + half) % _ZONE_STEP - half for offset in self._offsets]
        return _nearest(sent, (*self._offsets, *errors) or (0,), self._expected)

    def _go_on(self, pts: int, utc: int | None) -> None:
        """Take the UTC that a picture brings; it tells of holes as well."""
        assert self._anchor is not None
        anchor_pts, anchor_utc = self._anchor
        predicted = anchor_utc + pts - anchor_pts
        if utc is not None and abs(utc - predicted) > _AGREEMENT:
            self._anchor = (pts, max(utc, anchor_utc))

    def _follow(self, pts: int, wall: int) -> None:
        assert self._anchor is not None
        anchor_pts, anchor_utc = self._anchor
        predicted = anchor_utc + pts - anchor_pts
        utc = _nearest(wall, self._offsets, predicted)
        self._note_fraction(wall)
        if 0 <= pts - anchor_pts <= _LONGEST_STEP:
            if self._whole and _ROUNDED < abs(utc - predicted) < _DRIFT:
                self._rounded = True
            if self._rounded:
                # Any moment of the second that it tells.
                utc = min(max(predicted, utc), utc + TICKS_PER_SECOND)
            self._anchor = (pts, utc if _AGREEMENT < abs(utc - predicted) <= _DRIFT else predicted)
        else:
            utc = _nearest(wall, self._offsets, anchor_utc)
            self._anchor = (pts, max(utc, anchor_utc))

    def _note_fraction(self, wall: int) -> None:
        """Take note of whether a wall clock tells milliseconds."""
        if wall % TICKS_PER_SECOND:
            self._whole = self._rounded = False

    def utc(self, pts: int) -> int | None:
        """Return the UTC of a stamp, None before the first key picture."""
        if self._anchor is None:
            return None
        return self._anchor[1] + pts - self._anchor[0]


def _nearest(clock: int, offsets: Sequence[int], near: int) -> int:
    """Return the UTC by that offset which brings a clock nearest to an instant."""
    return min((clock - offset for offset in offsets), key=lambda utc: abs(utc - near))
