"""How the firmwares of one maker differ from each other."""

from dataclasses import dataclass

from simulator.core import firmware

from .traits.answers import AnswerTraits
from .traits.box import BoxTraits
from .traits.channels import ChannelTraits
from .traits.discovery import DiscoveryTraits
from .traits.download import DownloadTraits
from .traits.events import EventTraits
from .traits.login import LoginTraits
from .traits.pictures import PictureTraits
from .traits.playback import PlaybackTraits
from .traits.search import SearchTraits


@dataclass(frozen=True, kw_only=True)
class Firmware(
    AnswerTraits,
    LoginTraits,
    BoxTraits,
    ChannelTraits,
    SearchTraits,
    PictureTraits,
    DownloadTraits,
    EventTraits,
    PlaybackTraits,
    DiscoveryTraits,
    firmware.Firmware,
):
    """The traits of one firmware; those not named are the well-behaved ones."""

    # Seen on several: the web interface says that there are too many.
    connections: int | None = 20
