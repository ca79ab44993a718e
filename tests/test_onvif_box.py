"""The integration with simulated devices that speak ONVIF, behind real sockets."""

from collections.abc import AsyncIterator

from freezegun.api import FrozenDateTimeFactory
from homeassistant import block_async_io
from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.nvr.drivers.onvif import soap
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.onvif.face import OnvifFace
from tests.boxes import PASSWORD, add, main_camera
from tests.polling import poll

MOST_REQUESTS_TO_SET_UP = 20
NAMES = sorted(name for name in PERSONALITIES if name.startswith("onvif/"))


@pytest.fixture(params=NAMES)
async def any_box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in one device after the other."""
    async with RecorderBox(PERSONALITIES[request.param](Options(password=PASSWORD))) as box:
        yield box


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder."""
    async with RecorderBox(PERSONALITIES["onvif/nvr"](Options(password=PASSWORD))) as box:
        yield box


@pytest.mark.usefixtures("socket_enabled")
async def test_any_device_is_added_and_watched(hass: HomeAssistant, any_box: RecorderBox) -> None:
    entry = await add(hass, any_box)
    recorder = any_box.recorder
    assert entry.data["vendor"] == "onvif"
    assert entry.unique_id == recorder.identity.serial
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len(devices) == 1 + len(recorder.channels)
    camera = main_camera(hass, entry)
    stream = await async_get_stream_source(hass, camera)
    assert stream is not None
    assert f"127.0.0.1:{any_box.rtsp_port}/" in stream
    face = any_box.personality.face
    assert isinstance(face, OnvifFace)
    if face.device.firmware.snapshots:
        assert (await async_get_image(hass, camera)).content.startswith(b"\xff\xd8")


@pytest.mark.usefixtures("socket_enabled", "disable_block_async_io")
async def test_nothing_blocks_the_loop(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Imports of platforms and the like have happened by now, as in Home Assistant's own start.
    first = await add(hass, box)
    await hass.config_entries.async_remove(first.entry_id)
    # But what writes requests is read anew.
    monkeypatch.setattr(soap, "_described", {})
    block_async_io.enable()
    entry = await add(hass, box)
    await async_get_image(hass, main_camera(hass, entry))
    await poll(hass, freezer)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "blocking call" not in caplog.text


@pytest.mark.usefixtures("socket_enabled")
async def test_a_restart_costs_the_same_for_any_number_of_channels(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    entry = await add(hass, box)
    before = box.recorder.requests.total
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert box.recorder.requests.total - before <= MOST_REQUESTS_TO_SET_UP


@pytest.mark.usefixtures("socket_enabled")
async def test_what_the_form_learned_is_not_asked_again(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    await add(hass, box)
    face = box.personality.face
    assert isinstance(face, OnvifFace)
    streams = sum(len(one.streams) for one in box.recorder.channels.values())
    assert face.device.asked["GetStreamUri"] == streams


@pytest.mark.usefixtures("socket_enabled")
async def test_no_secret_is_logged(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    entry = await add(hass, box)
    await poll(hass, freezer)
    await async_get_image(hass, main_camera(hass, entry))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert PASSWORD not in caplog.text
