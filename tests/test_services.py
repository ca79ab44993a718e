"""The actions: what callers may give, what they get, and who may."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_capture_events,
)

from custom_components.nvr.const import DOMAIN, EVENT_CLIP_FAILED, EVENT_CLIP_READY
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.identity import channel_identifier
from custom_components.nvr.library.job import JobPhase
from custom_components.nvr.library.note_box import read_note
from custom_components.nvr.library.queue import ClipQueue
from tests.action_fixtures import FRONT, OFFLINE, YARD, act, device_of, span
from tests.fake_driver import RECORDER, FakeDriver, channel, recorder_state
from tests.fake_footage import FakeCutter


@pytest.fixture
async def reader(hass: HomeAssistant) -> Context:
    """Return the context of a user who may see all but control nothing."""
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    assert group is not None
    user = MockUser(id="reader", groups=[group]).add_to_hass(hass)
    return Context(user_id=user.id)


@pytest.fixture
def neighbour(hass: HomeAssistant) -> Context:
    """Return the context of a user who may see and use the front door's camera alone."""
    user = MockUser(id="neighbour").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {FRONT: True}}})
    assert isinstance(user.permissions, PolicyPermissions)
    return Context(user_id=user.id)


class TestDownload:
    """nvr.download_clip."""

    async def test_the_answer_holds_the_clip(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        answer = await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        clip = answer[FRONT]
        assert clip["phase"] == "done"
        assert clip["duration"] == 10.0
        assert clip["exact"] is True
        assert clip["missing"] == []
        assert (clip["format_changed"], clip["truncated"]) == (False, False)
        assert Path(clip["path"]).stat().st_size == clip["size"]
        assert clip["media_content_id"].endswith("_front_door.mp4")
        assert clip["start"] == dt_util.as_local(recorded.start + timedelta(minutes=1)).isoformat()

    async def test_the_answer_says_why_a_clip_is_shorter(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        driver: FakeDriver,
        cutter: FakeCutter,
    ) -> None:
        driver.truncated = True
        clip = (await act(hass, "download_clip", entity_id=FRONT, **span(recorded)))[FRONT]
        # Lengths that recorders announce are often wrong: nothing lacks, nothing is said.
        assert clip["truncated"] is False
        begin = recorded.start + timedelta(seconds=65)
        cutter.missing = ((begin, begin + timedelta(seconds=5)),)
        cutter.format_changed = True
        ready = async_capture_events(hass, EVENT_CLIP_READY)
        clip = (await act(hass, "download_clip", entity_id=FRONT, **span(recorded)))[FRONT]
        (event,) = ready
        for told in (clip, event.data):
            assert (told["format_changed"], told["truncated"]) == (True, True)
            assert len(told["missing"]) == 1
        note = read_note(Path(clip["path"]))
        assert note is not None
        assert (note.format_changed, note.truncated) == (True, True)

    async def test_an_instant_with_seconds_around(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        at = recorded.start + timedelta(minutes=10)
        answer = await act(
            hass, "download_clip", entity_id=FRONT, at=at, before=5, after=7.5, name="Ring! Ring!"
        )
        clip = answer[FRONT]
        assert clip["duration"] == 12.5
        assert clip["start"] == dt_util.as_local(at - timedelta(seconds=5)).isoformat()
        assert clip["path"].endswith("_ring_ring.mp4")

    async def test_without_an_instant_now_is_meant(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, driver: FakeDriver
    ) -> None:
        now = dt_util.utcnow()
        driver.recordings.append(
            Recording(
                channel=1,
                stream=StreamName.MAIN,
                start=now - timedelta(minutes=1),
                end=now + timedelta(minutes=1),
                kinds=frozenset(),
                token="a",
            )
        )
        answer = await act(hass, "download_clip", entity_id=FRONT, before=30, after=0)
        start = dt_util.parse_datetime(answer[FRONT]["start"], raise_on_error=True)
        assert abs(start - now + timedelta(seconds=30)) < timedelta(seconds=20)

    async def test_the_call_need_not_wait(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, cutter: FakeCutter
    ) -> None:
        cutter.gate.clear()
        answer = await act(hass, "download_clip", entity_id=FRONT, wait=False, **span(recorded))
        (job,) = queue.unfinished
        assert answer[FRONT]["job_id"] == job.id
        assert "path" not in answer[FRONT]
        cutter.gate.set()
        assert (await queue.wait(job.id)).phase is JobPhase.DONE

    async def test_without_an_answer_it_waits_as_well(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        ready = async_capture_events(hass, EVENT_CLIP_READY)
        await hass.services.async_call(
            DOMAIN, "download_clip", {"entity_id": FRONT, **span(recorded)}, blocking=True
        )
        assert len(ready) == 1

    @pytest.mark.parametrize(
        ("data", "key"),
        [
            ({}, "span_missing"),
            ({"start": "2026-01-01T00:00:00"}, "span_missing"),
            ({"start": "2026-01-01T00:00:00", "before": 3}, "span_given_twice"),
            ({"start": "2026-01-02T00:00:00", "end": "2026-01-01T00:00:00"}, "end_before_start"),
            ({"at": "2026-01-02T00:00:00", "before": 0, "after": 0}, "end_before_start"),
            ({"start": "2199-01-01T00:00:00", "end": "2199-01-01T00:01:00"}, "start_in_future"),
            ({"start": "2026-01-01T00:00:00", "end": "2026-01-01T04:00:01"}, "clip_too_long"),
            ({"start": "2026-01-01T00:00:00", "end": "2026-01-01T00:01:00"}, "nothing_recorded"),
            ({"at": "2026-01-01T00:00:00", "stream": "third"}, "no_such_stream"),
            ({"at": "9999-12-31T23:59:59"}, "no_such_time"),
        ],
    )
    async def test_wrong_input_is_named(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        data: dict[str, Any],
        key: str,
    ) -> None:
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "download_clip", entity_id=FRONT, **data)
        assert raised.value.translation_key == key
        assert queue.jobs == ()

    async def test_the_nearest_recording_is_named(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "download_clip", entity_id=FRONT, **span(recorded, offset=-600))
        assert raised.value.translation_key == "nothing_recorded_nearest"
        assert dt_util.as_local(recorded.start).isoformat() in str(raised.value)

    async def test_too_little_room_is_said_at_once(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        with (
            patch.object(queue.folder, "free_bytes", return_value=5_000_000),
            pytest.raises(ServiceValidationError) as raised,
        ):
            await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        assert raised.value.translation_key == "not_enough_space"
        assert "5 MB are free" in str(raised.value)

    async def test_what_was_kept_of_playbacks_gives_way_to_a_clip(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        played = Path(hass.config.cache_path(DOMAIN)) / "playback" / "0.m4s"
        played.parent.mkdir(parents=True)
        played.write_bytes(b"part")
        with patch.object(
            queue.folder, "free_bytes", side_effect=lambda: 0 if played.exists() else 1 << 40
        ):
            await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        assert not played.exists()

    async def test_a_recorder_out_of_reach_fails_with_the_cause(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, driver: FakeDriver
    ) -> None:
        failed = async_capture_events(hass, EVENT_CLIP_FAILED)
        driver.errors["search"] = CannotConnectError("unplugged")
        with pytest.raises(HomeAssistantError) as raised:
            await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        assert raised.value.translation_key == "cannot_connect"
        (event,) = failed
        assert event.data["cause"] == "cannot_connect"

    async def test_of_several_cameras_the_good_ones_answer(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, driver: FakeDriver
    ) -> None:
        del driver.recordings[1]
        answer = await act(hass, "download_clip", entity_id=[FRONT, YARD], **span(recorded))
        assert answer[FRONT]["phase"] == "done"
        assert answer[YARD]["cause"] == "nothing_recorded"
        assert answer[YARD]["error"] == "Nothing was recorded then"
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call(
                DOMAIN,
                "download_clip",
                {"entity_id": [FRONT, YARD], **span(recorded)},
                blocking=True,
            )

    async def test_the_job_carries_the_context_of_the_call(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, hass_admin_user: MockUser
    ) -> None:
        ready = async_capture_events(hass, EVENT_CLIP_READY)
        context = Context(user_id=hass_admin_user.id)
        await act(hass, "download_clip", context, entity_id=FRONT, **span(recorded))
        assert ready[0].context.id == context.id
        assert ready[0].context.user_id == hass_admin_user.id

    async def test_a_channel_that_left_is_named(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        loaded_entry: Any,
    ) -> None:
        # The recorder's answer is newer than the registry.
        coordinator = loaded_entry.runtime_data.coordinator
        coordinator.data = recorder_state(channel(2))
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        assert raised.value.translation_key == "camera_gone"


class TestRights:
    """Who may do what."""

    async def test_a_reader_searches_and_saves_nothing(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, reader: Context
    ) -> None:
        assert await act(hass, "search_recordings", reader, entity_id=FRONT, **span(recorded))
        with pytest.raises(Unauthorized):
            await act(hass, "download_clip", reader, entity_id=FRONT, **span(recorded))
        assert queue.jobs == ()

    async def test_a_named_camera_is_refused_and_others_are_left_out(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        neighbour: Context,
        loaded_entry: Any,
    ) -> None:
        with pytest.raises(Unauthorized):
            await act(
                hass, "search_recordings", neighbour, entity_id=[FRONT, YARD], **span(recorded)
            )
        area = ar.async_get(hass).async_create("Outside")
        for entity_id in (FRONT, YARD):
            dr.async_get(hass).async_update_device(device_of(hass, entity_id), area_id=area.id)
        answer = await act(hass, "search_recordings", neighbour, area_id=area.id, **span(recorded))
        assert list(answer) == [FRONT]

    async def test_of_a_recorder_the_channels_that_may_be_seen_answer(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        neighbour: Context,
        loaded_entry: Any,
    ) -> None:
        recorder = loaded_entry.runtime_data.device_id
        answer = await act(
            hass, "search_recordings", neighbour, device_id=recorder, **span(recorded)
        )
        assert list(answer) == [FRONT]
        with pytest.raises(Unauthorized):
            await act(
                hass,
                "search_recordings",
                neighbour,
                device_id=device_of(hass, YARD),
                **span(recorded),
            )
        guest = MockUser(id="guest").add_to_hass(hass)
        guest.mock_policy({})
        with pytest.raises(ServiceValidationError) as raised:
            await act(
                hass,
                "search_recordings",
                Context(user_id=guest.id),
                device_id=recorder,
                **span(recorded),
            )
        assert raised.value.translation_key == "no_cameras"

    async def test_a_user_who_does_not_exist(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        with pytest.raises(UnknownUser):
            await act(
                hass,
                "search_recordings",
                Context(user_id="nobody"),
                entity_id=FRONT,
                **span(recorded),
            )

    async def test_jobs_and_clips_of_others_are_out_of_reach(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        neighbour: Context,
        cutter: FakeCutter,
    ) -> None:
        answer = await act(hass, "download_clip", entity_id=OFFLINE, **span(recorded))
        clip = answer[OFFLINE]["media_content_id"]
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN, "delete_clip", {"clip": clip}, blocking=True, context=neighbour
            )
        assert Path(answer[OFFLINE]["path"]).exists()
        cutter.gate.clear()
        job = await act(hass, "download_clip", entity_id=OFFLINE, wait=False, **span(recorded))
        with pytest.raises(Unauthorized):
            await act(hass, "cancel_clip", neighbour, job_id=job[OFFLINE]["job_id"])
        assert len(queue.unfinished) == 1
        cutter.gate.set()


class TestCancel:
    """nvr.cancel_clip."""

    @pytest.fixture
    async def jobs(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, cutter: FakeCutter
    ) -> dict[str, Any]:
        """Let a job of two cameras each be unfinished."""
        cutter.gate.clear()
        answer: dict[str, Any] = await act(
            hass, "download_clip", entity_id=[FRONT, OFFLINE], wait=False, **span(recorded)
        )
        return answer

    async def test_by_its_id(
        self, hass: HomeAssistant, queue: ClipQueue, jobs: dict[str, Any]
    ) -> None:
        job_id = jobs[OFFLINE]["job_id"]
        assert await act(hass, "cancel_clip", job_id=job_id) == {"cancelled": [job_id]}
        assert [job.entity_id for job in queue.unfinished] == [FRONT]
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "cancel_clip", job_id=job_id)
        assert raised.value.translation_key == "no_such_job"

    async def test_by_camera(
        self, hass: HomeAssistant, queue: ClipQueue, jobs: dict[str, Any]
    ) -> None:
        await hass.services.async_call(DOMAIN, "cancel_clip", {"entity_id": FRONT}, blocking=True)
        assert [job.entity_id for job in queue.unfinished] == [OFFLINE]

    @pytest.mark.parametrize("data", [{}, {"job_id": "x", "entity_id": FRONT}])
    async def test_either_or(
        self, hass: HomeAssistant, jobs: dict[str, Any], data: dict[str, Any]
    ) -> None:
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "cancel_clip", **data)
        assert raised.value.translation_key == "job_or_cameras"


class TestDelete:
    """nvr.delete_clip."""

    @pytest.mark.parametrize("by", ["path", "media_content_id"])
    async def test_by_path_or_media_content_id(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, by: str
    ) -> None:
        answer = await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        data = {"clip": answer[FRONT][by]}
        await hass.services.async_call(DOMAIN, "delete_clip", data, blocking=True)
        assert not Path(answer[FRONT]["path"]).exists()
        with pytest.raises(ServiceValidationError) as raised:
            await hass.services.async_call(DOMAIN, "delete_clip", data, blocking=True)
        assert raised.value.translation_key == "clip_not_found"

    @pytest.mark.parametrize(
        "clip",
        [
            "/etc/passwd",
            "../../configuration.yaml",
            "media-source://nvr/recorder/abc",
            "media-source://nvr/clip/../../x/y",
            "media-source://media_source/local/x.mp4",
        ],
    )
    async def test_nothing_else_is_deleted(
        self, hass: HomeAssistant, queue: ClipQueue, clip: str
    ) -> None:
        with pytest.raises(ServiceValidationError) as raised:
            await hass.services.async_call(DOMAIN, "delete_clip", {"clip": clip}, blocking=True)
        assert raised.value.translation_key == "not_a_clip"

    async def test_a_folder_that_may_not_be_written(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        answer = await act(hass, "download_clip", entity_id=FRONT, **span(recorded))
        with (
            patch.object(queue.folder, "delete", side_effect=PermissionError),
            pytest.raises(HomeAssistantError) as raised,
        ):
            await hass.services.async_call(
                DOMAIN, "delete_clip", {"clip": answer[FRONT]["path"]}, blocking=True
            )
        assert raised.value.translation_key == "clip_not_deleted"


def test_the_identifier_of_a_channel_is_what_targets_read() -> None:
    assert channel_identifier(RECORDER.serial, 7) == (DOMAIN, f"{RECORDER.serial}_7")
