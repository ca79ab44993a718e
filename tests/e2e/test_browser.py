"""What a person does in the browser."""

import pytest

from demo.entry import Entry
from demo.frontend import Frontend
from demo.installation import Installation
from demo.recorders import RecorderChannel, SimulatedRecorder
from demo.steps.live import watch_live

pytestmark = pytest.mark.asyncio(loop_scope="session")

REQUEST_BUDGET = 12


def whole_channel(recorder: SimulatedRecorder) -> RecorderChannel:
    return next(each for each in recorder.channels.values() if each.pictures and each.unbroken)


async def test_a_recorder_added_by_clicks_is_asked_little(
    current_entry: Entry, current: SimulatedRecorder
) -> None:
    traffic = await current.traffic(current_entry.created, current_entry.ready)
    assert 0 < len(traffic.paths) <= REQUEST_BUDGET, traffic.paths
    assert traffic.refused == 0
    assert set(current_entry.cameras) == {channel.name for channel in current.channels.values()}


async def test_a_camera_shows_what_happens_now(
    frontend: Frontend, current_entry: Entry, current: SimulatedRecorder
) -> None:
    channel = whole_channel(current)
    live = await watch_live(frontend, current_entry.cameras[channel.name].entity_id, channel)
    assert live.faults == ()


async def test_a_camera_of_an_old_recorder_shows_what_happens_now(
    installation: Installation, frontend: Frontend, old_entry: Entry, old: SimulatedRecorder
) -> None:
    channel = whole_channel(old)
    live = await watch_live(frontend, old_entry.cameras[channel.name].entity_id, channel)
    assert live.faults == ()
