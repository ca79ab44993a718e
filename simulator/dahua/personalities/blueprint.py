"""The description of a Dahua device."""

from dataclasses import dataclass, field
from typing import ClassVar, Final, override

from simulator.core import blueprint
from simulator.core.identity import Maker
from simulator.core.recorder import SimulatedRecorder
from simulator.dahua.face import DahuaFace
from simulator.dahua.firmware import Firmware

_MAKER: Final = Maker(octet=0x11, serial="{built:%y}SIM{number:02}PAZ{number:05}", hardware="1.00")
labels: Final = _MAKER.labels


@dataclass(frozen=True, kw_only=True)
class Blueprint(blueprint.Blueprint):
    """One Dahua device.

    Attributes:
        firmware: how it speaks.
    """

    vendor: ClassVar[str] = "dahua"
    firmware: Firmware = field(default_factory=Firmware)

    @override
    def face(self, recorder: SimulatedRecorder) -> DahuaFace:
        return DahuaFace(recorder, self.firmware)
