"""Recordings and clips that not every browser decodes: who is offered what."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    WebSocketGenerator,
)

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.errors import SegmentNotReadyError
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.media_identifier import (
    ClipIdentifier,
    DayIdentifier,
    RecordingIdentifier,
)
from custom_components.nvr.playback_view import clip_playlist_url, playlist_url
from custom_components.nvr.shared import DATA_LIBRARY, async_get_shared
from simulator.footage.formats import VideoCodec
from tests.fake_driver import FakeDriver, channel, offline, recorder_state
from tests.fake_footage import AVC_RECORD, HEVC_RECORD, FakePlayback
from tests.footage.filmed import NOON, Filmed, small_format
from tests.library.test_clip import NOTE
from tests.view_fixtures import Client, addresses


@pytest.fixture(autouse=True)
def fakes() -> Iterator[None]:
    """Play nothing real."""
    FakePlayback.made, FakePlayback.error, FakePlayback.codec = [], None, HEVC_RECORD
    with patch("custom_components.nvr.playback_sessions.Playback", FakePlayback):
        yield


def codings(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line.startswith("#EXT-X-STREAM-INF")]


async def text(client: Client, url: str) -> str:
    answer = await client.get(url)
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Content-Type"].startswith("application/x-mpegURL")
    return await answer.text()


async def test_recording_in_h265_is_offered_in_two_codings(
    client: Client, stranger: Client, identifier: RecordingIdentifier
) -> None:
    playlist = await text(client, playlist_url(identifier))
    best, other = codings(playlist)
    assert 'CODECS="hvc1.1.6.L90.90"' in best
    assert 'CODECS="avc1.4d401f"' in other
    copied, converted = addresses(playlist)
    assert (await client.head(playlist_url(identifier))).status == HTTPStatus.OK
    # Both are signed, for players that don't log in.
    parts = addresses(await text(stranger, copied))
    made = addresses(await text(stranger, converted))
    assert len(parts) == len(made) > 10
    assert not any("converted" in part for part in parts)
    assert all("/converted/" in part for part in made)
    assert (await stranger.get(parts[1])).status == HTTPStatus.OK
    assert (await stranger.get(made[1].split("?")[0])).status == HTTPStatus.FORBIDDEN
    # The addresses stay as they are, or players would fetch everything again.
    assert await text(client, playlist_url(identifier)) == playlist
    assert await text(stranger, copied) == await text(stranger, copied)


async def test_recording_in_h264_is_offered_as_it_is(
    client: Client, identifier: RecordingIdentifier
) -> None:
    FakePlayback.codec = AVC_RECORD
    playlist = await text(client, playlist_url(identifier))
    assert not codings(playlist)
    assert "#EXT-X-ENDLIST" in playlist


async def test_footage_that_does_not_come_is_presumed_to_be_as_before(
    hass: HomeAssistant, client: Client, identifier: RecordingIdentifier
) -> None:
    FakePlayback.error = CannotConnectError("unplugged")
    assert not codings(await text(client, playlist_url(identifier)))
    FakePlayback.error = None
    assert codings(await text(client, playlist_url(identifier)))
    await async_get_shared(hass).playback.close()
    FakePlayback.error = CannotConnectError("unplugged")
    assert codings(await text(client, playlist_url(identifier)))


@pytest.mark.parametrize("error", [SegmentNotReadyError("slow"), CannotConnectError("unplugged")])
async def test_slow_footage_is_presumed_to_be_what_the_recorder_says(
    client: Client,
    identifier: RecordingIdentifier,
    loaded_entry: MockConfigEntry,
    driver: FakeDriver,
    error: Exception,
) -> None:
    driver.answer = recorder_state(channel(1, main_codec="H.265"))
    await loaded_entry.runtime_data.coordinator.async_refresh()
    FakePlayback.error = error
    copied, converted = codings(await text(client, playlist_url(identifier)))
    assert "hvc1" in copied
    assert "avc1" in converted
    # It turns out to be otherwise.
    FakePlayback.error, FakePlayback.codec = None, AVC_RECORD
    assert not codings(await text(client, playlist_url(identifier)))


async def test_slow_footage_of_which_nothing_is_known_is_asked_for_again(
    client: Client,
    identifier: RecordingIdentifier,
    loaded_entry: MockConfigEntry,
    driver: FakeDriver,
) -> None:
    driver.answer = recorder_state(offline(1))
    await loaded_entry.runtime_data.coordinator.async_refresh()
    FakePlayback.error = SegmentNotReadyError("slow")
    for _ in range(2):
        answer = await client.get(playlist_url(identifier))
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.headers["Retry-After"] == "2"
    # A player that is put off again and again gives up.
    assert not codings(await text(client, playlist_url(identifier)))
    FakePlayback.error = None
    assert codings(await text(client, playlist_url(identifier)))


async def test_long_playlist_is_signed_bit_by_bit(
    client: Client,
    identifier: RecordingIdentifier,
    recording: Recording,
    driver: FakeDriver,
) -> None:
    FakePlayback.codec = AVC_RECORD
    driver.recordings = [replace(recording, start=recording.start - timedelta(hours=22))]
    day = replace(identifier, start=driver.recordings[0].start)
    turns: list[int] = []
    signing = asyncio.Event()

    async def other() -> None:
        await signing.wait()
        while True:
            turns.append(len(signed))
            await asyncio.sleep(0)

    signed: list[str] = []

    def sign(hass: HomeAssistant, path: str, *args: object, **values: object) -> str:
        signing.set()
        signed.append(path)
        return path

    with patch("custom_components.nvr.playback_view.async_sign_path", sign):
        task = asyncio.create_task(other())
        playlist = await text(client, playlist_url(day))
        task.cancel()
    assert len(addresses(playlist)) == len(signed) > 15_000
    assert len({turn for turn in turns if turn < len(signed)}) > 20


async def test_converted_part_that_can_not_be_made_is_asked_for_again(
    client: Client, identifier: RecordingIdentifier
) -> None:
    FakePlayback.error = CannotConnectError("unplugged")
    url = playlist_url(identifier).replace("playlist.m3u8", "converted/0.m4s")
    answer = await client.get(url)
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.headers["Retry-After"] == "2"


async def test_title_tells_what_the_footage_turned_out_to_be(
    hass: HomeAssistant,
    client: Client,
    identifier: RecordingIdentifier,
    recording: Recording,
    hass_ws_client: WebSocketGenerator,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    ws = await hass_ws_client()
    day = DayIdentifier(identifier.entry_id, 1, dt_util.as_local(recording.start).date())

    async def title() -> str:
        await ws.send_json_auto_id(
            {"type": "media_source/browse_media", "media_content_id": day.media_content_id}
        )
        answer = await ws.receive_json()
        children = answer["result"]["children"]
        return str(
            next(one for one in children if str(identifier) in one["media_content_id"])["title"]
        )

    assert "H.265" not in await title()
    await text(client, playlist_url(identifier))
    assert "H.265" in await title()


class TestClips:
    """Saved clips."""

    @pytest.fixture
    async def clip(
        self, hass: HomeAssistant, loaded_entry: MockConfigEntry, tmp_path: Path
    ) -> ClipPath:
        """Save a clip in H.265."""
        filmed = Filmed(NOON, NOON + timedelta(minutes=1), format=small_format(VideoCodec.H265))
        pool = WorkerPool()
        made = tmp_path / "clip.mp4"
        start = NOON + timedelta(seconds=21)
        await make_clip(pool, [filmed.part], start, start + timedelta(seconds=9), made)
        await pool.close()
        folder = hass.data[DATA_LIBRARY]
        path: ClipPath = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 21, 47, 3), "yard")
        folder.part(path).write_bytes(made.read_bytes())
        folder.publish(path, NOTE)
        return path

    async def resolve(
        self, hass: HomeAssistant, ws: WebSocketGenerator, path: ClipPath
    ) -> tuple[str, str]:
        assert await async_setup_component(hass, "media_source", {})
        client = await ws()
        await client.send_json_auto_id(
            {
                "type": "media_source/resolve_media",
                "media_content_id": ClipIdentifier(path).media_content_id,
            }
        )
        result = (await client.receive_json())["result"]
        return result["url"], result["mime_type"]

    async def test_clip_in_h265_plays_in_two_codings(
        self,
        hass: HomeAssistant,
        hass_ws_client: WebSocketGenerator,
        stranger: Client,
        clip: ClipPath,
    ) -> None:
        url, mime_type = await self.resolve(hass, hass_ws_client, clip)
        assert mime_type == "application/x-mpegURL"
        assert url.startswith(clip_playlist_url(clip))
        copied, converted = addresses(await text(stranger, url))
        for playlist in (copied, converted):
            init, first, second = addresses(await text(stranger, playlist))
            for part in (init, first, second):
                answer = await stranger.get(part)
                assert answer.status == HTTPStatus.OK
                assert answer.content_type == "video/mp4"
                assert len(await answer.read()) > 500

    async def test_clip_in_h265_plays_though_no_recorder_is_loaded(
        self,
        hass: HomeAssistant,
        hass_ws_client: WebSocketGenerator,
        stranger: Client,
        clip: ClipPath,
        loaded_entry: MockConfigEntry,
    ) -> None:
        await hass.config_entries.async_unload(loaded_entry.entry_id)
        url, mime_type = await self.resolve(hass, hass_ws_client, clip)
        assert mime_type == "application/x-mpegURL"
        _, converted = addresses(await text(stranger, url))
        part = addresses(await text(stranger, converted))[1]
        assert (await stranger.get(part)).status == HTTPStatus.OK

    async def test_clip_watched_days_ago_plays_again(
        self,
        hass: HomeAssistant,
        hass_ws_client: WebSocketGenerator,
        stranger: Client,
        clip: ClipPath,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        def url() -> str:
            """Return what the media browser is given."""
            return async_sign_path(
                hass, clip_playlist_url(clip), timedelta(hours=24), use_content_user=True
            )

        first = await text(stranger, url())
        # Who watches now keeps the addresses.
        freezer.tick(timedelta(hours=1))
        assert await text(stranger, url()) == first
        freezer.tick(timedelta(hours=25))
        copied, converted = addresses(await text(stranger, url()))
        for playlist in (copied, converted):
            part = addresses(await text(stranger, playlist))[0]
            assert (await stranger.get(part)).status == HTTPStatus.OK

    async def test_clip_that_every_browser_plays_is_its_file(
        self,
        hass: HomeAssistant,
        hass_ws_client: WebSocketGenerator,
        loaded_entry: MockConfigEntry,
    ) -> None:
        folder = hass.data[DATA_LIBRARY]
        path: ClipPath = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 22), "yard")
        folder.part(path).write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0")
        folder.publish(path, NOTE)
        _, mime_type = await self.resolve(hass, hass_ws_client, path)
        assert mime_type == "video/mp4"

    async def test_only_who_may_see_the_clip_gets_its_parts(
        self, client: Client, stranger: Client, neighbour: Client, clip: ClipPath
    ) -> None:
        url = clip_playlist_url(clip)
        for viewer in (stranger, neighbour):
            for name in ("playlist.m3u8", "converted.m3u8", "0.m4s", "converted/0.m4s"):
                answer = await viewer.get(url.replace("playlist.m3u8", name))
                assert answer.status == HTTPStatus.FORBIDDEN
        answer = await client.get(url.replace("_yard.mp4", "_lawn.mp4"))
        assert answer.status == HTTPStatus.NOT_FOUND
        assert (await client.get(url.replace("playlist", "other"))).status == HTTPStatus.NOT_FOUND
        beyond = await client.get(url.replace("playlist.m3u8", "converted/99.m4s"))
        assert beyond.status == HTTPStatus.SERVICE_UNAVAILABLE

    async def test_clip_of_which_nothing_is_known_has_no_playlist(
        self, hass: HomeAssistant, client: Client, loaded_entry: MockConfigEntry
    ) -> None:
        folder = hass.data[DATA_LIBRARY]
        path: ClipPath = folder.reserve("attic", "2_yard", datetime(2026, 9, 3, 23), "yard")
        folder.part(path).write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0")
        folder.publish(path, NOTE)
        assert (await client.get(clip_playlist_url(path))).status == HTTPStatus.NOT_FOUND
