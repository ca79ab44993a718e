"""What Home Assistant is told of devices: what proves to be a new recorder is offered, once."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from unittest.mock import AsyncMock

from aiohttp import ClientSession
from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_IGNORE,
    SOURCE_INTEGRATION_DISCOVERY,
    SOURCE_SSDP,
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigEntryDisabler,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import (
    ATTR_UPNP_FRIENDLY_NAME,
    ATTR_UPNP_MODEL_NAME,
    SsdpServiceInfo,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import (
    CONF_ENDPOINT,
    CONF_FINGERPRINT,
    CONF_RECORDER,
    CONF_TLS,
    DOMAIN,
)
from custom_components.nvr.discovery.models import FoundDevice
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DriverError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.scanning import DEVICE
from tests.fake_driver import MAC, SERIAL
from tests.flow_fixtures import FINGERPRINT, Site
from tests.flow_walk import open_flow, send, walk
from tests.test_config_flow import ANSWERS, CREDENTIALS

HOST = "192.0.2.7"
FOUND = FoundDevice(vendor="fake", host=HOST, name="Garage", model="NVR-16", serial=SERIAL, mac=MAC)
DHCP = DhcpServiceInfo(ip=HOST, hostname="garage", macaddress=MAC.replace(":", ""))
SSDP = SsdpServiceInfo(
    ssdp_usn="uuid:1",
    ssdp_st="upnp:rootdevice",
    ssdp_location=f"http://{HOST}:49152/description.xml",
    upnp={ATTR_UPNP_FRIENDLY_NAME: "Garage", ATTR_UPNP_MODEL_NAME: "NVR-16"},
)
ZEROCONF = ZeroconfServiceInfo(
    ip_address=ip_address(HOST),
    ip_addresses=[ip_address(HOST)],
    port=80,
    hostname="garage.local.",
    type="_psia._tcp.local.",
    name="Garage._psia._tcp.local.",
    properties={},
)
TOLD: dict[str, Any] = {
    SOURCE_INTEGRATION_DISCOVERY: {DEVICE: FOUND},
    SOURCE_DHCP: DHCP,
    SOURCE_SSDP: SSDP,
    SOURCE_ZEROCONF: ZEROCONF,
}


async def tell(hass: HomeAssistant, source: str, told: Any = None) -> ConfigFlowResult:
    """Tell of a device."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": source}, data=TOLD[source] if told is None else told
    )


def placeholders(hass: HomeAssistant) -> Mapping[str, str] | None:
    """Return what the only flow is called by."""
    (flow,) = hass.config_entries.flow.async_progress()
    return flow["context"].get("title_placeholders")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (SOURCE_INTEGRATION_DISCOVERY, "Garage (NVR-16) · 192.0.2.7"),
        (SOURCE_DHCP, "garage · 192.0.2.7"),
        (SOURCE_SSDP, "Garage (NVR-16) · 192.0.2.7"),
        (SOURCE_ZEROCONF, "Garage · 192.0.2.7"),
    ],
)
async def test_recorder_is_offered_and_added(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, source: str, name: str
) -> None:
    flow = await tell(hass, source)
    # Whoever opens it has nothing to do but to log in. Until then, nobody did.
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "credentials")
    assert placeholders(hass) == {"name": name}
    assert site.driver.calls == {}
    result = await send(hass, await send(hass, flow, CREDENTIALS), {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == SERIAL
    assert result["data"][CONF_HOST] == HOST


@pytest.mark.parametrize("source", TOLD)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UnknownDeviceError("a printer"), "unknown_device"),
        (CannotConnectError("asleep"), "cannot_connect"),
    ],
)
async def test_what_proves_to_be_none_is_not_offered(
    hass: HomeAssistant, site: Site, source: str, error: DriverError, reason: str
) -> None:
    site.recognise.side_effect = error
    result = await tell(hass, source)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    assert site.driver.calls == {}
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("second", TOLD)
@pytest.mark.parametrize("first", TOLD)
async def test_one_device_is_offered_once(
    hass: HomeAssistant, site: Site, first: str, second: str
) -> None:
    assert (await tell(hass, first))["type"] is FlowResultType.FORM
    result = await tell(hass, second)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_in_progress")


async def test_one_device_at_two_addresses_is_offered_once(hass: HomeAssistant, site: Site) -> None:
    await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    elsewhere = DhcpServiceInfo(ip="192.0.2.77", hostname="garage", macaddress=MAC.replace(":", ""))
    assert (await tell(hass, SOURCE_DHCP, elsewhere))["reason"] == "already_in_progress"
    other = DhcpServiceInfo(ip="192.0.2.77", hostname="porch", macaddress="4419b6000002")
    assert (await tell(hass, SOURCE_DHCP, other))["type"] is FlowResultType.FORM


MOVED = DhcpServiceInfo(ip="192.0.2.77", hostname="garage", macaddress=MAC.replace(":", ""))


def leave(site: Site, host: str) -> None:
    """Let nobody answer at an address any more."""

    async def recognise(connection: Connection, session: ClientSession) -> str:
        if connection.host == host:
            raise CannotConnectError("no route")
        return "fake"

    site.recognise.side_effect = recognise


async def test_device_that_moves_while_it_is_offered_is_added_where_it_is(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    leave(site, HOST)
    flow = await tell(hass, SOURCE_DHCP, MOVED)
    # The other offer is gone.
    assert placeholders(hass) == {"name": "garage · 192.0.2.77"}
    result = await walk(hass, flow, ANSWERS)
    assert result["data"][CONF_HOST] == "192.0.2.77"


async def test_offer_stays_where_the_device_answers_or_does_not_at_the_new_address(
    hass: HomeAssistant, site: Site
) -> None:
    await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    assert (await tell(hass, SOURCE_DHCP, MOVED))["reason"] == "already_in_progress"
    site.recognise.side_effect = CannotConnectError("asleep")
    assert (await tell(hass, SOURCE_DHCP, MOVED))["reason"] == "cannot_connect"
    assert placeholders(hass) == {"name": "Garage (NVR-16) · 192.0.2.7"}


async def test_offer_that_a_user_has_opened_stays(hass: HomeAssistant, site: Site) -> None:
    offered = await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    await hass.config_entries.flow.async_configure(offered["flow_id"])
    leave(site, HOST)
    assert (await tell(hass, SOURCE_DHCP, MOVED))["reason"] == "already_in_progress"
    assert placeholders(hass) == {"name": "Garage (NVR-16) · 192.0.2.7"}


async def test_offer_of_another_device_at_an_address_that_is_left_stays(
    hass: HomeAssistant, site: Site
) -> None:
    await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    leave(site, HOST)
    other = replace(MOVED, macaddress="4419b6000002")
    assert (await tell(hass, SOURCE_DHCP, other))["type"] is FlowResultType.FORM
    assert len(hass.config_entries.flow.async_progress()) == 2


async def test_what_a_user_adds_is_not_moved_meanwhile(hass: HomeAssistant, site: Site) -> None:
    site.found = (FOUND,)
    flow = await open_flow(hass)
    picked = await send(hass, flow, {CONF_RECORDER: FOUND.key})
    assert picked["step_id"] == "credentials"
    leave(site, HOST)
    assert (await tell(hass, SOURCE_DHCP, MOVED))["reason"] == "already_in_progress"


@pytest.mark.parametrize("source", TOLD)
@pytest.mark.usefixtures("made_drivers")
async def test_recorder_of_ours_is_not_offered(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, source: str
) -> None:
    data = {**entry.data, CONF_HOST: HOST, CONF_PORT: None}
    hass.config_entries.async_update_entry(entry, data=data)
    # Some tell no serial number: then it is known by its address, where it answers.
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    result = await tell(hass, source)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert site.connections == []


@pytest.mark.parametrize(
    ("found", "offered"),
    [
        (FoundDevice(vendor="fake", host="127.0.0.1", port=8081, name="Porch"), True),
        (FoundDevice(vendor="fake", host="127.0.0.1", port=8081, name="Porch", serial="B"), True),
        (FoundDevice(vendor="fake", host="127.0.0.1", port=8080, name="Garage"), False),
        (FoundDevice(vendor="fake", host="127.0.0.1", name="Garage"), False),
        # Interfaces of the same recorder, each with its own port.
        (FoundDevice(vendor="fake", host="127.0.0.1", port=8443, https=True, name="x"), False),
        (FoundDevice(vendor="onvif", host="127.0.0.1", port=8000, https=False, name="x"), False),
        (FoundDevice(vendor=None, host="127.0.0.1", port=8000, name="x"), False),
    ],
)
async def test_recorder_at_another_port_of_an_address_is_offered(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    site: Site,
    found: FoundDevice,
    offered: bool,
) -> None:
    result = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: found})
    assert result.get("step_id") == ("credentials" if offered else None)
    assert result.get("reason") == (None if offered else "already_configured")


async def test_recorder_of_ours_is_followed_after_it_proved_to_be_it(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    result = await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    assert result["reason"] == "recorder_moved"
    assert entry.data[CONF_HOST] == HOST
    assert site.driver.calls == {"connect": 1}


async def test_recorder_that_is_disabled_is_left_alone(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    result = await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    assert result["reason"] == "already_configured"
    assert site.driver.calls == {}


@pytest.mark.parametrize("source", [SOURCE_INTEGRATION_DISCOVERY, SOURCE_DHCP])
async def test_ignored_device_stays_ignored(hass: HomeAssistant, site: Site, source: str) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=MAC, source=SOURCE_IGNORE).add_to_hass(hass)
    assert (await tell(hass, source))["reason"] == "already_configured"
    assert site.recognise.mock_calls == []


async def test_device_that_is_ignored_while_it_is_looked_at_is_not_offered(
    hass: HomeAssistant, site: Site
) -> None:
    async def recognise(connection: Connection, session: ClientSession) -> str:
        if not hass.config_entries.async_entries(DOMAIN):
            MockConfigEntry(domain=DOMAIN, unique_id=MAC, source=SOURCE_IGNORE).add_to_hass(hass)
        return "fake"

    site.recognise.side_effect = recognise
    result = await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    ("addresses", "host"),
    [
        (["fd00::7", "192.0.2.9"], "192.0.2.9"),
        (["fe80::7", "192.0.2.9", "2001:db8::7"], "192.0.2.9"),
        (["fe80::7", "fd00::7"], "fd00::7"),
        (["169.254.1.2", "2001:db8::7"], "2001:db8::7"),
    ],
)
async def test_recorder_is_added_by_the_best_of_the_addresses_that_it_tells(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, addresses: list[str], host: str
) -> None:
    parsed = [ip_address(one) for one in addresses]
    # As Home Assistant chooses.
    first = next(one for one in parsed if not one.is_link_local)
    told = replace(ZEROCONF, ip_address=first, ip_addresses=parsed)
    flow = await tell(hass, SOURCE_ZEROCONF, told)
    assert placeholders(hass) == {"name": f"Garage · {host}"}
    assert (await tell(hass, SOURCE_ZEROCONF, told))["reason"] == "already_in_progress"
    result = await walk(hass, flow, ANSWERS)
    assert result["data"][CONF_HOST] == host


async def test_recorder_that_tells_two_addresses_is_offered_once(
    hass: HomeAssistant, site: Site
) -> None:
    both = [ip_address("192.0.2.9"), ip_address("fd00::7")]
    await tell(hass, SOURCE_ZEROCONF, replace(ZEROCONF, ip_address=both[1], ip_addresses=both))
    told = replace(SSDP, ssdp_location="http://[fd00::7]:49152/description.xml")
    assert (await tell(hass, SOURCE_SSDP, told))["reason"] == "already_in_progress"


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "description.xml",
        "http://[::1",
        "http://[nvr:80:80]/description.xml",
        # Without the interface that it was told by, the first leads nowhere. Entries outlive the name of the second's.
        "http://[fe80::7]:49152/description.xml",
        "http://[fe80::7%25eth0]:49152/description.xml",
    ],
)
async def test_what_does_not_say_where_it_is_is_not_offered(
    hass: HomeAssistant, site: Site, location: str | None
) -> None:
    told = SsdpServiceInfo(
        ssdp_usn="uuid:1", ssdp_st="upnp:rootdevice", ssdp_location=location, upnp={}
    )
    assert (await tell(hass, SOURCE_SSDP, told))["reason"] == "unknown_device"


async def test_port_that_a_device_was_heard_to_name_may_be_wrong(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.closed_ports.add(8000)
    told = {DEVICE: FoundDevice(vendor="fake", host=HOST, name="Garage", port=8000, https=False)}
    flow = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, told)
    result = await walk(hass, flow, ANSWERS)
    assert result["data"][CONF_PORT] is None


@pytest.mark.parametrize(
    ("port", "https"), [(80, None), (80, False), (8000, None), (8000, False), (None, True)]
)
async def test_recorder_that_names_its_plain_door_is_asked_for_its_encrypted_one(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, port: int | None, https: bool | None
) -> None:
    site.schemes = {False, True}
    # Where a port is named in plain words, TLS is found at its own.
    site.closed_tls_ports.add(8000)
    found = replace(FOUND, port=port, https=https)
    flow = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: found})
    result = await walk(hass, flow, ANSWERS)
    assert (result["data"][CONF_TLS], result["data"][CONF_PORT]) == (True, None)
    assert result["data"][CONF_FINGERPRINT] == FINGERPRINT


async def test_recorder_that_names_an_encrypted_door_that_is_closed_is_added(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    flow = await tell(
        hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: replace(FOUND, port=None, https=True)}
    )
    result = await walk(hass, flow, ANSWERS)
    assert result["data"][CONF_TLS] is False


async def test_door_that_a_recorder_names_is_better_than_the_usual_one(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.schemes = {False, True}
    found = replace(FOUND, port=8000, https=True)
    flow = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: found})
    result = await walk(hass, flow, ANSWERS)
    assert (result["data"][CONF_TLS], result["data"][CONF_PORT]) == (True, 8000)


async def test_typed_address_of_a_device_that_is_offered_adds_it(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    await tell(hass, SOURCE_INTEGRATION_DISCOVERY)
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await walk(hass, flow, ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    # The offer is gone with it.
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (replace(FOUND, serial=None, mac=None, endpoint="urn:uuid:1"), "urn:uuid:1"),
        (replace(FOUND, endpoint="urn:uuid:1"), None),
    ],
    ids=["nameless", "named"],
)
async def test_recorder_that_tells_strangers_little_is_known_by_its_endpoint(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, found: FoundDevice, kept: str | None
) -> None:
    flow = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: found})
    result = await walk(hass, flow, ANSWERS)
    assert result["data"].get(CONF_ENDPOINT) == kept
