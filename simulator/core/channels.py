"""The cameras behind a simulated recorder."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from simulator.footage.formats import StreamFormat

from .recordings import RecordingPlan


class ChannelState(StrEnum):
    """Whether pictures come from a channel's camera."""

    ONLINE = "online"
    OFFLINE = "offline"
    NO_VIDEO = "no video"
    """The camera answers, but sends no pictures."""


class OfflineReason(StrEnum):
    """Why a recorder has no connection to a camera."""

    UNREACHABLE = "unreachable"
    WRONG_PASSWORD = "wrong password"
    LOCKED_OUT = "locked out"
    ADDRESS_CONFLICT = "address conflict"


@dataclass(frozen=True, kw_only=True)
class Camera:
    """The labels of the camera behind a channel, as the recorder knows them."""

    model: str
    serial: str
    firmware: str
    address: str


@dataclass(kw_only=True)
class Channel:
    """One video input.

    Attributes:
        number: from 1, as on the recorder's screen.
        name: what its owner calls it.
        camera: the device behind it.
        analog: whether it is an input of the box itself, not a camera in the network.
        streams: format by stream number, 1 main and 2 sub.
        plan: what is recorded of it.
        state: whether pictures come.
        reason: why it is offline; None otherwise.
        lost_at: true instant since which nothing is recorded; None while pictures come.
    """

    number: int
    name: str
    camera: Camera
    streams: dict[int, StreamFormat]
    plan: RecordingPlan = field(default_factory=RecordingPlan)
    state: ChannelState = ChannelState.ONLINE
    reason: OfflineReason | None = None
    lost_at: datetime | None = None
    analog: bool = False

    @property
    def has_pictures(self) -> bool:
        """Whether there is a live picture."""
        return self.state is ChannelState.ONLINE

    def lose(self, at: datetime, reason: OfflineReason | None = None) -> None:
        """Lose the pictures at a true instant: the connection for `reason`, the video alone without one."""
        self.state = ChannelState.NO_VIDEO if reason is None else ChannelState.OFFLINE
        self.reason = reason
        self.lost_at = at

    def restore(self) -> None:
        """Be online again, as if it had never been lost: what was not recorded meanwhile is there as well."""
        self.state = ChannelState.ONLINE
        self.reason = None
        self.lost_at = None
