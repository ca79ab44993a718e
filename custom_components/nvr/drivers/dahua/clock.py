"""What is known of a Dahua device's clock (section 12 of the notes).

All its times are wall clock: in answers, in requests, and in footage.
"""

from datetime import datetime, tzinfo
from typing import override

from ..clock import ZERO, DeviceClock
from ..drift import MeasuredClock
from ..models import Clock, ClockConvention

EVIDENCE = "devices of this family name all times by their wall clock"


class RecorderClock(MeasuredClock):
    """One device's clock, by its answers so far."""

    def __init__(self) -> None:
        """Initialize."""
        super().__init__()
        self._zone_text: str | None = None

    @property
    @override
    def device(self) -> DeviceClock:
        """The clock to convert with."""
        return DeviceClock(
            zone=self._zone, drift=self._drift or ZERO, convention=ClockConvention.WALL
        )

    @property
    @override
    def clock(self) -> Clock:
        return Clock(
            convention=ClockConvention.WALL if self.names_times else ClockConvention.UNKNOWN,
            offset=self._drift,
            time_zone=self._zone_text,
            evidence=EVIDENCE if self.names_times else "the device does not tell its time",
        )

    def note_time(
        self,
        sent: datetime,
        received: datetime,
        digits: datetime,
        zone: tuple[tzinfo, str | None],
        *,
        synchronised: bool,
    ) -> None:
        """Take an answer about time, asked and heard at true UTC."""
        self._zone_text = zone[1]
        self._note_digits(sent, received, digits, zone[0], synchronised=synchronised)
