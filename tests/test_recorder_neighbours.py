"""Whatever becomes of one recorder, another of another maker goes on as if nothing were."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
import ssl
from typing import Any

from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.const import DOMAIN
from simulator.box import RecorderBox
from simulator.core.certificate import WebCertificate
from simulator.core.faults import Fault
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, main_camera

# What the failing recorder answers to everything.
FAILURES = {
    "nothing but that it is busy": Fault(status=HTTPStatus.SERVICE_UNAVAILABLE, unsigned=True),
    "nonsense": Fault(garbage_at=0, garbage=4096, unsigned=True),
    "with the end of the connection": Fault(drop=True, unsigned=True),
    "half": Fault(cut_at=200, reset=True, unsigned=True),
}


@pytest.fixture
def certificate() -> WebCertificate:
    return WebCertificate()


@pytest.fixture
async def failing(certificate: WebCertificate) -> AsyncIterator[RecorderBox]:
    """Plug in the recorder that fails."""
    personality = PERSONALITIES["hikvision/camera"](Options(password=PASSWORD))
    async with RecorderBox(personality, tls=certificate.context) as box:
        yield box


@pytest.fixture
async def sound() -> AsyncIterator[RecorderBox]:
    """Plug in the one that doesn't."""
    personality = PERSONALITIES["dahua/camera"](Options(password=PASSWORD))
    async with RecorderBox(personality) as box:
        yield box


@pytest.fixture(autouse=True)
def failed_handshakes(hass: HomeAssistant) -> None:
    """Take it for no failure of Home Assistant's that the recorder, in the same loop, sees handshakes fail."""
    told = hass.loop.get_exception_handler()
    assert told is not None

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), ssl.SSLError | ConnectionError):
            told(loop, context)

    hass.loop.set_exception_handler(tell)


async def test_one_fails_in_every_way_and_the_other_goes_on(
    hass: HomeAssistant,
    failing: RecorderBox,
    sound: RecorderBox,
    certificate: WebCertificate,
) -> None:
    bad, good = await add(hass, failing), await add(hass, sound)
    cameras = main_camera(hass, bad), main_camera(hass, good)

    async def is_untouched() -> None:
        """Poll both, and use the sound one, also in one action with the other."""
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await entry.runtime_data.coordinator.async_refresh()
        await hass.async_block_till_done()
        assert good.state is ConfigEntryState.LOADED
        assert good.runtime_data.coordinator.last_update_success
        assert (await async_get_image(hass, cameras[1])).content
        now = dt_util.utcnow()
        span: dict[str, Any] = {"start": now - timedelta(hours=2), "end": now - timedelta(hours=1)}
        answers = await act(hass, "search_recordings", entity_id=list(cameras), **span)
        assert answers[cameras[0]]["error"]
        assert answers[cameras[1]]["recordings"]
        assert sound.recorder.accounts.failed_logins == 0

    for failure in FAILURES.values():
        failing.recorder.faults.add(failure)
        await is_untouched()
        failing.recorder.faults.clear()
    await failing.unplug()
    await is_untouched()
    certificate.renew()
    await failing.plug()
    await is_untouched()
    assert bad.state is ConfigEntryState.SETUP_RETRY
    await hass.config_entries.async_remove(bad.entry_id)
    await good.runtime_data.coordinator.async_refresh()
    assert good.state is ConfigEntryState.LOADED
    assert (await async_get_image(hass, cameras[1])).content
