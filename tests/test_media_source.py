"""The media tree: who sees what, what it is called, where it plays."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.media_player import BrowseError, MediaClass
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.nvr.clip_view import clip_thumbnail_url
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.media_identifier import (
    MIME_HLS,
    MIME_MP4,
    ChannelIdentifier,
    ClipIdentifier,
    DayIdentifier,
    RecordingIdentifier,
)
from custom_components.nvr.shared import DATA_LIBRARY
from tests.fake_driver import PASSWORD, FakeDriver
from tests.library.test_clip import NOTE

ROOT = "media-source://nvr"


def recording(channel: int, start: datetime, seconds: float, *kinds: RecordingKind) -> Recording:
    return Recording(
        channel=channel,
        stream=StreamName.MAIN,
        start=start,
        end=start + timedelta(seconds=seconds),
        kinds=frozenset(kinds),
        token=f"token with {PASSWORD}",
    )


@pytest.fixture
def noon() -> datetime:
    """Return yesterday's noon of Home Assistant, in UTC."""
    local = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return dt_util.as_utc(local - timedelta(days=1))


@pytest.fixture(autouse=True)
async def media_source(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver, noon: datetime
) -> None:
    """Let channel 1 have two recordings of yesterday."""
    driver.recordings = [
        recording(1, noon, 44, RecordingKind.MOTION),
        recording(
            1, noon + timedelta(hours=1), 3725.4, RecordingKind.PERSON, RecordingKind.CONTINUOUS
        ),
    ]
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
def neighbour(hass: HomeAssistant) -> Iterator[None]:
    """Let a user browse who may see the second channel's camera alone."""
    user = MockUser(id="neighbour").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"camera.yard_sub_stream": True}}})

    class Connection:
        """A connection of that user."""

    connection: Any = Connection()
    connection.user = user
    token = current_connection.set(connection)
    yield
    current_connection.reset(token)


async def browse(hass: HomeAssistant, identifier: object = "") -> Any:
    return await async_browse_media(hass, f"{ROOT}/{identifier}".rstrip("/"))


async def open_child(hass: HomeAssistant, node: Any, number: int = 0) -> Any:
    return await async_browse_media(hass, node.children[number].media_content_id)


def titles(node: Any) -> list[str]:
    return [child.title for child in node.children]


def save(hass: HomeAssistant, name: str = "door", note: bool = True) -> ClipPath:
    """Put a clip into the library."""
    folder = hass.data[DATA_LIBRARY]
    path = folder.reserve("garage_nvr", "3_front_door", datetime(2026, 9, 3, 21, 47, 3), name)
    if note:
        folder.publish(path, NOTE)
    else:
        folder.part(path).rename(folder.file(path))
    return path


async def test_from_the_root_to_the_recordings(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, noon: datetime
) -> None:
    root = await browse(hass)
    assert titles(root) == ["Garage NVR", "Saved clips"]
    recorder = await open_child(hass, root)
    assert titles(recorder) == ["Front door", "Yard", "Camera 3"]
    assert recorder.children_media_class == MediaClass.CHANNEL
    assert [child.thumbnail for child in recorder.children] == [
        "/api/camera_proxy/camera.front_door",
        "/api/camera_proxy/camera.yard_sub_stream",
        "/api/camera_proxy/camera.camera_3",
    ]
    channel = await open_child(hass, recorder)
    local = dt_util.as_local(noon)
    assert titles(channel) == [f"{local.year}/{local.month}/{local.day}"]
    day = await open_child(hass, channel)
    assert titles(day) == ["13:00:00 1:02:05 Continuous, Person", "12:00:00 0:00:44 Motion"]
    newest = day.children[0]
    assert newest.can_play
    assert not newest.can_expand
    assert newest.media_content_type == "video"
    assert newest.thumbnail.startswith(f"/api/nvr/thumbnail/{loaded_entry.entry_id}/1/main/")
    assert day.not_shown == 0


async def test_no_id_and_no_address_holds_a_secret(hass: HomeAssistant) -> None:
    node = await browse(hass)
    for _ in range(3):
        node = await open_child(hass, node)
    playable = node.children[0]
    played = await async_resolve_media(hass, playable.media_content_id, None)
    for text in (playable.media_content_id, playable.thumbnail, played.url):
        assert PASSWORD not in text
        assert "token" not in text
        assert "?" not in text


async def test_a_recording_resolves_to_a_playlist(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    identifier = RecordingIdentifier.of(loaded_entry.entry_id, driver.recordings[0])
    played = await async_resolve_media(hass, identifier.media_content_id, None)
    assert played.mime_type == MIME_HLS == "application/x-mpegURL"
    assert played.url == f"/api/nvr/playback/{'/'.join(identifier.parts)}/playlist.m3u8"


async def test_more_than_is_shown_is_counted(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, noon: datetime
) -> None:
    day = DayIdentifier(loaded_entry.entry_id, 1, dt_util.as_local(noon).date())
    with patch("custom_components.nvr.media_recordings.CHILDREN_LIMIT", 1):
        node = await browse(hass, day)
    assert titles(node) == ["13:00:00 1:02:05 Continuous, Person"]
    assert node.not_shown == 1


async def test_a_day_in_another_language(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, noon: datetime
) -> None:
    hass.config.language = "de"
    day = DayIdentifier(loaded_entry.entry_id, 1, dt_util.as_local(noon).date())
    assert titles(await browse(hass, day))[1] == "12:00:00 0:00:44 Bewegung"


async def test_a_camera_that_is_not_there_has_no_picture(hass: HomeAssistant) -> None:
    registry = er.async_get(hass)
    for entity_id in ("camera.yard", "camera.yard_sub_stream"):
        registry.async_remove(entity_id)
    root = await browse(hass)
    recorder = await open_child(hass, root)
    assert recorder.children[1].thumbnail is None


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("nonsense", "media_not_found"),
        ("recorder/elsewhere", "media_recorder_not_loaded"),
        ("clips/elsewhere", "media_not_found"),
        ("clips/elsewhere/1_door", "media_not_found"),
        ("clips/elsewhere/1_door/2026-09-03", "media_not_found"),
        ("clip/garage/1_door/2026-09-03/120000_x.mp4", "media_not_a_folder"),
    ],
)
async def test_what_is_not_there_cannot_be_browsed(
    hass: HomeAssistant, identifier: str, key: str
) -> None:
    with pytest.raises(BrowseError) as raised:
        await browse(hass, identifier)
    assert raised.value.translation_key == key


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("nonsense", "media_not_found"),
        ("clips", "media_not_playable"),
        ("clip/garage/1_door/2026-09-03/120000_x.mp4", "media_not_found"),
        (
            "recording/elsewhere/1/main/20260903T194703Z/20260903T194747Z",
            "media_recorder_not_loaded",
        ),
    ],
)
async def test_what_is_not_there_cannot_be_played(
    hass: HomeAssistant, identifier: str, key: str
) -> None:
    with pytest.raises(Unresolvable) as raised:
        await async_resolve_media(hass, f"{ROOT}/{identifier}", None)
    assert raised.value.translation_key == key


async def test_a_channel_that_is_not_there(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    with pytest.raises(BrowseError) as raised:
        await browse(hass, ChannelIdentifier(loaded_entry.entry_id, 77))
    assert raised.value.translation_key == "media_not_found"


async def test_a_recording_that_was_overwritten(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    identifier = RecordingIdentifier.of(loaded_entry.entry_id, driver.recordings[0])
    driver.recordings = []
    with pytest.raises(Unresolvable) as raised:
        await async_resolve_media(hass, identifier.media_content_id, None)
    assert raised.value.translation_key == "no_footage"


async def test_a_recorder_out_of_reach(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver, noon: datetime
) -> None:
    driver.error = CannotConnectError("unplugged")
    day = DayIdentifier(loaded_entry.entry_id, 1, dt_util.as_local(noon).date())
    for identifier in (ChannelIdentifier(loaded_entry.entry_id, 1), day):
        with pytest.raises(BrowseError) as raised:
            await browse(hass, identifier)
        assert raised.value.translation_key == "cannot_connect"


async def test_an_unloaded_recorder_shows_its_clips_only(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    save(hass)
    await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert titles(await browse(hass)) == ["Saved clips"]
    assert titles(await browse(hass, "clips")) == ["Garage NVR"]


async def test_from_the_clips_to_a_clip(hass: HomeAssistant) -> None:
    path = save(hass)
    save(hass, "edited", note=False)
    node = await browse(hass, "clips")
    assert titles(node) == ["Garage NVR"]
    node = await open_child(hass, node)
    assert node.title == "Garage NVR"
    assert titles(node) == [NOTE.channel_name]
    node = await open_child(hass, node)
    assert titles(node) == ["2026/9/3"]
    node = await open_child(hass, node)
    local = dt_util.as_local(NOTE.start)
    assert titles(node) == [
        "21:47:03 214703_edited.mp4",
        f"{local:%H:%M:%S} 0:00:44 Motion, Person",
    ]
    assert node.children[1].thumbnail == clip_thumbnail_url(path)
    played = await async_resolve_media(hass, node.children[1].media_content_id, None)
    assert played.mime_type == MIME_MP4
    assert played.url == f"/api/nvr/clip/{'/'.join(path.parts)}"
    assert played.path == Path(hass.data[DATA_LIBRARY].file(path))


async def test_clips_without_notes_are_called_by_their_folders(hass: HomeAssistant) -> None:
    save(hass, note=False)
    node = await browse(hass, "clips")
    assert titles(node) == ["garage_nvr"]
    node = await browse(hass, "clips/garage_nvr")
    assert (node.title, titles(node)) == ("garage_nvr", ["front_door"])


async def test_everybody_sees_what_their_cameras_show(
    hass: HomeAssistant, neighbour: None, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    clip = save(hass)
    root = await browse(hass)
    assert titles(root) == ["Garage NVR", "Saved clips"]
    recorder = await open_child(hass, root)
    assert titles(recorder) == ["Yard"]
    assert titles(await browse(hass, "clips")) == []
    for hidden in (
        ChannelIdentifier(loaded_entry.entry_id, 1),
        "clips/garage_nvr",
        "clips/garage_nvr/3_front_door",
        "clips/garage_nvr/3_front_door/2026-09-03",
    ):
        with pytest.raises(BrowseError):
            await browse(hass, hidden)
    for identifier in (
        RecordingIdentifier.of(loaded_entry.entry_id, driver.recordings[0]),
        ClipIdentifier(clip),
    ):
        with pytest.raises(Unresolvable):
            await async_resolve_media(hass, identifier.media_content_id, None)


async def test_a_recorder_of_which_nothing_may_be_seen_is_not_shown(hass: HomeAssistant) -> None:
    user = MockUser(id="guest").add_to_hass(hass)
    user.mock_policy({})

    class Connection:
        """A connection of that user."""

    connection: Any = Connection()
    connection.user = user
    token = current_connection.set(connection)
    try:
        assert titles(await browse(hass)) == ["Saved clips"]
    finally:
        current_connection.reset(token)
