"""What a person does in the browser."""

import pytest

from demo.entry import Entry
from demo.frontend import Frontend
from demo.installation import Installation
from demo.recorders import SimulatedRecorder
from demo.steps.channels import whole_channel
from demo.steps.clip import save_clip, wishes_around_change
from demo.steps.live import watch_live
from demo.steps.playback import watch_recording
from demo.steps.saved import watch_saved_clip

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_recorder_is_added_with_few_requests(
    added: Entry, recorder: SimulatedRecorder
) -> None:
    traffic = await recorder.traffic(added.created, added.ready)
    assert 0 < len(traffic.paths) <= recorder.setup_limit, traffic.paths
    assert traffic.refused == 0
    assert set(added.cameras) == {channel.name for channel in recorder.channels.values()}


async def test_a_cameras_dialog_shows_what_happens_now(
    frontend: Frontend, added: Entry, recorder: SimulatedRecorder
) -> None:
    channel = whole_channel(recorder)
    live = await watch_live(frontend, added.cameras[channel.name].entity_id, channel)
    assert live.faults == ()


async def test_a_recording_of_two_hours_ago_plays_and_can_be_jumped_in(
    installation: Installation, frontend: Frontend, added: Entry, recorder: SimulatedRecorder
) -> None:
    channel = whole_channel(recorder)
    played = await watch_recording(installation.api, frontend, added, recorder, channel)
    assert played.playing_faults == ()
    assert played.jump_faults == ()


async def test_a_saved_clip_is_seen_from_its_first_to_its_last_picture(
    installation: Installation, frontend: Frontend, added: Entry, recorder: SimulatedRecorder
) -> None:
    _, wish, *_ = await wishes_around_change(added, recorder)
    await save_clip(installation.api, wish)
    seen = await watch_saved_clip(frontend, added, wish)
    assert seen.channel == wish.channel.number
    assert seen.start_error_s <= wish.channel.frame_s
    assert seen.end_error_s <= wish.channel.frame_s
