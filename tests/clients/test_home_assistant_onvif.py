"""Home Assistant's own `onvif` integration on simulated devices, in the same Home Assistant as ours may be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from homeassistant.components import camera
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_USERNAME,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.faces import personalities_of
from simulator.footage.formats import VideoCodec
from simulator.footage.pattern import decode_image
from tests.simulator.plugged import change

from .conftest import PASSWORD, USER
from .test_home_assistant import until

THEIRS = "onvif"
NVR, CAMERA, LIVE = "onvif/nvr", "onvif/camera", "onvif/live"


async def ask(hass: HomeAssistant, box: RecorderBox, password: str = PASSWORD) -> Any:
    """Add a device to their integration as a user would; give what the last step says."""
    flow = await hass.config_entries.flow.async_init(THEIRS, context={"source": SOURCE_USER})
    await hass.config_entries.flow.async_configure(flow["flow_id"], {"auto": False})
    form = {
        CONF_NAME: "Theirs",
        CONF_HOST: box.host,
        CONF_PORT: box.http_port,
        CONF_USERNAME: USER,
        CONF_PASSWORD: password,
    }
    return await hass.config_entries.flow.async_configure(flow["flow_id"], form)


@asynccontextmanager
async def their_integration(
    hass: HomeAssistant, box: RecorderBox
) -> AsyncIterator[ConfigEntry[Any]]:
    """Set their integration up, and unload it."""
    result = await ask(hass, box)
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    entry: ConfigEntry[Any] = result["result"]
    try:
        yield entry
    finally:
        await hass.config_entries.async_unload(entry.entry_id)


def entities(hass: HomeAssistant, entry: ConfigEntry[Any], domain: str) -> list[str]:
    """Give their entities of a domain."""
    known = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return [each.entity_id for each in known if each.domain == domain]


@pytest.mark.parametrize("box", [NVR, CAMERA], indirect=True)
async def test_one_camera_for_each_profile_of_h264(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, box: RecorderBox
) -> None:
    """It doesn't see H.265, and takes all channels for one device."""
    async with their_integration(hass, box) as entry:
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == box.recorder.identity.mac
        (device,) = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        assert device.sw_version == box.recorder.identity.firmware
        seen = [
            form
            for channel in box.recorder.channels.values()
            for form in channel.streams.values()
            if form.codec is VideoCodec.H264
        ]
        assert len(entities(hass, entry, "camera")) == len(seen)
        (first, *_) = sorted(hass.states.async_entity_ids("camera"))
        picture = await camera.async_get_image(hass, first)
        assert decode_image(picture.content).channel in box.recorder.channels


@pytest.mark.parametrize(
    ("box", "motion", "job"),
    [
        (NVR, "cell_motion_detection_2", "recording_job_state_2"),
        (CAMERA, "motion_alarm", "recording_job_state"),
    ],
    indirect=["box"],
)
async def test_motion_comes_and_goes(
    hass: HomeAssistant, box: RecorderBox, motion: str, job: str
) -> None:
    """It pulls events, and takes those of each input for a sensor."""
    sensor = f"binary_sensor.theirs_{motion}"
    channel = min(2, len(box.recorder.channels))
    async with their_integration(hass, box):
        await until(hass, sensor, STATE_OFF)
        await until(hass, f"binary_sensor.theirs_{job}", STATE_ON)
        begun = box.recorder.events.begin(EventKind.MOTION, channel=channel)
        await until(hass, sensor, STATE_ON)
        box.recorder.events.end(begun)
        await until(hass, sensor, STATE_OFF)


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_a_wrong_password_is_told(hass: HomeAssistant, box: RecorderBox) -> None:
    result = await ask(hass, box, "wrong")
    assert result["errors"] in ({CONF_PASSWORD: "auth_failed"}, {"base": "onvif_error"})


@pytest.mark.parametrize("box", [LIVE], indirect=True)
async def test_it_does_not_reckon_with_clocks_that_are_off(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    """The encoder is behind, and refuses what is signed so."""
    change(box, created_window=timedelta(seconds=10))
    result = await ask(hass, box)
    assert result["errors"] == {CONF_PASSWORD: "auth_failed"}


# Why it can't be set up on some, by what the form says.
WHY_NOT = {
    "onvif/digest": {"base": "onvif_error"},  # It knows no HTTP digest.
    "onvif/hostile": {CONF_PORT: "no_onvif_service"},  # It believes that the XML is UTF-16.
}


@pytest.mark.parametrize("box", personalities_of("onvif"), indirect=True)
async def test_where_it_can_be_set_up(hass: HomeAssistant, box: RecorderBox) -> None:
    why_not = WHY_NOT.get(box.personality.name)
    if why_not is not None:
        assert (await ask(hass, box))["errors"] == why_not
        return
    async with their_integration(hass, box) as entry:
        assert entry.state is ConfigEntryState.LOADED
        assert entities(hass, entry, "camera")
