"""Simulated recorders plugged in, and what a test may change in them."""

from typing import Any

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.core.web_face import WebFace
from simulator.faces import PERSONALITIES


def recorder_box(name: str, password: str, time: TimeSource) -> RecorderBox:
    """Give a personality to plug in."""
    return RecorderBox(PERSONALITIES[name](Options(password=password, now=time)))


def change(box: RecorderBox, **traits: Any) -> None:
    """Give the firmware of a box other traits."""
    face = box.personality.face
    assert isinstance(face, WebFace)
    face.change(**traits)
