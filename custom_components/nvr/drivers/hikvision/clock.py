"""What is known of a Hikvision device's clock, measured and kept (section 6 of the notes)."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import override

from ..clock import ZERO, DeviceClock, parse_posix_zone
from ..drift import MeasuredClock, shown_zone
from ..models import Clock, ClockConvention
from .device_time import DeviceTime
from .memory import (
    CONVENTION,
    CONVENTION_BY_FOOTAGE,
    CONVENTION_EVIDENCE,
    DeviceMemory,
)

# Below this both readings of a search answer are the same within what a search can tell.
COINCIDE = timedelta(minutes=2)


class RecorderClock(MeasuredClock):
    """One device's clock, from the first answer about time to the last piece of evidence."""

    def __init__(self, memory: DeviceMemory) -> None:
        """Initialize with what earlier drivers learned."""
        super().__init__()
        self._memory = memory
        self._zone_text: str | None = None
        self._assumed = False

    @property
    @override
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
    @override
    def clock(self) -> Clock:
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
        zone = _zone(time, received)
        self._zone_text = time.zone
        if time.zone is None and time.stamp.suffix is not None:
            self._zone_text = zone.tzname(None)
        was_set = self._note_digits(
            sent, received, time.stamp.digits, zone, synchronised=time.synchronised
        )
        if was_set:
            # Seen once: setting the clock by hand turned a recorder's convention round.
            self._memory.forget(CONVENTION, CONVENTION_EVIDENCE, CONVENTION_BY_FOOTAGE)

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


def _zone(time: DeviceTime, now: datetime) -> tzinfo:
    """Return the device's zone rule; where it has none that can be read, the offset that it shows."""
    if time.zone is not None:
        try:
            return parse_posix_zone(time.zone)
        except ValueError:
            pass
    return shown_zone(time.stamp.digits, now, time.stamp.suffix)
