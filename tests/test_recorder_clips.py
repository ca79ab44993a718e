"""The whole way of recorded footage, with a simulated recorder, real workers and real files."""

from collections.abc import AsyncIterator
from datetime import timedelta
import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
import av
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.nvr.const import DOMAIN, EVENT_CLIP_READY
from custom_components.nvr.coordinator import NvrConfigEntry
from custom_components.nvr.media_identifier import RecordingIdentifier, parse_identifier
from custom_components.nvr.playback_view import playlist_url
from simulator.box import RecorderBox
from simulator.core.personality import Options, Personality
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading, decode_image
from simulator.hikvision import personalities
from tests.boxes import PASSWORD, add

# How long channel 1 shows a picture.
FRAMES = {"current": timedelta(milliseconds=40), "old": timedelta(milliseconds=80)}


@pytest.fixture(params=[personalities.current, personalities.old], ids=["current", "old"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder: one of today, and one of yesterday whose clock is wrong."""
    personality: Personality = request.param(Options(password=PASSWORD))
    async with RecorderBox(personality) as box:
        yield box


@pytest.fixture
async def entry(hass: HomeAssistant, box: RecorderBox) -> NvrConfigEntry:
    return await add(hass, box)


@pytest.fixture
def camera(hass: HomeAssistant, entry: NvrConfigEntry) -> str:
    """Return the main camera of channel 1."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("camera", DOMAIN, f"{entry.unique_id}_1_main")
    assert entity_id is not None
    return entity_id


async def act(hass: HomeAssistant, action: str, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


def pictures(path: Path) -> list[PatternReading]:
    """Return what the pattern in each picture that a player shows says."""
    with av.open(str(path)) as container:
        return [pattern_of(frame) for frame in container.decode(video=0)]


async def test_what_is_found_is_what_the_schedule_says(
    hass: HomeAssistant, box: RecorderBox, camera: str
) -> None:
    end = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=3)
    start = end - timedelta(hours=6)
    answers = await act(
        hass, "search_recordings", entity_id=camera, start=start, end=end, limit=5000
    )
    answer = answers[camera]
    assert answer["complete"]
    expected = box.recorder.schedule.recordings(1, 1, start, end)
    assert len(answer["recordings"]) == len(list(expected))
    starts = [one["start"] for one in answer["recordings"]]
    assert starts == sorted(starts)


async def test_a_clip_shows_exactly_the_span(
    request: pytest.FixtureRequest, hass: HomeAssistant, entry: NvrConfigEntry, camera: str
) -> None:
    frame = FRAMES[request.node.callspec.id]
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    start = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=2, seconds=-0.4)
    answers: Any = await hass.services.async_call(
        DOMAIN,
        "download_clip",
        {"entity_id": camera, "start": start, "end": start + timedelta(seconds=12), "name": "Täst"},
        blocking=True,
        return_response=True,
        context=Context(id="call"),
    )
    answer = answers[camera]
    assert answer["phase"] == "done", answer
    file = Path(answer["path"])
    shown = pictures(file)
    assert {reading.channel for reading in shown} == {1}
    assert abs(shown[0].instant - start) <= frame
    assert abs(shown[-1].instant + frame - (start + timedelta(seconds=12))) <= frame
    assert answer["exact"]
    assert answer["missing"] == []
    assert answer["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert answer["size"] == file.stat().st_size
    assert answer["duration"] == pytest.approx(12, abs=0.1)
    assert file.name.endswith("_tast.mp4")
    (event,) = ready
    assert event.context.id == "call"
    assert event.data["sha256"] == answer["sha256"]
    event_entity = er.async_get(hass).async_get_entity_id(
        "event", DOMAIN, f"{entry.unique_id}_1_clip"
    )
    assert event_entity is not None
    state = hass.states.get(event_entity)
    assert state is not None
    assert state.attributes["event_type"] == "clip_ready"
    assert state.attributes["media_content_id"] == answer["media_content_id"]


async def asked_patiently(player: TestClient[Any, Any], address: str) -> ClientResponse:
    """Ask as players do: again for what is not ready yet.

    A recorder that hands out whole files needs a while to come to the end of one on a busy machine.
    """
    for _ in range(4):
        answer = await player.get(address)
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    return answer


async def test_a_recording_plays_in_the_media_browser(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "http", {})
    ws = await hass_ws_client()

    async def browse(media_content_id: str) -> Any:
        await ws.send_json_auto_id(
            {"type": "media_source/browse_media", "media_content_id": media_content_id}
        )
        answer = await ws.receive_json()
        assert answer["success"], answer
        return answer["result"]

    node = await browse("media-source://nvr")
    assert [child["title"] for child in node["children"]] == [entry.title, "Saved clips"]
    node = await browse(node["children"][0]["media_content_id"])
    node = await browse(node["children"][0]["media_content_id"])
    yesterday = node["children"][1]
    local = dt_util.now() - timedelta(days=1)
    assert yesterday["title"] == f"{local.year}/{local.month}/{local.day}"
    node = await browse(yesterday["media_content_id"])
    recording = node["children"][len(node["children"]) // 2]

    client = await hass_client()
    picture = await client.get(recording["thumbnail"])
    assert picture.status == 200
    thumbnail = decode_image(await picture.read())
    assert thumbnail.channel == 1

    await ws.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": recording["media_content_id"]}
    )
    resolved = (await ws.receive_json())["result"]
    assert resolved["mime_type"] == "application/x-mpegURL"

    # A browser's player sends no token, only what the addresses carry.
    player = await hass_client_no_auth()
    playlist = await (await player.get(resolved["url"])).text()
    assert playlist == await (await player.get(resolved["url"])).text()
    lines = playlist.splitlines()
    init = next(line for line in lines if "EXT-X-MAP" in line).split('"')[1]
    parts = [line for line in lines if line and not line.startswith("#")]
    assert "#EXT-X-ENDLIST" in lines
    for part in (parts[0], parts[-2]):
        head = await asked_patiently(player, init)
        body = await asked_patiently(player, part)
        assert (head.status, body.status) == (200, 200)
        data = await head.read() + await body.read()
        path = Path(hass.config.path("part.mp4"))
        path.write_bytes(data)
        assert pictures(path)


async def test_a_clip_is_saved_while_somebody_watches(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    camera: str,
    hass_client: ClientSessionGenerator,
) -> None:
    start = dt_util.utcnow() - timedelta(hours=3)
    found = await act(
        hass, "search_recordings", entity_id=camera, start=start, end=start + timedelta(minutes=1)
    )
    identifier = parse_identifier(
        found[camera]["recordings"][0]["media_content_id"].removeprefix("media-source://nvr/")
    )
    assert isinstance(identifier, RecordingIdentifier)
    client = await hass_client()
    base = playlist_url(identifier).removesuffix("playlist.m3u8")
    assert (await client.get(f"{base}playlist.m3u8")).status == HTTPStatus.OK
    for number in range(3):
        assert (await client.get(f"{base}{number}.m4s")).status == HTTPStatus.OK
    begin = start - timedelta(hours=4)
    answer = await act(
        hass, "download_clip", entity_id=camera, start=begin, end=begin + timedelta(seconds=3)
    )
    assert answer[camera]["phase"] == "done"
    assert (await client.get(f"{base}3.m4s")).status == HTTPStatus.OK


async def test_unload_leaves_only_clips(
    hass: HomeAssistant, entry: NvrConfigEntry, camera: str
) -> None:
    start = dt_util.utcnow() - timedelta(hours=2)
    await act(
        hass, "download_clip", entity_id=camera, start=start, end=start + timedelta(seconds=3)
    )
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not Path(hass.config.cache_path(DOMAIN)).exists()
    media = Path(hass.config.media_dirs["local"])
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1
