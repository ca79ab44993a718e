"""From the description of a device to one that can be plugged in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from .accounts import Accounts, LoginPolicy, User
from .channels import Channel
from .clock import Convention, DeviceClock, Suffix
from .disks import Disk
from .identity import Identity
from .personality import Face, Options, Personality
from .recorder import SimulatedRecorder
from .zone import PosixZone


@dataclass(frozen=True, kw_only=True)
class Wall:
    """The clock of a device (`DeviceClock` says what the fields mean)."""

    zone: str = "Europe/Berlin"
    offset: timedelta = timedelta()
    drift: timedelta = timedelta()
    convention: Convention = Convention.UTC
    suffix: Suffix = Suffix.TRUE


@dataclass(frozen=True, kw_only=True)
class Boot:
    """What a reboot of a device is like.

    Attributes:
        away_s: so many seconds it can't be reached.
        refuses: for so long after that it lets nobody in.
    """

    away_s: float = 0.0
    refuses: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True)
class Blueprint(ABC):
    """One device.

    Attributes:
        vendor: the maker's name, as faces have it.
        name: of the personality, behind the name of the face.
        quirks: in words, for whoever chooses one.
        identity: its labels.
        channels: gives its channels as of an instant.
        disks: gives its disks.
        login: how it guards its accounts.
        clock: what time it believes.
        boot: what a reboot is like.
        retention: how far its recordings reach back.
    """

    vendor: ClassVar[str]
    name: str
    quirks: str
    identity: Identity
    channels: Callable[[datetime], Sequence[Channel]]
    disks: Callable[[], Sequence[Disk]]
    login: LoginPolicy = field(default_factory=LoginPolicy)
    clock: Wall = field(default_factory=Wall)
    boot: Boot = field(default_factory=Boot)
    retention: timedelta = timedelta(days=90)

    @property
    def full_name(self) -> str:
        """The name by which it is asked for: the maker's and its own."""
        return f"{self.vendor}/{self.name}"

    @property
    def seed(self) -> int:
        """What its recordings are drawn from: the same at any time, another for each."""
        return int.from_bytes(self.full_name.encode()[-6:])

    @abstractmethod
    def face(self, recorder: SimulatedRecorder) -> Face:
        """Give the face that it has on a recorder."""

    def build(self, options: Options | None = None) -> Personality:
        """Give one that can be plugged in."""
        options = options or Options()
        identity = replace(
            self.identity,
            name=options.name or self.identity.name,
            serial=self.identity.serial if options.serial is None else options.serial,
            mac=options.mac or self.identity.mac,
        )
        now = options.now()
        owner = User(name=options.user, password=options.password, administrator=True)
        recorder = SimulatedRecorder(
            identity=identity,
            channels=self.channels(now),
            clock=self._clock(options, now),
            accounts=Accounts(now=options.now, users=[owner], policy=self.login),
            disks=self.disks(),
            now=options.now,
            seed=self.seed if options.seed is None else options.seed,
            retention=options.retention or self.retention,
        )
        recorder.boot_s, recorder.boot_refuses = self.boot.away_s, self.boot.refuses
        return Personality(name=self.full_name, face=self.face(recorder))

    def _clock(self, options: Options, now: datetime) -> DeviceClock:
        clock = DeviceClock(
            zone=PosixZone.named(options.time_zone or self.clock.zone),
            offset=self.clock.offset if options.clock_offset is None else options.clock_offset,
            convention=self.clock.convention,
            suffix=self.clock.suffix,
        )
        if self.clock.drift:
            clock.drift, clock.drifts_from = self.clock.drift, now
        return clock
