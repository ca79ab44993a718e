"""What is known of a Hikvision device's clock, measured and kept (section 6 of the notes)."""

from datetime import UTC, datetime, timedelta, tzinfo

from ..clock import HOUR, ZERO, DeviceClock, DriftMeasure, fixed_zone, parse_posix_zone
from ..models import Clock, ClockConvention
from .device_time import DeviceTime, Stamp
from .memory import (
    CONVENTION,
    CONVENTION_BY_FOOTAGE,
    CONVENTION_EVIDENCE,
    DeviceMemory,
)

# Below this both readings of a search answer are the same within what a search can tell.
COINCIDE = timedelta(minutes=2)
# Searches round to seconds: a drift below that is not worth shifting every recording's start for.
DRIFT_PIN = timedelta(milliseconds=20)
FINER = 0.9
# The clock was set: what was measured before it may no longer hold.
CLOCK_SET = timedelta(seconds=60)
FINE_ENOUGH = timedelta(milliseconds=5)
# By how much it may have run off since: less than two pictures.
STILL_FINE = timedelta(milliseconds=60)
FARTHEST_ZONE = 14 * HOUR + timedelta(minutes=30)


class RecorderClock:
    """One device's clock, from the first answer about time to the last piece of evidence."""

    def __init__(self, memory: DeviceMemory) -> None:
        """Initialize with what earlier drivers learned."""
        self._memory = memory
        self._measure = DriftMeasure()
        self._zone: tzinfo = UTC
        self._zone_text: str | None = None
        self._synchronised = False
        self._drift: timedelta | None = None
        self._pinned_at: timedelta | None = None
        self._assumed = False

    @property
    def known(self) -> bool:
        """Whether the device has told its time."""
        return self._drift is not None

    @property
    def fine(self) -> bool:
        """Whether the drift is known as well as it can be, to some milliseconds."""
        if self._synchronised and self._drift == ZERO:
            return True
        settled, now = self._measure.uncertainty, self.uncertainty
        if settled is None or now is None:
            return False
        return settled <= FINE_ENOUGH and now <= STILL_FINE

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

    @property
    def device(self) -> DeviceClock:
        """The clock to convert with."""
        return DeviceClock(
            zone=self._zone, drift=self._drift or ZERO, convention=self._memory.convention
        )

    @property
    def assumed(self) -> bool:
        """Whether neither searches nor footage told the convention, and wall clock is taken for it."""
        return self._assumed and self.needs_measuring(datetime.now(UTC))

    @property
    def clock(self) -> Clock:
        """What there is to show of it."""
        evidence = self._memory.text(CONVENTION_EVIDENCE)
        if evidence is None:
            evidence = "not measured yet" if self.known else "the device does not tell its time"
            if self.known and not self.differs(datetime.now(UTC)):
                evidence = "wall clock and UTC coincide at present"
            elif self._assumed:
                evidence = "neither searches nor footage tell it: times in search answers are assumed to be wall clock"
        return Clock(
            convention=self._memory.convention,
            offset=self._drift,
            time_zone=self._zone_text,
            evidence=evidence,
        )

    def differs(self, utc: datetime) -> bool:
        """Whether wall clock and UTC differ on the device at a moment."""
        offset = self.device.wall(utc) - (utc + (self._drift or ZERO)).replace(tzinfo=None)
        return abs(offset) > COINCIDE

    def note_time(self, sent: datetime, received: datetime, time: DeviceTime) -> None:
        """Take an answer of System/time, asked and heard at true UTC."""
        self._synchronised = time.synchronised
        self._zone = _zone(time, received)
        self._zone_text = time.zone
        if time.zone is None and time.stamp.suffix is not None:
            self._zone_text = self._zone.tzname(None)
        device = _device_utc(time.stamp, self._zone, received)
        self._measure.add(sent, received, device)
        self._pin()

    def next_probe(self, now: datetime) -> datetime:
        """Return the moment at which asking for the time tells most."""
        return self._measure.next_probe(now)

    def needs_measuring(self, now: datetime) -> bool:
        """Whether the convention matters now and is not known."""
        return (
            self.known and self._memory.convention is ClockConvention.UNKNOWN and self.differs(now)
        )

    def decide(self, convention: ClockConvention, evidence: str, *, by_footage: bool) -> None:
        """Keep what a measurement showed; footage outweighs searches."""
        if self._memory.flag(CONVENTION_BY_FOOTAGE) and not by_footage:
            return
        self._memory.keep(CONVENTION, convention.value)
        self._memory.keep(CONVENTION_EVIDENCE, evidence)
        self._memory.keep(CONVENTION_BY_FOOTAGE, by_footage)

    def assume(self) -> None:
        """Note that nothing told the convention although it matters."""
        self._assumed = True

    def doubt(self) -> None:
        """Forget what searches showed, as answers contradict it. Footage does not err."""
        if not self._memory.flag(CONVENTION_BY_FOOTAGE):
            self._memory.forget(CONVENTION, CONVENTION_EVIDENCE)

    def _pin(self) -> None:
        """Move the drift only where the measurement leaves no other way.

        Every start of a recording hangs on it; it must not tremble from answer to answer.
        """
        measured = self._measure.drift(synchronised=self._synchronised)
        if measured is None:
            return
        uncertainty = self._measure.uncertainty
        if self._drift is not None:
            moved = abs(measured - self._drift)
            if moved > CLOCK_SET:
                # Seen once: setting the clock by hand turned a recorder's convention round.
                self._memory.forget(CONVENTION, CONVENTION_EVIDENCE, CONVENTION_BY_FOOTAGE)
            finer = (
                uncertainty is not None
                and self._pinned_at is not None
                and uncertainty < self._pinned_at * FINER
            )
            if moved <= DRIFT_PIN and not finer:
                return
        self._drift = measured
        self._pinned_at = uncertainty


def _zone(time: DeviceTime, now: datetime) -> tzinfo:
    """Return the device's zone rule; where it has none that can be read, a fixed offset.

    That is the one behind its time, or an hour more, as some leave daylight saving time out of it: whichever lets
    the device be nearer to now. Without one it is what its digits show.
    """
    if time.zone is not None:
        try:
            return parse_posix_zone(time.zone)
        except ValueError:
            pass
    shown = time.stamp.digits - now.astimezone(UTC).replace(tzinfo=None)
    suffix = time.stamp.suffix
    if suffix is not None:
        shown = min((suffix, suffix + HOUR), key=lambda offset: abs(shown - offset))
    # A clock that was never set is decades off, which is drift and no zone.
    return fixed_zone(shown if abs(shown) <= FARTHEST_ZONE else ZERO)


def _device_utc(stamp: Stamp, zone: tzinfo, now: datetime) -> datetime:
    """Return the moment that the digits name; in the repeated hour the one nearer to now."""
    readings = [stamp.digits.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings, key=lambda reading: abs(reading - now))
