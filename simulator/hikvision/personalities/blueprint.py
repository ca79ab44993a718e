"""From the description of a device to one that can be plugged in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from simulator.core.accounts import Accounts, LoginPolicy, User
from simulator.core.channels import Channel
from simulator.core.clock import Convention, DeviceClock, Suffix
from simulator.core.disks import Disk
from simulator.core.identity import Identity
from simulator.core.personality import Options, Personality
from simulator.core.recorder import SimulatedRecorder
from simulator.core.zone import PosixZone
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.firmware import Firmware

_FACE = "hikvision"


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
class Blueprint:
    """One device.

    Attributes:
        name: of the personality, behind the name of the face.
        quirks: in words, for whoever chooses one.
        identity: its labels.
        channels: gives its channels as of an instant.
        disks: gives its disks.
        firmware: how it speaks.
        login: how it guards its accounts.
        clock: what time it believes.
        boot: what a reboot is like.
        retention: how far its recordings reach back.
    """

    name: str
    quirks: str
    identity: Identity
    channels: Callable[[datetime], Sequence[Channel]]
    disks: Callable[[], Sequence[Disk]]
    firmware: Firmware = field(default_factory=Firmware)
    login: LoginPolicy = field(default_factory=LoginPolicy)
    clock: Wall = field(default_factory=Wall)
    boot: Boot = field(default_factory=Boot)
    retention: timedelta = timedelta(days=90)

    @property
    def full_name(self) -> str:
        """The name by which it is asked for."""
        return f"{_FACE}/{self.name}"

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
            seed=_seed(self.name) if options.seed is None else options.seed,
            retention=options.retention or self.retention,
        )
        recorder.boot_s, recorder.boot_refuses = self.boot.away_s, self.boot.refuses
        return Personality(name=self.full_name, face=HikvisionFace(recorder, self.firmware))

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


def labels(
    *, number: int, title: str, model: str, version: str, built: date, address: str, code: str
) -> Identity:
    """Give the labels of a device; `number` tells its serial and its MAC from those of others.

    Args:
        number: of the personality, below 100.
        title: what its owner calls it.
        model: as the maker writes it.
        version: of the firmware, likewise.
        built: when that was built.
        address: what the box believes its own address to be.
        code: the letters of its kind within the serial.
    """
    return Identity(
        name=title,
        model=model,
        serial=f"{model}{built:%Y%m%d}{code}SIM{number:06}" + ("WCVU" if code != "AAWR" else ""),
        mac=f"02:00:5e:10:00:{number:02x}",
        firmware=version,
        firmware_date=built,
        hardware="0x0",
        address=address,
    )


def _seed(name: str) -> int:
    """Give the seed of a personality: the same at any time, another for each."""
    return _SEEDS.get(name) or int.from_bytes(name.encode()[-6:])


_SEEDS = {"current": 1, "old": 2}
