"""The description of a device that speaks ONVIF."""

from dataclasses import dataclass, field
from typing import ClassVar, Final, override

from simulator.core import blueprint
from simulator.core.identity import Maker
from simulator.core.recorder import SimulatedRecorder
from simulator.onvif.face import OnvifFace
from simulator.onvif.firmware import Firmware

_MAKER: Final = Maker(octet=0x12, serial="{model}-{built:%Y%m%d}SIM{number:06}", hardware="1.0")
labels: Final = _MAKER.labels


@dataclass(frozen=True, kw_only=True)
class Blueprint(blueprint.Blueprint):
    """One device that speaks ONVIF.

    Attributes:
        firmware: how it speaks.
    """

    vendor: ClassVar[str] = "onvif"
    firmware: Firmware = field(default_factory=Firmware)

    @override
    def face(self, recorder: SimulatedRecorder) -> OnvifFace:
        return OnvifFace(recorder, self.firmware)
