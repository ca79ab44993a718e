"""How firmwares differ over RTSP (sections 7 and 9 of the protocol notes)."""

from dataclasses import dataclass, replace
from typing import Final, Unpack

from simulator.rtsp.traits import Changes, Reports, RtspTraits

_USUAL: Final = RtspTraits(
    clock_range=False, media_header=False, tells_properties=False, reports=Reports.NOW
)


def rtsp(**traits: Unpack[Changes]) -> RtspTraits:
    """Give how the maker's servers behave, but for these traits."""
    return replace(_USUAL, **traits)


@dataclass(frozen=True, kw_only=True)
class PlaybackTraits:
    """What RTSP addresses are taken, and how the server behaves.

    Attributes:
        rtsp: how the server behaves.
        live_plays: whether a live address with times plays what was recorded.
        plays_by_time: whether there is playback by time.
        plays_files: whether a file's path is an address.
    """

    rtsp: RtspTraits = _USUAL
    live_plays: bool = False
    plays_by_time: bool = True
    plays_files: bool = True
