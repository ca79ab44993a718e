"""Home Assistant looks for recorders by itself and when it is asked; the network's answers are given here.

`tests/discovery` and `tests/network` show that they are what devices say.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigEntryDisabler,
)
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.discovery_flow import DiscoveryKey
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.nvr.const import CONF_ENDPOINT, CONF_HIDDEN_CHANNELS, DOMAIN
from custom_components.nvr.discovery.models import DeviceKind, FoundDevice, Protocol
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Channel
from custom_components.nvr.known_devices import keep_endpoint
from custom_components.nvr.moving import DATA_PURSUITS
from custom_components.nvr.scanning import (
    FIRST_SCAN,
    SCAN_INTERVAL,
    async_scan,
)
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import MAC, SERIAL, FakeDriver, channel, recorder_state
from tests.flow_fixtures import Site

NEW_IP = "192.0.2.9"
FOUND = FoundDevice(
    vendor="hikvision",
    host=NEW_IP,
    port=80,
    name="DS-7608NI-K2",
    serial="DS-7608NI-K2-1",
    mac="4c:bd:8f:00:00:01",
    kind=DeviceKind.RECORDER,
    protocols=frozenset({Protocol.SADP}),
)
OURS = replace(FOUND, serial=SERIAL, mac=MAC)


@dataclass
class Network:
    """What answers, and what was asked for.

    ``answering`` is cleared where answers shall take their time.
    """

    found: tuple[FoundDevice, ...] = (FOUND,)
    asked: list[list[str]] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def scan(self, addresses: Iterable[str]) -> tuple[FoundDevice, ...]:
        """Stand in for the scan."""
        self.asked.append(list(addresses))
        await self.answering.wait()
        return self.found


@pytest.fixture
def network() -> Iterator[Network]:
    """Let the network answer as the test says."""
    network = Network()
    network.answering.set()
    with patch("custom_components.nvr.scanning.scan", network.scan):
        yield network


@pytest.fixture
def offered() -> Iterator[list[dict[str, Any]]]:
    """List what is offered to the user."""
    flows: list[dict[str, Any]] = []

    def create(
        _hass: HomeAssistant, domain: str, context: Any, data: Any, *, discovery_key: DiscoveryKey
    ) -> None:
        assert domain == DOMAIN
        assert context == {"source": SOURCE_INTEGRATION_DISCOVERY}
        flows.append({**data, "key": discovery_key.key})

    with patch("homeassistant.helpers.discovery_flow.async_create_flow", create):
        yield flows


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: Any) -> None:
    """Let time pass, and everything happen that is due."""
    freezer.tick(time)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_the_interfaces_that_home_assistant_uses_are_asked(
    hass: HomeAssistant, network: Network
) -> None:
    assert await async_scan(hass) == (FOUND,)
    # As the test plugin says of the machine.
    assert network.asked == [["10.10.10.10/24"]]


async def test_a_device_without_a_driver_is_not_listed(
    hass: HomeAssistant, network: Network
) -> None:
    network.found = (FOUND, replace(FOUND, vendor="nobody"), replace(FOUND, vendor=None))
    assert await async_scan(hass) == (FOUND,)


async def test_all_who_ask_at_a_time_share_a_scan(hass: HomeAssistant, network: Network) -> None:
    network.answering.clear()
    leaver, stayer = (asyncio.ensure_future(async_scan(hass)) for _ in range(2))
    while not network.asked:
        await asyncio.sleep(0)
    leaver.cancel()
    await asyncio.wait([leaver])
    network.answering.set()
    assert await stayer == (FOUND,)
    assert len(network.asked) == 1
    assert await async_scan(hass) == (FOUND,)
    assert len(network.asked) == 2


@pytest.mark.parametrize(
    "found",
    [
        OURS,
        replace(OURS, serial=None),
        replace(OURS, mac=None),
        # Found by another protocol alone, which tells neither.
        replace(FOUND, serial=None, mac=None, host=ENTRY_DATA[CONF_HOST]),
        replace(FOUND, serial=None, mac=None, other_hosts=(ENTRY_DATA[CONF_HOST],)),
    ],
)
async def test_recorders_that_are_set_up_are_not_listed(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, network: Network, found: FoundDevice
) -> None:
    network.found = (found,)
    assert await async_scan(hass) == ()


async def test_another_device_where_a_recorder_was_is_listed(
    hass: HomeAssistant, entry: MockConfigEntry, network: Network
) -> None:
    network.found = (replace(FOUND, host=ENTRY_DATA[CONF_HOST]),)
    assert await async_scan(hass) == network.found


CAMERA = replace(FOUND, serial=None, mac=None, kind=DeviceKind.CAMERA)
BEHIND = replace(channel(1), serial="CAMERA-1", host=NEW_IP, mac="4c:bd:8f:00:00:02", online=False)


@pytest.mark.parametrize("hidden", [[], [1]])
@pytest.mark.parametrize(
    ("found", "channels", "listed"),
    [
        (replace(CAMERA, host="192.0.2.30", serial="CAMERA-1"), [BEHIND], False),
        (replace(CAMERA, host="192.0.2.30", mac=BEHIND.mac), [BEHIND], False),
        (CAMERA, [BEHIND], False),
        (replace(CAMERA, kind=None), [BEHIND], False),
        (replace(CAMERA, host="192.0.2.30", other_hosts=(NEW_IP,)), [BEHIND], False),
        (replace(CAMERA, mac=MAC[:-1] + "9"), [replace(BEHIND, mac=None)], False),
        # Others, one of which was given the address of a camera that is gone, or has it in another network.
        (replace(CAMERA, host="192.0.2.30"), [BEHIND], True),
        (replace(CAMERA, serial="CAMERA-2"), [BEHIND], True),
        (replace(CAMERA, mac="4c:bd:8f:00:00:03"), [BEHIND], True),
        # Another recorder whose channels this one shows.
        (replace(CAMERA, serial="CAMERA-1", kind=DeviceKind.RECORDER), [BEHIND], True),
        (replace(CAMERA, kind=None), [BEHIND, replace(BEHIND, number=2)], True),
        # One with two lenses.
        (CAMERA, [BEHIND, replace(BEHIND, number=2)], False),
    ],
)
async def test_the_cameras_of_a_recorder_that_is_set_up_are_not_listed(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    network: Network,
    made_drivers: Any,
    found: FoundDevice,
    channels: list[Channel],
    listed: bool,
    hidden: list[int],
) -> None:
    driver.answer = recorder_state(*channels)
    hass.config_entries.async_update_entry(entry, options={CONF_HIDDEN_CHANNELS: hidden})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    network.found = (found,)
    assert await async_scan(hass) == ((found,) if listed else ())


async def test_new_devices_are_offered_on_a_schedule(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
) -> None:
    await pass_time(hass, freezer, FIRST_SCAN / 2)
    assert network.asked == []
    await pass_time(hass, freezer, FIRST_SCAN)
    assert offered == [{"device": FOUND, "key": FOUND.serial}]
    await pass_time(hass, freezer, SCAN_INTERVAL / 2)
    assert len(network.asked) == 1
    await pass_time(hass, freezer, SCAN_INTERVAL)
    assert len(network.asked) == 2


async def test_what_is_ignored_is_listed_and_not_offered(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
) -> None:
    MockConfigEntry(domain=DOMAIN, source=SOURCE_IGNORE, unique_id=FOUND.mac).add_to_hass(hass)
    await pass_time(hass, freezer, FIRST_SCAN)
    assert len(network.asked) == 1
    assert offered == []
    assert await async_scan(hass) == (FOUND,)


async def test_a_recorder_that_is_gone_is_followed(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
    site: Site,
) -> None:
    site.driver = FakeDriver()
    driver.error_at[ENTRY_DATA[CONF_HOST]] = CannotConnectError("no route")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    network.found = (OURS,)
    await pass_time(hass, freezer, FIRST_SCAN)
    assert loaded_entry.data[CONF_HOST] == NEW_IP
    assert offered == []


@pytest.mark.parametrize("host", [NEW_IP, ENTRY_DATA[CONF_HOST]])
async def test_a_recorder_that_answers_is_left_where_it_is(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
    site: Site,
    host: str,
) -> None:
    network.found = (replace(OURS, host=host),)
    await pass_time(hass, freezer, FIRST_SCAN)
    assert len(network.asked) == 1
    assert loaded_entry.data == ENTRY_DATA
    assert site.connections == []
    # Nor is it asked whether it is still there.
    assert not hass.data.get(DATA_PURSUITS)
    assert offered == []


# As many devices of ONVIF answer: strangers get to know neither serial number nor MAC address.
NAMELESS = replace(
    FOUND,
    vendor="onvif",
    host=ENTRY_DATA[CONF_HOST],
    port=None,
    serial=None,
    mac=None,
    endpoint="urn:uuid:1",
)


async def test_a_recorder_that_tells_strangers_little_is_followed(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
    site: Site,
) -> None:
    site.driver = FakeDriver()
    network.found = (NAMELESS,)
    await pass_time(hass, freezer, FIRST_SCAN)
    assert loaded_entry.data == {**ENTRY_DATA, CONF_ENDPOINT: "urn:uuid:1"}
    driver.error_at[ENTRY_DATA[CONF_HOST]] = CannotConnectError("no route")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    network.found = (replace(NAMELESS, host=NEW_IP),)
    await pass_time(hass, freezer, SCAN_INTERVAL)
    assert loaded_entry.data[CONF_HOST] == NEW_IP
    assert offered == []


KNOWN = "urn:uuid:0"


@pytest.mark.parametrize(
    ("known", "found", "others", "kept"),
    [
        (None, NAMELESS, (), "urn:uuid:1"),
        (KNOWN, NAMELESS, (), "urn:uuid:1"),
        # The recorder is heard elsewhere, so this is another one at its address, or behind another port of it.
        (KNOWN, NAMELESS, (replace(NAMELESS, endpoint=KNOWN),), KNOWN),
        # What says who it is needs no other name.
        (None, replace(NAMELESS, serial=SERIAL), (), None),
        (None, replace(NAMELESS, endpoint=None), (), None),
        (None, replace(NAMELESS, host=NEW_IP), (), None),
    ],
)
async def test_which_name_of_a_recorder_is_kept(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    known: str | None,
    found: FoundDevice,
    others: tuple[FoundDevice, ...],
    kept: str | None,
) -> None:
    if known is not None:
        data = {**loaded_entry.data, CONF_ENDPOINT: known}
        hass.config_entries.async_update_entry(loaded_entry, data=data)
    keep_endpoint(hass, loaded_entry, found, (found, *others))
    assert loaded_entry.data.get(CONF_ENDPOINT) == kept


async def test_who_answers_where_a_recorder_was_gets_no_name_of_it(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
    site: Site,
) -> None:
    driver.error_at[ENTRY_DATA[CONF_HOST]] = CannotConnectError("no route")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    network.found = (NAMELESS,)
    await pass_time(hass, freezer, FIRST_SCAN)
    assert len(network.asked) == 1
    assert CONF_ENDPOINT not in loaded_entry.data


async def test_without_entries_nobody_looks(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    network: Network,
) -> None:
    await hass.config_entries.async_remove(loaded_entry.entry_id)
    await pass_time(hass, freezer, 2 * FIRST_SCAN)
    assert network.asked == []


async def test_a_disabled_entry_is_none(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    network: Network,
    offered: list[dict[str, Any]],
) -> None:
    await hass.config_entries.async_set_disabled_by(loaded_entry.entry_id, ConfigEntryDisabler.USER)
    await pass_time(hass, freezer, 2 * FIRST_SCAN)
    assert network.asked == []
    await hass.config_entries.async_set_disabled_by(loaded_entry.entry_id, None)
    await pass_time(hass, freezer, 2 * FIRST_SCAN)
    assert len(network.asked) == 1
