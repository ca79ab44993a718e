"""Every way in which an RTSP server can misbehave is some personality's."""

from dataclasses import fields
from typing import Any

import pytest

from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.traits.playback import LiveForm, TrackForm
from simulator.rtsp.traits import End, Gap, Junk, Reports, RtspTraits


def faces() -> list[HikvisionFace]:
    """Give all personalities of this maker."""
    made = [build(Options()).face for build in PERSONALITIES.values()]
    return [face for face in made if isinstance(face, HikvisionFace)]


@pytest.mark.parametrize("name", [each.name for each in fields(RtspTraits)])
def test_each_trait_occurs(name: str) -> None:
    values: set[Any] = {getattr(face.rtsp, name) for face in faces()}
    assert len(values) > 1


def test_each_kind_occurs() -> None:
    rtsp = [face.rtsp for face in faces()]
    assert {each.end for each in rtsp} == set(End)
    assert {each.gap for each in rtsp} == set(Gap)
    assert {each.reports for each in rtsp} == set(Reports)
    # What FFmpeg and go2rtc trip over is for tests of our own client.
    assert {kind for each in rtsp for kind in each.junk} >= set(Junk) - {Junk.SHORT_FRAMES}


def test_each_form_of_an_address_occurs() -> None:
    firmwares = [face.device.firmware for face in faces()]
    assert {form for each in firmwares for form in each.live_forms} == set(LiveForm)
    alone = {form for each in firmwares if len(each.track_forms) == 1 for form in each.track_forms}
    assert alone == set(TrackForm)
