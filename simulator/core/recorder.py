"""A simulated recorder, whatever language it speaks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from simulator.footage.formats import StreamFormat
from simulator.footage.source import FootageSource

from .accounts import Accounts
from .channels import Channel
from .clock import DeviceClock
from .disks import Disk
from .events import EventBoard
from .faults import Faults
from .identity import Identity
from .requests import RequestLog
from .schedule import Schedule
from .time_source import Now
from .zone import PosixZone

_UPTIME = timedelta(days=3, hours=15, minutes=41)


# A source takes a moment to get going and some megabytes; recorders in one process share them.
_KEPT_SOURCES = 128


class SimulatedRecorder:
    """The box: what is in it and what it has on its disks.

    Attributes:
        identity: its labels.
        channels: its inputs by number.
        clock: what it believes the time to be.
        accounts: who may log in.
        disks: its bays.
        schedule: what it has recorded.
        events: what happens as it happens.
        faults: what goes wrong on purpose.
        requests: what it was asked by HTTP.
        now: true time.
        started: true instant of its last boot.
        max_connections: for HTTP, so many at once; None for any number.
        boot_s: so many seconds it is away when it reboots.
        boot_refuses: for so long after a boot it lets nobody in, whoever it is.
        restart: reboots the box around it; does nothing while it is in none.
        rebooted: called at each boot, so that whoever speaks for it forgets what was open.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        channels: Sequence[Channel],
        clock: DeviceClock,
        accounts: Accounts,
        disks: Sequence[Disk],
        now: Now,
        seed: int,
        retention: timedelta,
    ) -> None:
        """Put a recorder together."""
        self.identity = identity
        self.channels = {channel.number: channel for channel in channels}
        self.clock = clock
        self.accounts = accounts
        self.disks = list(disks)
        self.now = now
        self.started = now() - _UPTIME
        self.events = EventBoard(now)
        self.faults = Faults()
        self.requests = RequestLog()
        self.max_connections: int | None = None
        self.boot_s = 0.0
        self.boot_refuses = timedelta()
        self.restart: Callable[[], None] = _stay
        self.rebooted: list[Callable[[], None]] = []
        self.schedule = Schedule(
            seed=seed,
            retention=retention,
            now=now,
            channel_of=self.channels.get,
            snap=self._key_frame,
        )

    def source(self, channel: int, stream: int) -> FootageSource:
        """Give the footage of a channel's stream.

        Raises:
            KeyError: there is no such channel or stream.
        """
        form = self.channels[channel].streams[stream]
        return _source(channel, stream, form, self.clock.zone)

    def reboot(self) -> None:
        """Begin anew: nonces given out before are worth nothing, and the uptime counts from now."""
        self.started = self.now()
        self.accounts.forget_nonces()
        self.accounts.refuse_until(self.started + self.boot_refuses)
        for forget in self.rebooted:
            forget()

    def has_stream(self, channel: int, stream: int) -> bool:
        """Say whether a channel exists and has such a stream."""
        known = self.channels.get(channel)
        return known is not None and stream in known.streams

    def _key_frame(self, channel: int, stream: int, instant: datetime) -> datetime:
        return self.source(channel, stream).key_frame_at_or_before(instant)


def _stay() -> None:
    """Do nothing."""


@lru_cache(_KEPT_SOURCES)
def _source(channel: int, stream: int, form: StreamFormat, zone: PosixZone) -> FootageSource:
    return FootageSource(channel=channel, stream=stream, format=form, zone=zone)
