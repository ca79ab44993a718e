"""A recorder as its maker's firmware shows it."""

from dataclasses import dataclass, field

from .channels import Channel
from .firmware import Firmware
from .personality import Ports
from .recorder import SimulatedRecorder


@dataclass
class Device[F: Firmware]:
    """What all modules of a face share.

    Attributes:
        recorder: what it is and has.
        firmware: how it speaks.
        ports: where it is reached.
    """

    recorder: SimulatedRecorder
    firmware: F
    ports: Ports = field(default_factory=Ports, kw_only=True)

    @property
    def network_channels(self) -> list[Channel]:
        """The cameras in the network."""
        return [known for known in self.recorder.channels.values() if not known.analog]
