"""Home Assistant on a network with recorders: what it looks for by itself, and what it makes of it."""

from datetime import timedelta
from functools import partial

from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.nvr import scanning
from custom_components.nvr.const import DOMAIN
from custom_components.nvr.discovery.scan import scan
from custom_components.nvr.scanning import FIRST_SCAN, async_scan
from tests.boxes import add

from .conftest import Recorders
from .home import Machine

SECONDS = 1.0


@pytest.fixture(autouse=True)
def short_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "scan", partial(scan, seconds=SECONDS))


async def let_it_look(hass: HomeAssistant) -> None:
    """Let the time come at which Home Assistant looks by itself."""
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN + timedelta(seconds=1))
    await hass.async_block_till_done(wait_background_tasks=True)


def offered(hass: HomeAssistant) -> list[str]:
    """Return the addresses of the recorders that a user is told of."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert {flow["context"]["source"] for flow in flows} <= {SOURCE_INTEGRATION_DISCOVERY}
    names = (flow["context"]["title_placeholders"]["name"] for flow in flows)
    return sorted(name.rpartition(" ")[2] for name in names)


async def test_it_finds_what_is_on_its_own_network(
    asker: Machine, hass: HomeAssistant, recorders: Recorders
) -> None:
    await recorders.plug("hikvision/current", 21)
    await recorders.plug("dahua/nvr", 31)
    await recorders.plug("onvif/nvr", 41)
    found = await async_scan(hass)
    assert [device.host for device in found] == ["10.10.10.21", "10.10.10.31", "10.10.10.41"]


async def test_others_are_offered_once_a_recorder_was_added(
    asker: Machine, hass: HomeAssistant, recorders: Recorders
) -> None:
    await add(hass, await recorders.plug("hikvision/current", 21))
    await recorders.plug("dahua/nvr", 31)
    await recorders.plug("onvif/nvr", 41)
    await let_it_look(hass)
    assert offered(hass) == ["10.10.10.31", "10.10.10.41"]
    assert [device.host for device in await async_scan(hass)] == ["10.10.10.31", "10.10.10.41"]


@pytest.mark.parametrize("personality", ["hikvision/current", "dahua/nvr"])
async def test_a_recorder_that_moved_is_followed(
    asker: Machine, hass: HomeAssistant, recorders: Recorders, personality: str
) -> None:
    box = await recorders.plug(personality, 21)
    entry = await add(hass, box)
    assert entry.data[CONF_HOST] == "10.10.10.21"
    await recorders.pull(box)
    await recorders.plug(personality, 55)
    await entry.runtime_data.coordinator.async_refresh()
    assert not entry.runtime_data.coordinator.last_update_success
    await let_it_look(hass)
    assert entry.data[CONF_HOST] == "10.10.10.55"
    assert offered(hass) == []


async def test_another_one_is_offered_and_not_taken_for_the_one_that_is_gone(
    asker: Machine, hass: HomeAssistant, recorders: Recorders
) -> None:
    box = await recorders.plug("hikvision/current", 21)
    entry = await add(hass, box)
    await recorders.pull(box)
    await recorders.plug("hikvision/old", 55)
    await entry.runtime_data.coordinator.async_refresh()
    await let_it_look(hass)
    assert entry.data[CONF_HOST] == "10.10.10.21"
    assert offered(hass) == ["10.10.10.55"]
