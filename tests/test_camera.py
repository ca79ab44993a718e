"""Cameras: which there are, their pictures, their streams, and what a refusal does to them."""

from dataclasses import replace
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import (
    Camera,
    CameraWebRTCProvider,
    WebRTCSendMessage,
    async_get_image,
    async_get_stream_source,
    async_register_webrtc_provider,
)
from homeassistant.components.stream import Stream as VideoStream
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from webrtc_models import RTCIceCandidateInit

from custom_components.nvr.camera import PICTURE_KEPT_SECONDS, NvrCamera
from custom_components.nvr.const import DOMAIN
from custom_components.nvr.default_streams import best_stream
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import Channel, StreamName
from tests.fake_driver import JPEG, SERIAL, FakeDriver, channel, offline, recorder_state, stream
from tests.polling import poll

FRONT_DOOR = "camera.front_door"
YARD_SUB = "camera.yard_sub_stream"


class EveryProvider(CameraWebRTCProvider):
    """Something like go2rtc that takes any camera with an address, and knows which it has."""

    def __init__(self, picture: bytes | None = None) -> None:
        """Initialize; ``picture`` is what it makes of any stream."""
        self.cameras: list[str] = []
        self._picture = picture

    @property
    @override
    def domain(self) -> str:
        return "every"

    @override
    def async_is_supported(self, stream_source: str) -> bool:
        return stream_source.startswith("rtsp")

    @override
    async def async_handle_async_webrtc_offer(
        self, camera: Camera, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        raise NotImplementedError

    @override
    async def async_get_image(
        self, camera: Camera, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        return self._picture

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        raise NotImplementedError


def camera_entity(hass: HomeAssistant, entity_id: str) -> NvrCamera:
    """Return the entity itself."""
    entity = hass.data[DATA_INSTANCES]["camera"].get_entity(entity_id)
    assert isinstance(entity, NvrCamera)
    return entity


def streams(*codecs: str | None) -> Channel:
    """Return a channel whose streams have these codecs, in order of size."""
    return replace(
        channel(1),
        streams=tuple(
            replace(stream(name), codec=codec)
            for name, codec in zip(StreamName, codecs, strict=False)
        ),
    )


@pytest.mark.parametrize(
    ("one", "enabled"),
    [
        (streams("H.264", "H.264", "H.264"), StreamName.MAIN),
        (streams("H.265", "H.264"), StreamName.SUB),
        (streams("H.265", "H.265", "H.264"), StreamName.THIRD),
        (streams("H.265", "H.265"), StreamName.SUB),
        (streams("H.265"), StreamName.MAIN),
        (streams(None, "H.264"), StreamName.MAIN),
        (streams("H.265", "MJPEG"), StreamName.SUB),
    ],
)
def test_stream_that_browsers_play_is_enabled(one: Channel, enabled: StreamName) -> None:
    assert best_stream(one) is enabled


async def test_one_camera_of_each_channel_is_enabled(
    entity_registry: er.EntityRegistry, loaded_entry: MockConfigEntry
) -> None:
    cameras = {
        entity.unique_id: entity.disabled_by is None
        for entity in er.async_entries_for_config_entry(entity_registry, loaded_entry.entry_id)
        if entity.domain == "camera"
    }
    assert cameras == {
        f"{SERIAL}_1_main": True,
        f"{SERIAL}_1_sub": False,
        f"{SERIAL}_2_main": False,
        f"{SERIAL}_2_sub": True,
        f"{SERIAL}_3_main": True,
    }


async def test_cameras_that_people_see_are_there_first(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, loaded_entry: MockConfigEntry
) -> None:
    cameras = [
        one
        for one in er.async_entries_for_config_entry(entity_registry, loaded_entry.entry_id)
        if one.domain == "camera"
    ]
    cameras.sort(key=lambda one: one.created_at)
    hidden = [one.disabled for one in cameras]
    assert hidden == sorted(hidden)
    assert set(hidden) == {False, True}


async def test_offline_channel_without_listed_streams_has_its_main_camera(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = recorder_state(offline(1))
    await hass.config_entries.async_setup(entry.entry_id)
    state = hass.states.get("camera.camera_1")
    assert state is not None
    assert state.state == "unavailable"
    assert await camera_entity(hass, "camera.camera_1").stream_source() is None

    driver.answer = recorder_state(channel(1, main_codec="H.265"))
    await poll(hass, freezer)
    state = hass.states.get("camera.camera_1")
    assert state is not None
    assert state.state == "idle"
    assert hass.states.get("camera.camera_1_sub_stream")


async def test_camera_says_what_is_behind_the_channel(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    state = hass.states.get(FRONT_DOOR)
    assert state is not None
    assert state.state == "idle"
    assert state.attributes["friendly_name"] == "Front door"
    assert state.attributes["brand"] == "Fake"
    assert state.attributes["model_name"] == "CAM-4"


async def test_offline_channel_has_no_camera_until_it_is_back(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    for answer, state_text in (
        (recorder_state(channel(1, "Front door"), channel(3)), "idle"),
        (recorder_state(channel(1, "Front door"), offline(3)), "unavailable"),
    ):
        driver.answer = answer
        await poll(hass, freezer)
        state = hass.states.get("camera.camera_3")
        assert state is not None
        assert state.state == state_text


async def test_still_comes_from_the_recorder(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    image = await async_get_image(hass, YARD_SUB)
    assert image.content == JPEG
    assert driver.snapshots == [(2, StreamName.SUB, None, None)]


async def test_wanted_size_is_passed_on(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    await camera_entity(hass, FRONT_DOOR).async_camera_image(width=320, height=180)
    assert driver.snapshots == [(1, StreamName.MAIN, 320, 180)]


@pytest.mark.parametrize("error", [DeviceBusyError("busy"), CannotConnectError("gone")])
async def test_last_picture_bridges_a_busy_moment(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    error: DeviceBusyError,
) -> None:
    now = 100.0
    monkeypatch.setattr("custom_components.nvr.camera.monotonic", lambda: now)
    driver.errors["snapshot"] = error
    with pytest.raises(HomeAssistantError) as caught:
        await async_get_image(hass, FRONT_DOOR)
    assert caught.value.translation_domain == DOMAIN

    del driver.errors["snapshot"]
    await async_get_image(hass, FRONT_DOOR)
    driver.errors["snapshot"] = error
    now += PICTURE_KEPT_SECONDS
    assert (await async_get_image(hass, FRONT_DOOR)).content == JPEG
    now += 1
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, FRONT_DOOR)


async def test_other_errors_show_no_old_picture(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    await async_get_image(hass, FRONT_DOOR)
    driver.errors["snapshot"] = NotSupportedError("no snapshots")
    with pytest.raises(HomeAssistantError) as caught:
        await async_get_image(hass, FRONT_DOOR)
    assert caught.value.translation_key == "not_supported"


async def test_recorder_without_stills_is_shown_by_its_video(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    driver.errors["snapshot"] = NotSupportedError("no snapshots")
    remove = async_register_webrtc_provider(hass, EveryProvider(picture=b"of the video"))
    await hass.async_block_till_done()
    assert (await async_get_image(hass, FRONT_DOOR)).content == b"of the video"
    remove()
    await hass.async_block_till_done()


async def test_refusal_withdraws_the_streams_and_acceptance_offers_them_again(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    provider = EveryProvider()
    remove = async_register_webrtc_provider(hass, provider)
    await hass.async_block_till_done()
    entity = camera_entity(hass, FRONT_DOOR)
    assert entity.webrtc_provider is provider
    source = await async_get_stream_source(hass, FRONT_DOOR)
    assert source is not None
    assert source.endswith("@127.0.0.1:554/1/main")

    driver.set_refused(True)
    await hass.async_block_till_done()
    assert await async_get_stream_source(hass, FRONT_DOOR) is None
    assert entity.webrtc_provider is None

    driver.set_refused(False)
    await hass.async_block_till_done()
    assert entity.webrtc_provider is provider
    remove()
    await hass.async_block_till_done()


@pytest.fixture
async def running_stream(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> VideoStream:
    """Return a preloaded stream of a camera that would go on for ever; its worker alone is left out."""
    assert await async_setup_component(hass, "stream", {})
    monkeypatch.setattr(VideoStream, "_run_worker", lambda self: self._thread_quit.wait())
    stream = await camera_entity(hass, FRONT_DOOR).async_create_stream()
    assert stream is not None
    stream.dynamic_stream_settings.preload_stream = True
    stream.add_provider("hls")
    await stream.start()
    assert stream._thread is not None
    return stream


async def test_refusal_stops_a_running_stream_and_keeps_the_users_preference(
    hass: HomeAssistant, driver: FakeDriver, running_stream: VideoStream
) -> None:
    driver.set_refused(True)
    await hass.async_block_till_done()
    assert running_stream._thread is None
    assert camera_entity(hass, FRONT_DOOR).stream is None
    assert running_stream.dynamic_stream_settings.preload_stream


async def test_a_stream_that_fails_is_played_at_its_new_address(
    hass: HomeAssistant,
    driver: FakeDriver,
    running_stream: VideoStream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find() -> None:
        monkeypatch.setattr(driver, "live_url", lambda channel, stream: "rtsp://127.0.0.1/new")
        # Whoever listens is told; nothing is refused.
        driver.set_refused(True)
        driver.set_refused(False)

    monkeypatch.setattr(driver, "note_live_failed", find)
    running_stream._set_state(False)
    await hass.async_block_till_done()
    assert running_stream._thread is None
    assert camera_entity(hass, FRONT_DOOR).stream is None
    assert await async_get_stream_source(hass, FRONT_DOOR) == "rtsp://127.0.0.1/new"


async def test_unload_stops_a_running_stream(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, running_stream: VideoStream
) -> None:
    assert await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert running_stream._thread is None


async def test_failing_stream_makes_the_camera_unavailable(
    hass: HomeAssistant, running_stream: VideoStream
) -> None:
    running_stream._set_state(False)
    await hass.async_block_till_done()
    state = hass.states.get(FRONT_DOOR)
    assert state is not None
    assert state.state == "unavailable"


async def test_failing_streams_have_the_recorder_asked_at_once_and_once(
    hass: HomeAssistant, driver: FakeDriver, running_stream: VideoStream
) -> None:
    driver.calls.clear()
    driver.error = AuthenticationError("the password was changed")
    for _ in range(5):
        running_stream._set_state(False)
    await hass.async_block_till_done()
    assert driver.calls == {"poll": 1}
    assert running_stream._thread is None
    assert await async_get_stream_source(hass, FRONT_DOOR) is None


async def test_refused_login_at_a_still_is_translated(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    driver.errors["snapshot"] = AuthenticationError("refused", tries_left=2)
    with pytest.raises(HomeAssistantError) as caught:
        await async_get_image(hass, FRONT_DOOR)
    assert caught.value.translation_key == "invalid_auth_tries"
    assert caught.value.translation_placeholders == {"tries": "2"}
