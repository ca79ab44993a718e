"""Diagnostics tell how things are, and no secret."""

from dataclasses import replace
from datetime import timedelta
import json
import time
from typing import Any
from urllib.parse import quote

from homeassistant.const import CONF_PASSWORD
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.const import CONF_ENDPOINT, DOMAIN
from custom_components.nvr.drivers.errors import AccountLockedError, CannotConnectError
from custom_components.nvr.drivers.models import Clock, Missing, StreamName
from custom_components.nvr.library.job import ClipRequest
from tests.fake_driver import MAC, PASSWORD, SERIAL, FakeDriver, recorder_state

TELLTALES = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    "127.0.0.1",
    SERIAL,
    MAC,
    MAC.upper(),
    MAC.replace(":", ""),
    MAC.replace(":", "-").upper(),
    "CAM0001",
    "198.51.100.",
    "9c:14:63",
    '"admin"',
)


@pytest.fixture
def driver() -> FakeDriver:
    """Return a recorder whose texts are full of what may not get out."""
    driver = FakeDriver()
    driver.answer = replace(
        recorder_state(),
        clock=Clock(evidence=f"http://admin:{PASSWORD}@127.0.0.1/time of {SERIAL}"),
        missing=(Missing(what="disks", reason=f"rtsp://other:word@host/ at {MAC.upper()}"),),
    )
    driver.learned = {
        "dialect": "v2",
        "query": quote(PASSWORD, safe=""),
        SERIAL: [MAC.replace(":", "-").upper(), 3, None],
    }
    return driver


async def fetch(hass: HomeAssistant, hass_client: ClientSessionGenerator, path: str) -> Any:
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{path}")
    assert response.status == 200
    text = await response.text()
    data = json.loads(text)["data"]
    assert not [word for word in TELLTALES if word in json.dumps(data)]
    return data


@pytest.fixture(autouse=True)
async def with_diagnostics(hass: HomeAssistant) -> None:
    """Set up what serves them."""
    assert await async_setup_component(hass, "diagnostics", {})


async def test_of_the_entry(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    named = {**loaded_entry.data, CONF_ENDPOINT: "urn:uuid:4419b6-1"}
    hass.config_entries.async_update_entry(loaded_entry, data=named)
    driver.error = CannotConnectError(f"no answer from 127.0.0.1 to admin:{PASSWORD}")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    data = await fetch(hass, hass_client, loaded_entry.entry_id)
    assert data["entry"]["data"]["port"] == 8080
    assert data["entry"]["data"][CONF_PASSWORD] == "**REDACTED**"
    assert data["entry"]["data"][CONF_ENDPOINT] == "**REDACTED**"
    assert data["polling"]["succeeded"] is False
    assert data["polling"]["interval"] == 60
    assert data["polling"]["last_error"].startswith("UpdateFailed")
    assert data["driver"]["traffic"] == {"requests": 2, "logins": 1}
    assert data["driver"]["memory"]["dialect"] == "v2"
    assert data["driver"]["memory"]["**REDACTED**"] == ["**REDACTED**", 3, None]
    assert data["state"]["recorder"]["model"] == "NVR-16"
    assert data["state"]["recorder"]["serial"] == "**REDACTED**"
    assert data["state"]["channels"][1]["streams"][0]["codec"] == "H.265"
    assert data["state"]["channels"][2]["reason"] == "unreachable"
    assert data["state"]["clock"]["convention"] == "unknown"
    assert data["state"]["clock"]["evidence"].endswith("/time of **REDACTED**")
    assert data["state"]["missing"][0]["reason"] == "rtsp://**REDACTED**@host/ at **REDACTED**"
    assert data["state"]["last_boot"] == "2026-11-01T06:30:00+00:00"


async def test_what_the_guard_of_the_login_holds(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    data = await fetch(hass, hass_client, loaded_entry.entry_id)
    assert data["login"]["phase"] == "open"
    driver.guard.refuse(AccountLockedError("locked", seconds_left=300))
    data = await fetch(hass, hass_client, loaded_entry.entry_id)
    assert data["login"]["phase"] == "waiting"
    assert data["login"]["locked"] is True
    assert data["login"]["locked_until"] > time.time()


async def test_how_many_clip_jobs_are_in_which_phase(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    assert (await fetch(hass, hass_client, loaded_entry.entry_id))["clip_jobs"] == {}
    queue = loaded_entry.runtime_data.clips
    start = dt_util.utcnow() - timedelta(hours=1)
    wish = ClipRequest(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=start + timedelta(seconds=10),
        name="x",
    )
    # Nothing is recorded of any channel.
    await queue.wait((await queue.submit(wish, "camera.front_door", Context())).id)
    assert (await fetch(hass, hass_client, loaded_entry.entry_id))["clip_jobs"] == {"failed": 1}


async def test_of_a_channel(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    loaded_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    device = device_registry.async_get_device_by_identifier(
        (DOMAIN, f"{SERIAL}_1"), loaded_entry.entry_id
    )
    assert device is not None
    data = await fetch(hass, hass_client, f"{loaded_entry.entry_id}/device/{device.id}")
    assert data["channel"]["number"] == 1
    assert data["channel"]["serial"] == "**REDACTED**"
    assert data["recordings"]["oldest"] == "2026-09-01T00:00:00+00:00"
    assert "driver" not in data


async def test_of_the_recorder_is_all(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    device_id = loaded_entry.runtime_data.device_id
    data = await fetch(hass, hass_client, f"{loaded_entry.entry_id}/device/{device_id}")
    assert data["driver"]["refused"] is False
    assert len(data["state"]["channels"]) == 3


async def test_of_a_recorder_that_is_not_loaded(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    hass_client: ClientSessionGenerator,
) -> None:
    device_id = loaded_entry.runtime_data.device_id
    driver.error = CannotConnectError(f"no answer from 127.0.0.1 to admin:{PASSWORD}")
    await hass.config_entries.async_reload(loaded_entry.entry_id)
    for path in (loaded_entry.entry_id, f"{loaded_entry.entry_id}/device/{device_id}"):
        data = await fetch(hass, hass_client, path)
        assert data["entry"]["state"] == "setup_retry"
        assert data["entry"]["reason"] == "The recorder can't be reached"
        assert data["entry"]["data"]["port"] == 8080
        assert "state" not in data
        assert data["driver"]["memory"]["dialect"] == "v2"
