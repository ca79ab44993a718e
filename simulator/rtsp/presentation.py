"""What an RTSP address stands for, as a recorder's face resolves it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.footage.source import FootageSource


def _utc_digits(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _from_utc_digits(digits: datetime) -> datetime:
    return digits.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """Live footage of a stream, or what is recorded of it.

    Attributes:
        source: where the frames come from.
        spans: what is played, one after the other, true UTC; None for live. Time that lies
            between two spans was not recorded and is jumped over.
        title: the session name that the device gives.
        tracks: the device's names for video and audio in SETUP addresses.
        stamp: turns a true instant into the digits by which the device calls it in `Range: clock=`.
        from_stamp: the way back.
    """

    source: FootageSource
    spans: tuple[tuple[datetime, datetime], ...] | None = None
    title: str = "Media Server"
    tracks: tuple[str, str] = ("trackID=1", "trackID=2")
    stamp: Callable[[datetime], datetime] = _utc_digits
    from_stamp: Callable[[datetime], datetime] = _from_utc_digits

    @property
    def live(self) -> bool:
        """Whether this shows now."""
        return self.spans is None

    def position(self, elapsed: timedelta) -> datetime:
        """Give the instant that lies `elapsed` of played time behind the beginning."""
        spans = self.spans or ()
        for start, stop in spans:
            if elapsed < stop - start:
                return start + elapsed
            elapsed -= stop - start
        return spans[-1][1]

    def spans_from(self, instant: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Give what is left to play from an instant on."""
        return tuple(
            (max(start, instant), stop) for start, stop in self.spans or () if stop > instant
        )


class RtspRefusal(Exception):
    """The device answers an address with an error status."""

    def __init__(self, status: int, reason: str) -> None:
        """Refuse with an RTSP status and its reason phrase."""
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
