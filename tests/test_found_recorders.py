"""Picking a recorder from those that were found in the network."""

from dataclasses import replace
from html import unescape
from unittest.mock import AsyncMock

from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.nvr.const import CONF_RECORDER, CONF_VENDOR
from custom_components.nvr.discovery.models import FoundDevice
from custom_components.nvr.drivers.errors import UnknownDeviceError
from custom_components.nvr.scanning import DEVICE
from tests.flow_fixtures import Site
from tests.flow_walk import open_flow, send, suggested, walk
from tests.test_config_flow import ANSWERS, add, fields_of
from tests.test_discovery_flow import tell


async def test_recorder_is_picked_from_those_found(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.found = (
        FoundDevice(
            vendor="fake", host="192.0.2.8", name="NVR-16", model="NVR-16", serial="A", port=8000
        ),
        FoundDevice(vendor="fake", host="192.0.2.9", name="Porch", model="CAM-4", serial="B"),
    )
    flow = await open_flow(hass)
    field = fields_of(flow)[CONF_RECORDER]
    assert [option["label"] for option in field.config["options"]] == [
        "NVR-16 · 192.0.2.8",
        "Porch (CAM-4) · 192.0.2.9",
    ]
    # The first is picked already: one click is enough.
    flow = await send(hass, flow, {})
    assert flow["step_id"] == "credentials"
    assert flow["description_placeholders"] == {
        "name": "NVR-16",
        "model": "NVR&#45;16",
        "address": "192.0.2.8:8000",
    }
    result = await walk(hass, flow, ANSWERS)
    assert (result["data"][CONF_HOST], result["data"][CONF_PORT]) == ("192.0.2.8", 8000)


async def test_model_that_a_device_names_is_shown_as_it_is(hass: HomeAssistant, site: Site) -> None:
    model = "![x](http://192.0.2.66/) <b>"
    site.found = (FoundDevice(vendor="fake", host="192.0.2.8", name="NVR", model=model),)
    flow = await send(hass, await open_flow(hass), {})
    shown = flow["description_placeholders"]
    assert shown is not None
    assert not set("![]()<>:/.") & set(shown["model"])
    assert unescape(shown["model"]) == model


async def test_typed_address_is_meant_where_others_were_found(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.found = (FoundDevice(vendor="fake", host="192.0.2.8", name="NVR-16", serial="A"),)
    result = await add(hass)
    assert result["data"][CONF_HOST] == "192.0.2.7"


async def test_address_can_be_typed_where_the_network_can_not_be_searched(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.scan_error = OSError("too many open files")
    assert (await add(hass))["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("typed", "doors"),
    [
        ("192.0.2.7", ((None, False), (None, True))),
        ("192.0.2.7:8000", ((8000, False), (8000, True))),
    ],
)
@pytest.mark.parametrize("vendor", ["dahua", "hikvision"])
async def test_recorders_of_two_makers_behind_one_address_are_listed(
    hass: HomeAssistant,
    site: Site,
    set_up: AsyncMock,
    typed: str,
    doors: tuple[tuple[int | None, bool], ...],
    vendor: str,
) -> None:
    site.schemes = {False, True}
    site.vendors = dict(zip(doors, ("dahua", "hikvision"), strict=True))
    flow = await send(hass, await open_flow(hass), {CONF_HOST: typed})
    assert (flow["step_id"], suggested(flow)) == ("user", {})
    options = fields_of(flow)[CONF_RECORDER].config["options"]
    assert len(options) == 2
    picked = next(one["value"] for one in options if one["label"].casefold().startswith(vendor))
    flow = await send(hass, flow, {CONF_RECORDER: picked})
    result = await walk(hass, flow, ANSWERS)
    # The password went to no other.
    port, tls = next(door for door, one in site.vendors.items() if one == vendor)
    assert [(one.port, one.tls) for one in site.connections] == [(port, tls)]
    assert result["data"][CONF_VENDOR] == vendor


NEW = FoundDevice(
    vendor="fake", host="192.0.2.7", name="NVR-16", model="NVR-16", serial="A", needs_setup=True
)


async def test_recorder_without_a_password_is_marked_and_first_to_be_set_up(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.found = (NEW,)
    flow = await open_flow(hass)
    (option,) = fields_of(flow)[CONF_RECORDER].config["options"]
    assert option["label"] == "NVR-16 · 192.0.2.7 · not set up yet"
    flow = await send(hass, flow, {CONF_RECORDER: option["value"]})
    assert (flow["step_id"], fields_of(flow)) == ("not_set_up", {})
    shown = flow["description_placeholders"]
    assert shown is not None
    assert (shown["name"], shown["address"]) == ("NVR-16", "192.0.2.7")
    # Whoever looks again too early is told again; nobody logs in before.
    flow = await send(hass, flow, {})
    flow = await send(hass, flow, {CONF_RECORDER: option["value"]})
    assert flow["step_id"] == "not_set_up"
    site.found = (replace(NEW, needs_setup=False),)
    flow = await send(hass, flow, {})
    (option,) = fields_of(flow)[CONF_RECORDER].config["options"]
    assert option["label"] == "NVR-16 · 192.0.2.7"
    assert site.driver.calls == {}
    flow = await send(hass, flow, {CONF_RECORDER: option["value"]})
    assert (await walk(hass, flow, ANSWERS))["type"] is FlowResultType.CREATE_ENTRY


async def test_recorder_without_a_password_may_answer_as_none_does(
    hass: HomeAssistant, site: Site
) -> None:
    site.found = (replace(NEW, port=8000),)
    site.recognise.side_effect = UnknownDeviceError("a page to set it up")
    flow = await send(hass, await open_flow(hass), {})
    assert (flow["step_id"], flow["errors"]) == ("not_set_up", {})
    assert flow["description_placeholders"] == {
        "name": "NVR-16",
        "model": "NVR&#45;16",
        "address": "192.0.2.7:8000",
    }


async def test_offer_of_a_recorder_without_a_password_says_so(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    flow = await tell(hass, SOURCE_INTEGRATION_DISCOVERY, {DEVICE: NEW})
    assert flow["step_id"] == "not_set_up"
    (offer,) = hass.config_entries.flow.async_progress()
    placeholders = offer["context"].get("title_placeholders")
    assert placeholders == {"name": "NVR-16 · 192.0.2.7 · not set up yet"}
    site.found = (replace(NEW, needs_setup=False),)
    flow = await send(hass, flow, {})
    assert flow["step_id"] == "user"
    result = await walk(hass, await send(hass, flow, {}), ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert site.driver.calls["connect"] == 1
