"""The description of a Hikvision device."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, override

from simulator.core import blueprint
from simulator.core.identity import Maker
from simulator.core.recorder import SimulatedRecorder
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.firmware import Firmware

_MAKER: Final = Maker(
    octet=0x10, serial="{model}{built:%Y%m%d}{code}SIM{number:06}WCVU", hardware="0x0"
)
labels: Final = _MAKER.labels
# With nothing behind the number.
camera_labels: Final = replace(_MAKER, serial=_MAKER.serial.removesuffix("WCVU")).labels
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
