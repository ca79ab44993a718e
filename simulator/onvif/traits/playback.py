"""Traits of live pictures and replays over RTSP (section 9 of the notes)."""

from dataclasses import replace
from typing import Final, Unpack

from simulator.rtsp.replay import ReplayTraits
from simulator.rtsp.traits import Changes, End, Reports, RtspTraits

_USUAL: Final = RtspTraits(
    media_header=False,
    tells_properties=False,
    reports=Reports.NOW,
    reverse=True,
    end=End.FALLS_SILENT,
    replay=ReplayTraits(),
)
"""It replays as ONVIF wants it: forwards and backwards, and says nothing at the end."""


def rtsp(**changes: Unpack[Changes]) -> RtspTraits:
    """Give the traits of an RTSP server, the usual ones but for some."""
    return replace(_USUAL, **changes)
