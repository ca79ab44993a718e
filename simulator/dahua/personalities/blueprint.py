"""The description of a Dahua device."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, override

from simulator.core import blueprint
from simulator.core.identity import Identity
from simulator.core.recorder import SimulatedRecorder
from simulator.dahua.face import DahuaFace
from simulator.dahua.firmware import Firmware


@dataclass(frozen=True, kw_only=True)
class Blueprint(blueprint.Blueprint):
    """One Dahua device.

    Attributes:
        firmware: how it speaks.
    """

    vendor: ClassVar[str] = "dahua"
    firmware: Firmware = field(default_factory=Firmware)

    @property
    @override
    def seed(self) -> int:
        return int.from_bytes(self.full_name.encode()[-6:])

    @override
    def face(self, recorder: SimulatedRecorder) -> DahuaFace:
        return DahuaFace(recorder, self.firmware)


def labels(
    *, number: int, title: str, model: str, version: str, built: date, address: str
) -> Identity:
    """Give the labels of a device; `number` tells its serial and its MAC from those of others.

    Args:
        number: of the personality, below 100.
        title: what its owner calls it.
        model: as the maker writes it.
        version: of the firmware, likewise.
        built: when that was built.
        address: what the box believes its own address to be.
    """
    return Identity(
        name=title,
        model=model,
        serial=f"{built:%y}SIM{number:02}PAZ{number:05}",
        mac=f"02:00:5e:11:00:{number:02x}",
        firmware=version,
        firmware_date=built,
        hardware="1.00",
        address=address,
    )
