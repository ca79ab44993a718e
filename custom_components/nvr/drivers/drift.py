"""How wrong a recorder's clock is: measured by its answers, and held still between them."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta, tzinfo

from .clock import HOUR, ZERO, DeviceClock, DriftMeasure, fixed_zone
from .models import Clock

# Searches round to seconds: a drift below that is not worth shifting every recording's start for.
DRIFT_PIN = timedelta(milliseconds=20)
FINER = 0.9
# The clock was set: what was measured before it may no longer hold.
CLOCK_SET = timedelta(seconds=60)
FINE_ENOUGH = timedelta(milliseconds=5)
# Where each answer costs a login: half a picture, which takes two answers less.
FINE_AT_A_PRICE = timedelta(milliseconds=20)
# By how much it may have run off since: less than two pictures.
STILL_FINE = timedelta(milliseconds=60)
FARTHEST_ZONE = 14 * HOUR + timedelta(minutes=30)


class MeasuredClock(ABC):
    """One device's clock: its zone, and its drift out of all answers about time so far."""

    def __init__(self) -> None:
        """Initialize."""
        self._measure = DriftMeasure()
        self._zone: tzinfo = UTC
        self._synchronised = False
        self._drift: timedelta | None = None
        self._pinned_at: timedelta | None = None
        # Whether each answer costs a login, so that there should be few of them.
        self.costly = False
        # Whether it answered a search, which is about times whether or not it tells its own.
        self.searched = False

    @property
    @abstractmethod
    def device(self) -> DeviceClock:
        """The clock to convert with."""

    @property
    @abstractmethod
    def clock(self) -> Clock:
        """What there is to show of it."""

    @property
    def known(self) -> bool:
        """Whether the device has told its time."""
        return self._drift is not None

    @property
    def names_times(self) -> bool:
        """Whether the device has told any time: its own, or that of recordings."""
        return self.known or self.searched

    @property
    def fine(self) -> bool:
        """Whether the drift is known as well as it can be, to some milliseconds; to half a picture where that costs."""
        if self._synchronised and self._drift == ZERO:
            return True
        settled, now = self._measure.uncertainty, self.uncertainty
        if settled is None or now is None:
            return False
        enough = max(FINE_ENOUGH, FINE_AT_A_PRICE) if self.costly else FINE_ENOUGH
        return settled <= enough and now <= STILL_FINE

    @property
    def error(self) -> timedelta | None:
        """By how much times may be wrong that are reckoned with the drift, None before the first answer.

        A device that says it follows a time server is taken to be right while its answers allow it.
        """
        return ZERO if self._synchronised and self._drift == ZERO else self.uncertainty

    @property
    def exhausted(self) -> bool:
        """Whether more answers can hardly make the drift finer: the delay of the network is all that is left open."""
        settled, quickest = self._measure.uncertainty, self._measure.quickest
        if settled is None or quickest is None:
            return False
        return settled <= max(quickest, STILL_FINE)

    @property
    def uncertainty(self) -> timedelta | None:
        """By how much the drift may be wrong by now, None before the first answer."""
        return self._measure.uncertainty_at(datetime.now(UTC))

    def next_probe(self, now: datetime) -> datetime:
        """Return the moment at which asking for the time tells most."""
        return self._measure.next_probe(now)

    def _note_digits(
        self,
        sent: datetime,
        received: datetime,
        digits: datetime,
        zone: tzinfo,
        *,
        synchronised: bool,
    ) -> bool:
        """Take the digits that the device showed between two true moments; tell whether the clock was set.

        The drift moves only where the measurement leaves no other way: every start of a recording hangs on it,
        so it must not tremble from answer to answer.
        """
        self._synchronised = synchronised
        self._zone = zone
        self._measure.add(sent, received, _device_utc(digits, zone, received))
        measured = self._measure.drift(synchronised=synchronised)
        if measured is None:
            return False
        uncertainty = self._measure.uncertainty
        was_set = False
        if self._drift is not None:
            moved = abs(measured - self._drift)
            was_set = moved > CLOCK_SET
            finer = (
                uncertainty is not None
                and self._pinned_at is not None
                and uncertainty < self._pinned_at * FINER
            )
            if moved <= DRIFT_PIN and not finer:
                return was_set
        self._drift = measured
        self._pinned_at = uncertainty
        return was_set


def shown_zone(digits: datetime, now: datetime, suffix: timedelta | None = None) -> tzinfo:
    """Return the fixed offset that a device shows by its digits.

    With a ``suffix`` behind them it is that, or an hour more, as some leave daylight saving time out of it: whichever
    lets the device be nearer to now.
    """
    shown = digits - now.astimezone(UTC).replace(tzinfo=None)
    if suffix is not None:
        shown = min((suffix, suffix + HOUR), key=lambda offset: abs(shown - offset))
    # A clock that was never set is decades off, which is drift and no zone.
    return fixed_zone(shown if abs(shown) <= FARTHEST_ZONE else ZERO)


def _device_utc(digits: datetime, zone: tzinfo, now: datetime) -> datetime:
    """Return the moment that the digits name; in the repeated hour the one nearer to now."""
    readings = [digits.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings, key=lambda reading: abs(reading - now))
