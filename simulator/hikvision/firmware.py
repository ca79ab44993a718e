"""How the firmwares of one maker differ from each other."""

from dataclasses import dataclass

from simulator.core import firmware

from .traits.answers import AnswerTraits
from .traits.box import BoxTraits
from .traits.download import DownloadTraits
from .traits.events import EventTraits
from .traits.pictures import PictureTraits
from .traits.playback import PlaybackTraits
from .traits.search import SearchTraits


@dataclass(frozen=True, kw_only=True)
class Firmware(
    AnswerTraits,
    BoxTraits,
    PictureTraits,
    SearchTraits,
    DownloadTraits,
    EventTraits,
    PlaybackTraits,
    firmware.Firmware,
):
    """The traits of one firmware; those not named are the well-behaved ones."""
