"""What is offered is offered as long as it is new, and where it is known by name as well."""

from collections.abc import AsyncIterator
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import SOURCE_DHCP, SOURCE_SSDP
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, async_get_clientsession
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.discovery.models import FoundDevice
from custom_components.nvr.scanning import async_scan
from tests.fake_driver import channel
from tests.flow_fixtures import Site
from tests.test_config_flow import add
from tests.test_discovery_flow import HOST, TOLD, tell

NAME = "recorder.lan"
CAMERA = DhcpServiceInfo(ip=str(channel(1).host), hostname="gate", macaddress="9c1463000001")
OTHER = DhcpServiceInfo(ip="192.0.2.77", hostname="porch", macaddress="4419b6000002")


@pytest.fixture
async def resolve(hass: HomeAssistant) -> AsyncIterator[AsyncMock]:
    """Let a name lead to the recorder that is told of."""
    async_get_clientsession(hass)
    answer = AsyncMock(return_value=[{"host": HOST}])
    with patch.object(hass.data[DATA_RESOLVER], "resolve", answer):
        yield answer


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set a recorder up, and let happen what follows from it."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("source", TOLD)
@pytest.mark.usefixtures("made_drivers")
async def test_offers_of_what_was_added_otherwise_and_of_cameras_behind_it_go(
    hass: HomeAssistant, site: Site, source: str
) -> None:
    for flow in (await tell(hass, source), await tell(hass, SOURCE_DHCP, CAMERA)):
        assert flow["type"] is FlowResultType.FORM
    stays = await tell(hass, SOURCE_DHCP, OTHER)
    assert (await add(hass))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["flow_id"] == stays["flow_id"]


@pytest.mark.usefixtures("made_drivers")
async def test_offer_goes_where_the_recorder_is_set_up_by_name(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, resolve: AsyncMock
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: NAME})
    # As long as it isn't there, what tells no more than its address may be another.
    resolve.side_effect = OSError("nobody knows")
    assert (await tell(hass, SOURCE_SSDP))["type"] is FlowResultType.FORM
    resolve.side_effect = None
    await set_up(hass, entry)
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.usefixtures("made_drivers")
async def test_recorder_that_is_set_up_by_name_is_not_listed(
    hass: HomeAssistant, entry: MockConfigEntry, resolve: AsyncMock, known: bool
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: NAME})
    await set_up(hass, entry)
    if not known:
        resolve.side_effect = OSError("nobody knows")
    found = FoundDevice(vendor="onvif", host=HOST, name="Garage")
    with patch("custom_components.nvr.scanning.scan", AsyncMock(return_value=(found,))):
        assert await async_scan(hass) == (() if known else (found,))
    assert resolve.call_args.args == (NAME,)


@pytest.mark.parametrize("source", TOLD)
@pytest.mark.usefixtures("made_drivers")
async def test_recorder_that_is_set_up_by_name_is_not_offered(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, resolve: AsyncMock, source: str
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: NAME})
    await set_up(hass, entry)
    result = await tell(hass, source)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    # It is where it was, and keeps its name.
    assert entry.data[CONF_HOST] == NAME
    assert DOMAIN not in {flow["handler"] for flow in hass.config_entries.flow.async_progress()}
