"""Each view, action and WebSocket command of ours heeds what a user may see: none can be added without saying how.

The lists below name them all. A test fails for one that is registered and not listed, so whoever adds one writes
here how a user who may not see the front door's camera would try to use it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

from aiohttp import hdrs
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.websocket_api import DOMAIN as WEBSOCKET, ERR_UNAUTHORIZED
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.nvr.clip_view import CLIP_PATH, clip_thumbnail_url, clip_url
from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.footage.errors import FootageError
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.library.queue import ClipQueue
from custom_components.nvr.media_identifier import RecordingIdentifier
from custom_components.nvr.playback_view import clip_playlist_url, playlist_url
from custom_components.nvr.setup_pictures import SetupPictures
from custom_components.nvr.shared import DATA_LIBRARY
from custom_components.nvr.thumbnail_view import thumbnail_url
from custom_components.nvr.view_access import RECORDING_PATH
from tests.action_fixtures import FRONT, act, span
from tests.fake_footage import FakeCutter, FakePlayback
from tests.view_fixtures import Client

BASE = f"/api/{DOMAIN}/"
# The latter by views that offer no such method to anybody.
REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}


def beside(name: str) -> Callable[[str], str]:
    """Return what makes the address of a part from that of the playlist that names it."""
    return lambda playlist: f"{playlist.rpartition('/')[0]}/{name}"


# By the address pattern of a view, what makes an address of a recording of the front door's camera.
OF_RECORDINGS: dict[str, Callable[[RecordingIdentifier], str]] = {
    f"playback/{RECORDING_PATH}/{{playlist}}.m3u8": playlist_url,
    f"playback/{RECORDING_PATH}/{{part}}": lambda one: beside("init.mp4")(playlist_url(one)),
    f"playback/{RECORDING_PATH}/{{coding}}/{{part}}": lambda one: beside("converted/0.m4s")(
        playlist_url(one)
    ),
    f"thumbnail/{RECORDING_PATH}/picture.jpg": thumbnail_url,
}
# The same of a clip that it shows.
OF_CLIPS: dict[str, Callable[[ClipPath], str]] = {
    f"clip/{CLIP_PATH}": clip_url,
    f"clip_thumbnail/{CLIP_PATH}/picture.jpg": clip_thumbnail_url,
    f"clip_playback/{CLIP_PATH}/{{playlist}}.m3u8": clip_playlist_url,
    f"clip_playback/{CLIP_PATH}/{{part}}": lambda one: beside("init.mp4")(clip_playlist_url(one)),
    f"clip_playback/{CLIP_PATH}/{{coding}}/{{part}}": lambda one: beside("converted/0.m4s")(
        clip_playlist_url(one)
    ),
}
# What shows recorders that have no cameras yet.
OF_FLOWS = {"setup/{secret}/{channel}.jpg"}
# Actions with all that is sent of a camera, and those that name what is of one; none of either may be used.
ACTIONS_ON_CAMERAS = {"search_recordings", "download_clip", "get_picture", "cancel_clip"}
ACTIONS_ON_CLIPS = {"cancel_clip", "delete_clip"}
# WebSocket commands, and what is sent with them.
COMMANDS: dict[str, dict[str, Any]] = {}


@pytest.fixture(autouse=True)
def fakes() -> Iterator[None]:
    """Play nothing real: who may not see it does not get as far."""
    FakePlayback.made, FakePlayback.error = [], FootageError("nothing is played here")
    with patch("custom_components.nvr.playback_sessions.Playback", FakePlayback):
        yield


@pytest.fixture
def clip(hass: HomeAssistant, loaded_entry: MockConfigEntry) -> ClipPath:
    """Put a clip of the front door's camera into the library."""
    folder = hass.data[DATA_LIBRARY]
    path: ClipPath = folder.reserve("garage_nvr", "1_front_door", datetime(2026, 9, 3, 12), "x")
    folder.part(path).rename(folder.file(path))
    return path


@pytest.fixture
def addresses(identifier: RecordingIdentifier, clip: ClipPath) -> list[str]:
    """Return an address of each view."""
    return [
        *(address(identifier) for address in OF_RECORDINGS.values()),
        *(address(clip) for address in OF_CLIPS.values()),
    ]


@pytest.fixture
def outsider(hass: HomeAssistant) -> Context:
    """Return the context of a user who may see and use the second channel's camera alone."""
    user = MockUser(id="outsider").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"camera.yard": True}}})
    return Context(user_id=user.id)


class TestViews:
    """What is answered by HTTP."""

    async def test_all_are_listed(self, hass: HomeAssistant, client: Client) -> None:
        registered = {
            resource.canonical.removeprefix(BASE)
            for resource in hass.http.app.router.resources()
            if resource.canonical.startswith(BASE)
        }
        assert registered == OF_RECORDINGS.keys() | OF_CLIPS.keys() | OF_FLOWS

    async def test_pictures_of_a_flow_are_for_who_may_add_recorders(
        self, hass: HomeAssistant, client: Client, stranger: Client, neighbour: Client
    ) -> None:
        pictures = SetupPictures(hass)
        pictures.keep({1: b"JPEG"})
        (address,) = (one.partition("?")[0] for one in pictures.addresses().values())
        assert (await client.get(address)).status == HTTPStatus.OK
        assert (await client.get(address.replace("/1.", "/2."))).status == HTTPStatus.NOT_FOUND
        for viewer in (stranger, neighbour):
            assert (await viewer.get(address)).status == HTTPStatus.FORBIDDEN
        pictures.forget()
        assert (await client.get(address)).status == HTTPStatus.NOT_FOUND

    async def test_answer_those_who_may_see_the_camera(
        self, hass: HomeAssistant, client: Client, neighbour: Client, addresses: list[str]
    ) -> None:
        for address in addresses:
            assert (await client.get(address)).status != HTTPStatus.FORBIDDEN, address
        user = await hass.auth.async_get_user("neighbour")
        assert isinstance(user, MockUser)
        user.mock_policy({"entities": {"entity_ids": {FRONT: True}}})
        for address in addresses:
            assert (await neighbour.get(address)).status != HTTPStatus.FORBIDDEN, address

    async def test_refuse_all_others(
        self, stranger: Client, neighbour: Client, addresses: list[str]
    ) -> None:
        for viewer in (stranger, neighbour):
            for address in addresses:
                assert (await viewer.get(address)).status == HTTPStatus.FORBIDDEN, address
                for method in (hdrs.METH_HEAD, hdrs.METH_POST, hdrs.METH_PUT, hdrs.METH_DELETE):
                    answer = await viewer.request(method, address)
                    assert answer.status in REFUSED, (method, address)
        assert FakePlayback.made == []

    async def test_a_signature_gives_no_more_than_its_user_may_see(
        self, hass: HomeAssistant, stranger: Client, neighbour: Client, addresses: list[str]
    ) -> None:
        user = await hass.auth.async_get_user("neighbour")
        assert user is not None
        for token in user.refresh_tokens:
            for address in addresses:
                signed = async_sign_path(
                    hass, address, timedelta(minutes=1), refresh_token_id=token
                )
                answer = await stranger.get(signed)
                assert answer.status == HTTPStatus.FORBIDDEN, address


class TestActions:
    """What automations and pages call."""

    async def test_all_are_listed(self, hass: HomeAssistant, loaded_entry: MockConfigEntry) -> None:
        registered = hass.services.async_services_for_domain(DOMAIN).keys()
        assert registered == ACTIONS_ON_CAMERAS | ACTIONS_ON_CLIPS

    @pytest.mark.parametrize("action", sorted(ACTIONS_ON_CAMERAS))
    async def test_refuse_a_camera_that_the_user_may_not_use(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        outsider: Context,
        action: str,
    ) -> None:
        data = {
            "cancel_clip": {},
            "get_picture": {"instant": span(recorded)["start"]},
        }.get(action, span(recorded))
        with pytest.raises(Unauthorized):
            await act(hass, action, outsider, entity_id=FRONT, **data)
        assert queue.jobs == ()

    async def test_refuse_a_job_of_such_a_camera(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        outsider: Context,
        cutter: FakeCutter,
    ) -> None:
        cutter.gate.clear()
        job = await act(hass, "download_clip", entity_id=FRONT, wait=False, **span(recorded))
        with pytest.raises(Unauthorized):
            await act(hass, "cancel_clip", outsider, job_id=job[FRONT]["job_id"])
        assert len(queue.unfinished) == 1
        cutter.gate.set()

    async def test_refuse_a_clip_of_such_a_camera(
        self, hass: HomeAssistant, clip: ClipPath, outsider: Context
    ) -> None:
        folder = hass.data[DATA_LIBRARY]
        name = str(folder.file(clip))
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN, "delete_clip", {"clip": name}, blocking=True, context=outsider
            )
        assert folder.file(clip).exists()


class TestCommands:
    """What pages ask by WebSocket."""

    async def test_all_are_listed(self, hass: HomeAssistant, loaded_entry: MockConfigEntry) -> None:
        assert await async_setup_component(hass, WEBSOCKET, {})
        registered = {name for name in hass.data[WEBSOCKET] if name.startswith(f"{DOMAIN}/")}
        assert registered == COMMANDS.keys()

    async def test_refuse_who_may_not_see_the_camera(
        self,
        hass: HomeAssistant,
        loaded_entry: MockConfigEntry,
        outsider: Context,
        hass_ws_client: WebSocketGenerator,
    ) -> None:
        user = await hass.auth.async_get_user(outsider.user_id or "")
        assert user is not None
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        client = await hass_ws_client(hass, hass.auth.async_create_access_token(token))
        for command, data in COMMANDS.items():
            await client.send_json_auto_id({"type": command, **data})
            answer = await client.receive_json()
            assert answer["error"]["code"] == ERR_UNAUTHORIZED, command
