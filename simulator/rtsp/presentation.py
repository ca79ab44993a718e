"""What an RTSP address stands for, as a recorder's face resolves it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.footage.source import FootageSource

type Span = tuple[datetime, datetime]


def _utc_digits(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _from_utc_digits(digits: datetime) -> datetime:
    return digits.replace(tzinfo=UTC)


def _nothing(_instant: datetime) -> Iterable[Span]:
    return ()


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """Live footage of a stream, or what is recorded of it.

    Attributes:
        source: where the frames come from.
        spans: what is played, one after the other, true UTC; None for live. Time that lies
            between two spans was not recorded and is jumped over.
        gap: whether nothing was recorded at the very instant that was asked for.
        title: the session name that the device gives.
        tracks: the device's names for video, audio and metadata in SETUP addresses.
        tokens: those by which ONVIF's services call these tracks; None if descriptions don't say.
        stamp: turns a true instant into the digits by which the device calls it in `Range: clock=`.
        from_stamp: the way back.
        following: gives what was recorded from an instant on, for devices that don't stop.
        available: whether the camera still sends; asked again and again while it plays.
    """

    source: FootageSource
    spans: tuple[Span, ...] | None = None
    gap: bool = False
    title: str = "Media Server"
    tracks: tuple[str, str, str] = ("trackID=1", "trackID=2", "trackID=3")
    tokens: tuple[str, str, str] | None = None
    stamp: Callable[[datetime], datetime] = _utc_digits
    from_stamp: Callable[[datetime], datetime] = _from_utc_digits
    following: Callable[[datetime], Iterable[Span]] = _nothing
    available: Callable[[], bool] = _always

    @property
    def live(self) -> bool:
        """Whether this shows now."""
        return self.spans is None

    @property
    def bounds(self) -> Span | None:
        """The first instant and the one behind the last; None for live and where there is nothing."""
        return (self.spans[0][0], self.spans[-1][1]) if self.spans else None

    def position(self, elapsed: timedelta) -> datetime:
        """Give the instant that lies `elapsed` of played time behind the beginning.

        Beyond the end it is the end.

        Raises:
            ValueError: nothing is to be played.
        """
        if not self.spans:
            raise ValueError("there is no footage")
        for start, stop in self.spans:
            if elapsed < stop - start:
                return start + elapsed
            elapsed -= stop - start
        return self.spans[-1][1]

    def spans_from(self, instant: datetime) -> tuple[Span, ...]:
        """Give what is left to play from an instant on."""
        return tuple(
            (max(start, instant), stop) for start, stop in self.spans or () if stop > instant
        )


class RtspRefusal(Exception):
    """The device answers an address with an error status."""

    def __init__(
        self, status: int, reason: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Refuse with an RTSP status and its reason phrase; the usual one where none is given."""
        super().__init__(f"{status} {reason}")
        self.headers = headers or {}
        self.status = status
        self.reason = reason
