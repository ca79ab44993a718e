"""Pictures of saved clips, made by a real worker from real files."""

from datetime import datetime
from http import HTTPStatus
import io
from pathlib import Path
from unittest.mock import patch

import av
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.clip_thumbnails import make_picture
from custom_components.nvr.clip_view import clip_thumbnail_url
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.shared import BORROWED_FOR, DATA_LIBRARY, DATA_SHARED
from custom_components.nvr.thumbnails import WIDTH
from tests.library.test_clip import NOTE
from tests.view_fixtures import Client

MAKER = "custom_components.nvr.clip_thumbnails.make_picture"


def film(path: Path, red: int) -> None:
    """Write a second of video in one shade of red."""
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        image = Image.new("RGB", (640, 360), (red, 0, 0))
        for _ in range(25):
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # as PyAV has it
            out.mux(video.encode(frame))
        out.mux(video.encode())


@pytest.fixture
def clip(hass: HomeAssistant, loaded_entry: MockConfigEntry) -> ClipPath:
    """Put a red clip into the library."""
    return _save(hass, red=200)


def _save(hass: HomeAssistant, red: int) -> ClipPath:
    folder = hass.data[DATA_LIBRARY]
    path = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 21, 47, 3), "yard")
    film(folder.part(path), red)
    folder.publish(path, NOTE)
    return path


async def _red(client: Client, clip: ClipPath) -> int:
    """Return how red a clip's picture is."""
    answer = await client.get(clip_thumbnail_url(clip))
    assert answer.status == HTTPStatus.OK
    assert answer.content_type == "image/jpeg"
    with Image.open(io.BytesIO(await answer.read())) as image:
        assert image.width == WIDTH
        red = image.convert("RGB").getpixel((100, 100))
    assert isinstance(red, tuple)
    return red[0]


async def test_made_once_and_kept(client: Client, clip: ClipPath) -> None:
    with patch(MAKER, wraps=make_picture) as made:
        assert await _red(client, clip) == pytest.approx(200, abs=8)
        assert await _red(client, clip) == pytest.approx(200, abs=8)
    assert made.call_count == 1


async def test_a_later_clip_of_the_same_name_has_its_own(
    hass: HomeAssistant, client: Client, clip: ClipPath
) -> None:
    await _red(client, clip)
    hass.data[DATA_LIBRARY].delete(clip)
    assert (await client.get(clip_thumbnail_url(clip))).status == HTTPStatus.NOT_FOUND
    folder = hass.data[DATA_LIBRARY]
    again = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 21, 47, 3), "yard")
    assert again == clip
    film(folder.part(again), 90)
    # It carries no note either, and so is of another size.
    folder.part(again).rename(folder.file(again))
    assert await _red(client, again) == pytest.approx(90, abs=8)


async def test_what_is_no_video_has_none(
    hass: HomeAssistant, client: Client, clip: ClipPath
) -> None:
    hass.data[DATA_LIBRARY].file(clip).write_bytes(b"\x00\x00\x00\x10ftypisom" + bytes(4000))
    answer = await client.get(clip_thumbnail_url(clip))
    assert answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE}


async def test_strangers_see_none(
    clip: ClipPath, hass_client_no_auth: ClientSessionGenerator
) -> None:
    stranger = await hass_client_no_auth()
    assert (await stranger.get(clip_thumbnail_url(clip))).status == HTTPStatus.FORBIDDEN


async def test_clips_outlive_their_recorders(
    hass: HomeAssistant,
    client: Client,
    clip: ClipPath,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert DATA_SHARED not in hass.data
    assert await _red(client, clip) == pytest.approx(200, abs=8)
    freezer.tick(BORROWED_FOR / 2)
    async_fire_time_changed(hass)
    # Whoever goes on looking keeps what reads footage.
    assert await _red(client, clip) == pytest.approx(200, abs=8)
    freezer.tick(BORROWED_FOR / 2)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DATA_SHARED in hass.data
    freezer.tick(BORROWED_FOR)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DATA_SHARED not in hass.data


async def test_what_viewers_borrow_stays_for_a_recorder_that_comes(
    hass: HomeAssistant,
    client: Client,
    clip: ClipPath,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config_entries.async_unload(loaded_entry.entry_id)
    await _red(client, clip)
    shared = hass.data[DATA_SHARED]
    await hass.config_entries.async_setup(loaded_entry.entry_id)
    freezer.tick(BORROWED_FOR)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.data[DATA_SHARED] is shared
    await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert DATA_SHARED not in hass.data
