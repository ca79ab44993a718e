"""What is known of an ONVIF device's clock: all times of the protocol are its UTC (section 2 of the notes)."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import override

from ..clock import ZERO, DeviceClock, DriftMeasure
from ..drift import MeasuredClock
from ..models import Clock, ClockConvention
from .device_time import DeviceTime

EVIDENCE = "devices of this kind name all times in UTC, by their own clock"


class RecorderClock(MeasuredClock):
    """One device's clock, by its answers so far."""

    def __init__(self) -> None:
        """Initialize."""
        super().__init__()
        self._label: str | None = None
        self._wall: tzinfo = UTC
        # By how much what it calls UTC is another time: a zone, where it is its wall clock.
        self._mislabelled = ZERO

    @property
    @override
    def device(self) -> DeviceClock:
        """The clock to convert with; its zone is that of the device's days."""
        return DeviceClock(
            zone=self._wall, drift=self._drift or ZERO, convention=ClockConvention.UTC
        )

    @property
    def offset(self) -> timedelta | None:
        """Device minus true time, None before it was measured."""
        return self._drift

    @property
    @override
    def clock(self) -> Clock:
        """What there is to show of it."""
        return Clock(
            convention=ClockConvention.UTC if self.names_times else ClockConvention.UNKNOWN,
            offset=self._drift,
            time_zone=self._label,
            evidence=EVIDENCE if self.names_times else "the device does not tell its time",
        )

    @property
    def mislabelled(self) -> timedelta:
        """By how much what the device calls UTC is another time than the one that it goes by."""
        return self._mislabelled

    def take_mislabelled(self, span: timedelta) -> None:
        """Take that what the device calls UTC is another time."""
        if span == self._mislabelled:
            return
        if self._drift is not None:
            self._drift -= span - self._mislabelled
        self._mislabelled = span
        # What was measured is of the other time.
        self._measure = DriftMeasure()

    def note_time(self, sent: datetime, received: datetime, told: DeviceTime) -> None:
        """Take an answer about time, asked and heard at true UTC."""
        self._label = told.label
        self._wall = told.zone
        utc = told.utc - self._mislabelled
        if told.other_utc is not None:
            now = received.astimezone(UTC).replace(tzinfo=None)
            utc = min(told.utc, told.other_utc, key=lambda digits: abs(digits - now))
        self._note_digits(sent, received, utc, UTC, synchronised=told.synchronised)
