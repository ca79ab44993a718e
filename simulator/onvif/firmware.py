"""How the firmwares of devices that speak ONVIF differ from each other."""

from dataclasses import dataclass

from simulator.core import firmware

from .traits.answers import AnswerTraits
from .traits.box import BoxTraits
from .traits.discovery import DiscoveryTraits
from .traits.events import EventTraits
from .traits.login import LoginTraits
from .traits.media import MediaTraits
from .traits.recording import RecordingTraits
from .traits.search import SearchTraits


@dataclass(frozen=True, kw_only=True)
class Firmware(
    AnswerTraits,
    LoginTraits,
    BoxTraits,
    MediaTraits,
    RecordingTraits,
    SearchTraits,
    EventTraits,
    DiscoveryTraits,
    firmware.Firmware,
):
    """The traits of one firmware; those not named are the well-behaved ones."""
