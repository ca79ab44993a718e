"""What the bench and the process of its recorders say to each other."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RecorderSpec:
    """A recorder as a bench wants it.

    Attributes:
        name: unique in the process; its title and serial number come of it.
        personality: what it is apart from the following.
        channels: how many.
        latency_ms: by so much every HTTP request is answered later, challenges included.
        rate: bytes a second of each connection, as fast as it goes if 0.
        fills: whether pictures that are sent over RTSP are filled up to the bit rate.
        file_minutes: about how long continuous recordings are.
        motion_per_day: events recorded beside or instead of continuous footage.
        continuous: whether there is continuous footage.
        gop_s: seconds from key frame to key frame.
        bitrate_kbps: of the main stream.
        retention_days: how far recordings reach back.
    """

    name: str
    personality: str
    channels: int = 16
    latency_ms: float = 0.0
    rate: int = 0
    fills: bool = False
    file_minutes: float = 17.0
    motion_per_day: int = 0
    continuous: bool = True
    gop_s: float = 2.0
    bitrate_kbps: int = 4096
    retention_days: float = 14.0


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """One HTTP request as the recorder saw it; times in seconds since 1970.

    ``ended`` is None while the answer goes on. ``stale`` tells whether it was refused for the age of its
    nonce alone: the login stands, and recorders don't count that.
    """

    began: float
    ended: float | None
    method: str
    path: str
    status: int
    stale: bool
