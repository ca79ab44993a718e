"""The description of a Hikvision device."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, override

from simulator.core import blueprint
from simulator.core.identity import Identity
from simulator.core.recorder import SimulatedRecorder
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.firmware import Firmware

_SEEDS = {"current": 1, "old": 2}


@dataclass(frozen=True, kw_only=True)
class Blueprint(blueprint.Blueprint):
    """One Hikvision device.

    Attributes:
        firmware: how it speaks.
    """

    vendor: ClassVar[str] = "hikvision"
    firmware: Firmware = field(default_factory=Firmware)

    @property
    @override
    def seed(self) -> int:
        return _SEEDS.get(self.name) or int.from_bytes(self.name.encode()[-6:])

    @override
    def face(self, recorder: SimulatedRecorder) -> HikvisionFace:
        return HikvisionFace(recorder, self.firmware)


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
