"""What automations and scripts do, by Home Assistant's interfaces."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.api import Api, ApiError
from demo.entry import Entry
from demo.installation import Installation
from demo.recorders import SimulatedRecorder
from demo.steps.automation import AFTER_S, BEFORE_S, make_automation, ring
from demo.steps.channels import whole_channel
from demo.steps.clip import measure_clip, shown, wishes_around_change
from demo.steps.live import fetch_still
from demo.steps.search import compare_search, search
from simulator.footage.pattern import decode_image

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def test_a_search_finds_what_the_schedule_says(
    installation: Installation, added: Entry, recorder: SimulatedRecorder
) -> None:
    result = await compare_search(installation.api, added, recorder)
    assert result.wrong == []
    assert result.found == result.expected > 0


async def test_an_offline_camera_is_searched_too(
    installation: Installation, first_entry: Entry, first: SimulatedRecorder
) -> None:
    offline = next(each for each in first.channels.values() if not each.online)
    camera = first_entry.cameras[offline.name].entity_id
    now = datetime.now(UTC)
    before_it_went = now - timedelta(days=3)
    answer = await search(installation.api, [camera], before_it_went, before_it_went + HOUR)
    assert answer[camera]["complete"]
    assert answer[camera]["recordings"]


async def test_clips_on_both_sides_of_a_clock_change_are_exact_to_the_frame(
    installation: Installation, added: Entry, recorder: SimulatedRecorder
) -> None:
    for wish in await wishes_around_change(added, recorder):
        measure = await measure_clip(installation.api, wish)
        assert measure.faults == ()
        assert measure.start_error_s <= measure.frame_s, wish
        assert measure.end_error_s <= measure.frame_s, wish


async def test_a_still_shows_now(
    installation: Installation, added: Entry, recorder: SimulatedRecorder
) -> None:
    channel = whole_channel(recorder)
    camera = added.cameras[channel.name].entity_id
    assert (await fetch_still(installation.api, camera, channel)).faults == ()


async def test_a_picture_of_an_instant_shows_that_instant(
    installation: Installation, added: Entry, recorder: SimulatedRecorder
) -> None:
    channel = whole_channel(recorder)
    camera = added.cameras[channel.name].entity_id
    frame = timedelta(seconds=channel.frame_s)
    asked = datetime.now(UTC) - HOUR
    # Wherever between two pictures it lies.
    for tenth in range(10):
        instant = asked + frame * tenth / 10
        answers = await installation.api.action(
            "nvr", "get_picture", entity_id=[camera], instant=instant.isoformat()
        )
        answer = answers[camera]
        picture = decode_image(Path(answer["path"]).read_bytes())
        assert picture.channel == channel.number
        assert abs(instant - picture.instant) <= frame
        told = datetime.fromisoformat(answer["instant"])
        assert abs(told - picture.instant) < frame
    resolved = await installation.api.ask(
        "media_source/resolve_media", media_content_id=answer["media_content_id"]
    )
    assert resolved["mime_type"] == "image/jpeg"
    await installation.api.post("/api/services/nvr/delete_clip", clip=answer["media_content_id"])
    assert not Path(answer["path"]).exists()


async def test_the_blueprint_saves_a_clip_and_says_so(
    installation: Installation, first_entry: Entry, first: SimulatedRecorder
) -> None:
    channel = whole_channel(first)
    await make_automation(installation.api, [first_entry.cameras[channel.name].entity_id])
    rang, clip = await ring(installation.api)
    readings = list(shown(Path(clip["path"])))
    frame = timedelta(seconds=channel.frame_s)
    # The state changed between our call and its answer.
    late = readings[0].instant + timedelta(seconds=BEFORE_S) - rang
    assert -frame <= late <= timedelta(seconds=2)
    length = readings[-1].instant + frame - readings[0].instant
    assert abs(length - timedelta(seconds=BEFORE_S + AFTER_S)) <= frame
    event = await installation.api.state(first_entry.named("clip", channel.name).entity_id)
    assert event["attributes"]["event_type"] == "clip_ready"
    assert event["attributes"]["job_id"] == clip["job_id"]


def backwards(now: datetime) -> dict[str, str]:
    return {"start": now.isoformat(), "end": (now - HOUR).isoformat()}


def in_the_future(now: datetime) -> dict[str, str]:
    return {"start": (now + HOUR).isoformat(), "end": (now + HOUR + MINUTE).isoformat()}


def too_long(now: datetime) -> dict[str, str]:
    return {"start": (now - 5 * HOUR).isoformat(), "end": now.isoformat()}


def before_all(now: datetime) -> dict[str, str]:
    start = now - timedelta(days=2000)
    return {"start": start.isoformat(), "end": (start + MINUTE).isoformat()}


@pytest.mark.parametrize("wrong_span", [backwards, in_the_future, too_long, before_all])
async def test_a_senseless_wish_is_refused_in_words(
    installation: Installation, first_entry: Entry, first: SimulatedRecorder, wrong_span: Any
) -> None:
    camera = first_entry.cameras[whole_channel(first).name].entity_id
    with pytest.raises(ApiError) as refused:
        await installation.api.action(
            "nvr", "download_clip", entity_id=[camera], **wrong_span(datetime.now(UTC))
        )
    assert refused.value.status == 400
    assert files(installation) == whole_files(installation)


async def test_a_clip_can_be_deleted(
    installation: Installation, first_entry: Entry, first: SimulatedRecorder
) -> None:
    api = installation.api
    camera = first_entry.cameras[whole_channel(first).name].entity_id
    clip = await short_clip(api, camera)
    assert Path(clip["path"]).is_file()
    await api.post("/api/services/nvr/delete_clip", clip=clip["media_content_id"])
    assert not Path(clip["path"]).exists()


async def short_clip(api: Api, camera: str) -> Any:
    start = datetime.now(UTC) - HOUR
    answers = await api.action(
        "nvr",
        "download_clip",
        entity_id=[camera],
        start=start.isoformat(),
        end=(start + timedelta(seconds=2)).isoformat(),
    )
    return answers[camera]


def files(installation: Installation) -> set[Path]:
    media = installation.home_assistant.directory.media
    return {path for path in media.rglob("*") if path.is_file()}


def whole_files(installation: Installation) -> set[Path]:
    return {path for path in files(installation) if not path.name.startswith(".")}
