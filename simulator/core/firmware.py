"""How firmwares differ, whoever made them."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from simulator.rtsp.traits import RtspTraits


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """The traits of one firmware; a maker's own are added to these.

    Attributes:
        latency_s: seconds before any answer begins.
        closes: whether the connection ends after each answer.
        connections: so many at once; None for no limit. Others are dropped when they come.
        rtsp: how the RTSP server behaves.
    """

    latency_s: float = 0.0
    closes: bool = False
    connections: int | None = None
    rtsp: RtspTraits = field(default_factory=RtspTraits)

    def but(self, **traits: Any) -> Self:
        """Give the same with other traits, by their names.

        Raises:
            TypeError: there is no such trait.
        """
        return replace(self, **traits)
