"""The views: who gets what, in which pieces, and what players hear instead of errors."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.clip_view import clip_url
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import FootageClock, Recording, StreamName
from custom_components.nvr.footage.converted import ConvertedParts
from custom_components.nvr.footage.errors import (
    FootageError,
    SegmentNotReadyError,
)
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.media_identifier import RecordingIdentifier
from custom_components.nvr.playback_sessions import BOUNDS, IDLE_SECONDS, LONGEST_SLOT
from custom_components.nvr.playback_view import playlist_url
from custom_components.nvr.shared import DATA_LIBRARY, async_get_shared
from custom_components.nvr.thumbnail_view import thumbnail_url
from tests.fake_driver import FakeDriver
from tests.fake_footage import AVC_RECORD, FakePlayback
from tests.library.test_clip import NOTE
from tests.view_fixtures import Client, addresses

VIDEO = bytes(range(256)) * 16


@pytest.fixture(autouse=True)
def fakes() -> Iterator[None]:
    """Play nothing real."""
    FakePlayback.made, FakePlayback.error, FakePlayback.codec = [], None, AVC_RECORD
    with patch("custom_components.nvr.playback_sessions.Playback", FakePlayback):
        yield


@pytest.fixture
def clip(hass: HomeAssistant, loaded_entry: MockConfigEntry) -> ClipPath:
    """Put a clip of a recorder that is not there any more into the library."""
    folder = hass.data[DATA_LIBRARY]
    path = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 21, 47, 3), "yard")
    folder.part(path).write_bytes(VIDEO)
    folder.publish(path, NOTE)
    return path


class TestClips:
    """Saved clips."""

    async def test_whole_and_in_ranges(self, client: Client, clip: ClipPath) -> None:
        whole = await client.get(clip_url(clip))
        assert whole.status == HTTPStatus.OK
        assert whole.content_type == "video/mp4"
        assert (await whole.read()).startswith(VIDEO)
        piece = await client.get(clip_url(clip), headers={"Range": "bytes=10-19"})
        assert piece.status == HTTPStatus.PARTIAL_CONTENT
        assert await piece.read() == VIDEO[10:20]
        assert piece.headers["Content-Range"].startswith("bytes 10-19/")
        head = await client.head(clip_url(clip))
        assert head.status == HTTPStatus.OK
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]
        assert await head.read() == b""

    async def test_a_signed_address_needs_no_login(
        self, hass: HomeAssistant, stranger: Client, clip: ClipPath
    ) -> None:
        assert (await stranger.get(clip_url(clip))).status == HTTPStatus.FORBIDDEN
        assert (await stranger.head(clip_url(clip))).status == HTTPStatus.FORBIDDEN
        signed = async_sign_path(hass, clip_url(clip), timedelta(minutes=1))
        assert (await stranger.get(signed)).status == HTTPStatus.OK

    async def test_clips_of_unknown_cameras_are_for_those_who_see_all(
        self, neighbour: Client, clip: ClipPath
    ) -> None:
        assert (await neighbour.get(clip_url(clip))).status == HTTPStatus.FORBIDDEN

    async def test_a_clip_is_seen_with_its_camera(
        self, hass: HomeAssistant, neighbour: Client, loaded_entry: MockConfigEntry
    ) -> None:
        seen: dict[ClipPath, HTTPStatus] = {}
        folder = hass.data[DATA_LIBRARY]
        for channel, status in ((2, HTTPStatus.OK), (1, HTTPStatus.FORBIDDEN)):
            path = folder.reserve("garage_nvr", f"{channel}_x", datetime(2026, 9, 3, 12), "x")
            folder.part(path).rename(folder.file(path))
            seen[path] = status
            assert (await neighbour.get(clip_url(path))).status == status
        # Also while the recorder is out of reach.
        await hass.config_entries.async_unload(loaded_entry.entry_id)
        for path, status in seen.items():
            assert (await neighbour.get(clip_url(path))).status == status

    @pytest.mark.parametrize(
        "path",
        [
            "attic/2_yard/2026-09-03/214704_yard.mp4",
            "attic/2_yard/2026-09-03/.214703_yard.mp4.part",
            "Attic/2_yard/2026-09-03/214703_yard.mp4",
            "attic/2_yard/today/214703_yard.mp4",
            "attic/%2e%2e/2026-09-03/214703_yard.mp4",
        ],
    )
    async def test_nothing_else_is_served(self, client: Client, clip: ClipPath, path: str) -> None:
        answer = await client.get(f"/api/nvr/clip/{path}")
        assert answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}


class TestPlayback:
    """Recordings."""

    async def test_each_address_is_signed_and_stays_the_same(
        self,
        hass: HomeAssistant,
        client: Client,
        stranger: Client,
        identifier: RecordingIdentifier,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        answer = await client.get(playlist_url(identifier))
        assert answer.status == HTTPStatus.OK
        assert answer.headers["Content-Type"].startswith("application/x-mpegURL")
        playlist = await answer.text()
        freezer.tick(5)
        assert await (await client.get(playlist_url(identifier))).text() == playlist
        init, part, *_ = addresses(playlist)
        for url, text in ((init, "init.mp4"), (part, "0.m4s")):
            answer = await stranger.get(url)
            assert answer.status == HTTPStatus.OK
            assert answer.content_type == "video/mp4"
            assert (await answer.read()).endswith(text.encode())
        # A signature covers one address.
        other = part.replace("0.m4s", "1.m4s")
        assert (await stranger.get(other)).status == HTTPStatus.FORBIDDEN
        assert len(FakePlayback.made) == 1

    async def test_each_viewer_has_signatures_of_their_own(
        self,
        hass: HomeAssistant,
        client: Client,
        hass_client: ClientSessionGenerator,
        identifier: RecordingIdentifier,
    ) -> None:
        user = MockUser(id="other", is_owner=True).add_to_hass(hass)
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        other = await hass_client(hass.auth.async_create_access_token(token))
        with patch("custom_components.nvr.playback_session.SIGNATURES_LIMIT", 1):
            first = await (await client.get(playlist_url(identifier))).text()
            assert await (await other.get(playlist_url(identifier))).text() != first
        assert len(FakePlayback.made) == 1

    async def test_nobody_hears_401(
        self, stranger: Client, neighbour: Client, identifier: RecordingIdentifier
    ) -> None:
        base = playlist_url(identifier).removesuffix("playlist.m3u8")
        for url in (playlist_url(identifier), f"{base}0.m4s", thumbnail_url(identifier)):
            assert (await stranger.get(url)).status == HTTPStatus.FORBIDDEN
            assert (await neighbour.get(url)).status == HTTPStatus.FORBIDDEN

    @pytest.mark.parametrize(
        "path",
        [
            "elsewhere/1/main/20260903T194703Z/20260903T194747Z/playlist.m3u8",
            "{entry}/0/main/20260903T194703Z/20260903T194747Z/playlist.m3u8",
            "{entry}/1/fourth/20260903T194703Z/20260903T194747Z/playlist.m3u8",
            "{entry}/1/main/now/then/playlist.m3u8",
            "{entry}/1/main/00010101T000000Z/99991231T235959Z/playlist.m3u8",
            "{entry}/1/main/20260903T194703Z/20260903T194747Z/playlist.m3u8",
            "{entry}/1/main/20260903T194703Z/20260903T194747Z/other.mp4",
        ],
    )
    async def test_what_is_not_there(
        self, client: Client, loaded_entry: MockConfigEntry, path: str
    ) -> None:
        url = f"/api/nvr/playback/{path.format(entry=loaded_entry.entry_id)}"
        assert (await client.get(url)).status == HTTPStatus.NOT_FOUND

    async def test_an_entry_of_another_integration_is_no_recorder(
        self, hass: HomeAssistant, client: Client, identifier: RecordingIdentifier
    ) -> None:
        other = MockConfigEntry(domain="sun", state=ConfigEntryState.LOADED)
        other.add_to_hass(hass)
        url = playlist_url(replace(identifier, entry_id=other.entry_id))
        assert (await client.get(url)).status == HTTPStatus.NOT_FOUND

    async def test_parts_of_a_recording_that_is_no_more_are_not_asked_for_again_at_once(
        self, client: Client, identifier: RecordingIdentifier, driver: FakeDriver
    ) -> None:
        driver.recordings = []
        url = playlist_url(identifier)
        assert (await client.get(url)).status == HTTPStatus.NOT_FOUND
        answer = await client.get(url.replace("playlist.m3u8", "0.m4s"))
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.headers["Retry-After"] == "2"

    async def test_who_waits_hears_that_the_recorder_was_unloaded(
        self,
        hass: HomeAssistant,
        identifier: RecordingIdentifier,
        loaded_entry: MockConfigEntry,
    ) -> None:
        begun = asyncio.Event()

        async def search(*_: Any, **__: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        sessions = async_get_shared(hass).playback
        with patch("custom_components.nvr.playback_sessions.find_recording", search):
            waiting = asyncio.create_task(sessions.open(loaded_entry, identifier))
            await begun.wait()
            await hass.config_entries.async_unload(loaded_entry.entry_id)
            with pytest.raises(CannotConnectError):
                await waiting

    @pytest.mark.parametrize(
        "error",
        [SegmentNotReadyError("soon"), FootageError("broken"), CannotConnectError("unplugged")],
    )
    async def test_a_part_that_is_not_ready_is_asked_for_again(
        self, client: Client, identifier: RecordingIdentifier, error: Exception
    ) -> None:
        FakePlayback.error = error
        base = playlist_url(identifier).removesuffix("playlist.m3u8")
        for part in ("init.mp4", "3.m4s"):
            answer = await client.get(base + part)
            assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
            assert answer.headers["Retry-After"] == "2"

    async def test_a_recorder_out_of_reach_is_tried_again(
        self, client: Client, identifier: RecordingIdentifier, driver: FakeDriver
    ) -> None:
        driver.error = CannotConnectError("unplugged")
        answer = await client.get(playlist_url(identifier))
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        driver.error = None
        assert (await client.get(playlist_url(identifier))).status == HTTPStatus.OK

    async def test_an_unloaded_recorder_is_tried_again(
        self,
        hass: HomeAssistant,
        client: Client,
        identifier: RecordingIdentifier,
        loaded_entry: MockConfigEntry,
    ) -> None:
        assert (await client.get(playlist_url(identifier))).status == HTTPStatus.OK
        await hass.config_entries.async_unload(loaded_entry.entry_id)
        assert FakePlayback.made[0].closed
        answer = await client.get(playlist_url(identifier))
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE

    async def test_what_nobody_watches_is_closed(
        self,
        hass: HomeAssistant,
        client: Client,
        identifier: RecordingIdentifier,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await client.get(playlist_url(identifier))
        freezer.tick(IDLE_SECONDS / 2 + 1)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert not FakePlayback.made[0].closed
        for _ in range(2):
            freezer.tick(IDLE_SECONDS / 2 + 1)
            async_fire_time_changed(hass)
            await hass.async_block_till_done(wait_background_tasks=True)
        assert FakePlayback.made[0].closed

    async def test_too_many_recordings_at_once(
        self, hass: HomeAssistant, client: Client, identifier: RecordingIdentifier, driver: Any
    ) -> None:
        other = RecordingIdentifier(
            identifier.entry_id,
            1,
            StreamName.MAIN,
            identifier.start,
            identifier.end - timedelta(seconds=1),
        )
        with patch("custom_components.nvr.playback_sessions.SESSIONS_LIMIT", 1):
            await client.get(playlist_url(identifier))
            await client.get(playlist_url(other))
        assert [playback.closed for playback in FakePlayback.made] == [True, False]

    async def test_recording_that_had_to_give_way_is_closed_though_the_next_is_not_opened(
        self, hass: HomeAssistant, client: Client, identifier: RecordingIdentifier
    ) -> None:
        other = replace(identifier, end=identifier.end - timedelta(seconds=1))
        closing, gate = asyncio.Event(), asyncio.Event()

        async def close(_: ConvertedParts) -> None:
            closing.set()
            await gate.wait()

        with (
            patch("custom_components.nvr.playback_sessions.SESSIONS_LIMIT", 1),
            patch.object(ConvertedParts, "close", close),
        ):
            await client.get(playlist_url(identifier))
            asking = asyncio.create_task(client.get(playlist_url(other)))
            await closing.wait()
            await async_get_shared(hass).playback.close_entry(identifier.entry_id)
            assert (await asking).status == HTTPStatus.SERVICE_UNAVAILABLE
            gate.set()
            await hass.async_block_till_done()
        assert [playback.closed for playback in FakePlayback.made] == [True]

    async def test_who_begins_a_transfer_makes_others_on_the_recorder_give_way(
        self, client: Client, identifier: RecordingIdentifier
    ) -> None:
        end = identifier.end - timedelta(seconds=1)
        await client.get(playlist_url(identifier))
        await client.get(playlist_url(replace(identifier, end=end)))
        first, second = FakePlayback.made
        second.on_transfer()
        assert [first.gave_way, second.gave_way] == [True, False]

    async def test_parts_of_another_length_or_clock_are_not_mixed(
        self,
        hass: HomeAssistant,
        client: Client,
        identifier: RecordingIdentifier,
        recording: Recording,
        driver: FakeDriver,
    ) -> None:
        async def folder() -> Path:
            await client.get(playlist_url(identifier))
            playback = FakePlayback.made[-1]
            await async_get_shared(hass).playback.close()
            return playback.folder

        folders = [await folder(), await folder()]
        driver.recordings = [replace(recording, end=recording.end + timedelta(seconds=9))]
        folders.append(await folder())
        driver.recordings = [replace(recording, start=recording.start + timedelta(seconds=0.1))]
        folders.append(await folder())
        driver.recordings = [recording]
        clock = FootageClock(offsets=(timedelta(seconds=1),), expected=recording.start)
        with patch.object(driver, "footage_clock", return_value=clock):
            folders.append(await folder())
        assert folders[0] == folders[1]
        assert len(set(folders[1:])) == len(folders[1:])

    async def test_parts_hold_the_longest_group_of_pictures(
        self,
        hass: HomeAssistant,
        client: Client,
        identifier: RecordingIdentifier,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def slot(identifier: RecordingIdentifier) -> timedelta:
            await client.get(playlist_url(identifier))
            playback = FakePlayback.made[-1]
            await async_get_shared(hass).playback.close()
            return playback.slot

        other = replace(identifier, end=identifier.end - timedelta(seconds=1))
        third = replace(identifier, end=identifier.end - timedelta(seconds=2))
        monkeypatch.setattr(FakePlayback, "longest_gop", timedelta(seconds=9.6))
        assert await slot(identifier) == BOUNDS.slot
        assert await slot(other) == timedelta(seconds=10)
        # Who has paused goes on by the playlist that was told.
        assert await slot(identifier) == BOUNDS.slot
        monkeypatch.setattr(FakePlayback, "longest_gop", timedelta(hours=1))
        assert await slot(other) == timedelta(seconds=10)
        with patch("custom_components.nvr.playback_sessions.SLOTS_LIMIT", 1):
            assert await slot(third) == LONGEST_SLOT
            assert await slot(other) == LONGEST_SLOT

    async def test_viewers_who_come_at_once_share(
        self, client: Client, identifier: RecordingIdentifier, driver: FakeDriver
    ) -> None:
        before = driver.calls.get("search", 0)
        answers = await asyncio.gather(*(client.get(playlist_url(identifier)) for _ in range(3)))
        assert {answer.status for answer in answers} == {HTTPStatus.OK}
        assert driver.calls["search"] == before + 1
        assert len(FakePlayback.made) == 1
