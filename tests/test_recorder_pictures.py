"""The picture of an instant, with a simulated recorder, a real worker and real files."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from simulator.box import RecorderBox
from simulator.core.personality import Options, Personality
from simulator.footage.pattern import decode_image
from simulator.hikvision import personalities
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, main_camera

# How far the clock of a recorder may be taken to be off, on a machine that is busy with other things.
CLOCK = timedelta(milliseconds=40)
FRAMES = {"current": timedelta(milliseconds=40), "old": timedelta(milliseconds=80)}


@pytest.fixture(params=[personalities.current, personalities.old], ids=["current", "old"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder: one of today, and one of yesterday whose clock is wrong."""
    personality: Personality = request.param(Options(password=PASSWORD))
    async with RecorderBox(personality) as box:
        yield box


@pytest.fixture
async def camera(hass: HomeAssistant, box: RecorderBox) -> str:
    """Add the recorder and return the main camera of channel 1."""
    return main_camera(hass, await add(hass, box))


async def get(hass: HomeAssistant, camera: str, instant: datetime) -> Any:
    return (await act(hass, "get_picture", entity_id=camera, instant=instant))[camera]


async def test_pictures_show_their_instants(
    request: pytest.FixtureRequest, hass: HomeAssistant, box: RecorderBox, camera: str
) -> None:
    frame = FRAMES[request.node.callspec.id]
    base = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=2)
    for offset in (0.3, 1.73, 3000.0):
        instant = base - timedelta(seconds=offset)
        answer = await get(hass, camera, instant)
        shown = decode_image(Path(answer["path"]).read_bytes())
        assert shown.channel == 1
        told = datetime.fromisoformat(answer["instant"])
        assert answer["exact"]
        assert abs(shown.instant - told) <= CLOCK
        assert -CLOCK <= instant - shown.instant <= frame + CLOCK


async def test_a_saved_picture_is_shown_in_the_media_browser(
    hass: HomeAssistant,
    camera: str,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "http", {})
    answer = await get(hass, camera, dt_util.utcnow() - timedelta(hours=2))
    ws = await hass_ws_client()

    async def ask(command: str, media_content_id: str) -> Any:
        await ws.send_json_auto_id(
            {"type": f"media_source/{command}", "media_content_id": media_content_id}
        )
        told = await ws.receive_json()
        assert told["success"], told
        return told["result"]

    folder = answer["media_content_id"].rpartition("/")[0].replace("/picture/", "/clips/")
    node = await ask("browse_media", folder)
    (child,) = node["children"]
    assert child["media_content_id"] == answer["media_content_id"]
    assert child["media_class"] == "image"
    resolved = await ask("resolve_media", answer["media_content_id"])
    assert resolved["mime_type"] == "image/jpeg"
    client = await hass_client()
    whole = await client.get(resolved["url"])
    assert (whole.status, whole.content_type) == (HTTPStatus.OK, "image/jpeg")
    assert await whole.read() == Path(answer["path"]).read_bytes()
    small = await client.get(child["thumbnail"])
    assert small.status == HTTPStatus.OK
    assert decode_image(await small.read()).channel == 1


async def test_an_instant_before_all_recordings_is_refused_in_words(
    hass: HomeAssistant, camera: str
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await get(hass, camera, dt_util.utcnow() - timedelta(days=2000))
    assert raised.value.translation_key in {"nothing_recorded", "nothing_recorded_nearest"}


async def test_a_recorder_that_is_off_is_told_as_such(
    hass: HomeAssistant, box: RecorderBox, camera: str
) -> None:
    await box.unplug()
    with pytest.raises(HomeAssistantError) as raised:
        await get(hass, camera, dt_util.utcnow() - timedelta(hours=2))
    assert raised.value.translation_key == "cannot_connect"
