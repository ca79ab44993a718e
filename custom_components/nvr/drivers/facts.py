"""What every device tells, whatever its words for that, and the state that follows from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .errors import NotSupportedError
from .models import (
    Channel,
    Clock,
    Disk,
    Missing,
    Recorder,
    RecorderState,
    RecordingExtent,
    StreamName,
)

# What every channel has where nobody told of its streams.
ASSUMED_STREAMS = (StreamName.MAIN, StreamName.SUB)
# Boot times are whole seconds computed from a moving now; less than this is no reboot.
BOOT_JITTER = timedelta(seconds=90)


class Place(Protocol):
    """Where a vendor's device has a channel."""

    @property
    def number(self) -> int:
        """The channel's number, from 1."""


@dataclass(slots=True, kw_only=True)
class DeviceFacts[P: Place](ABC):
    """What a device has told. None stands for what it has not, ``absent`` says why.

    A vendor's facts add what its channels are made from.
    """

    disks: tuple[Disk, ...] | None = None
    rtsp_port: int | None = None
    clock: Clock = field(default_factory=Clock)
    last_boot: datetime | None = None
    extents: dict[int, RecordingExtent] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    def places(self) -> tuple[P, ...]:
        """Return where the channels are found, in their order."""

    @abstractmethod
    def state(self) -> RecorderState:
        """Return what all this amounts to."""

    def place(self, number: int) -> P:
        """Return where a channel is found. Raises NotSupportedError where there is no such channel."""
        place = self.find_place(number)
        if place is None:
            raise NotSupportedError(f"the recorder has no channel {number}")
        return place

    def find_place(self, number: int) -> P | None:
        """Return where a channel is found, None where there is no such channel."""
        return next((place for place in self.places() if place.number == number), None)

    def note_uptime(self, uptime: timedelta) -> None:
        """Take how long the device has been running now."""
        boot = (datetime.now(UTC) - uptime).replace(microsecond=0)
        if self.last_boot is None or abs(boot - self.last_boot) > BOOT_JITTER:
            self.last_boot = boot

    def _state_of(
        self,
        recorder: Recorder,
        channels: tuple[Channel, ...],
        *,
        lacks_recorder: bool,
        lacks_status: bool,
    ) -> RecorderState:
        """Return the state; what lacks although every recorder has it is named in it, and why."""
        lacking = {
            "recorder": lacks_recorder,
            "channels": not channels,
            "channel_status": lacks_status,
            "streams": any(not channel.streams for channel in channels),
            # What was heard once stays, and its age is said.
            "disks": self.disks is None or "disks" in self.absent,
            "clock": "clock" in self.absent,
            "recordings": "recordings" in self.absent,
        }
        return RecorderState(
            recorder=recorder,
            channels=channels,
            disks=self.disks or (),
            clock=self.clock,
            last_boot=self.last_boot,
            extents=dict(self.extents),
            missing=tuple(self._missing(lacking)),
        )

    def _missing(self, lacking: dict[str, bool]) -> Iterator[Missing]:
        for what, lacks in lacking.items():
            if lacks:
                yield Missing(what=what, reason=self.absent.get(what, "the device lists none"))
