"""A password that became wrong: what it costs, whatever is asked of Home Assistant meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.coordinator import NvrConfigEntry
from custom_components.nvr.guards import DATA_GUARDS, async_guard_of
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.hikvision import personalities
from tests.boxes import PASSWORD, add
from tests.flow_walk import send

# Two tries: one that found it out, one after a pause. A nonce that has just become worthless looks like a
# wrong password: the first try may be told by a second login.
MOST_REFUSED = 3
NEW_PASSWORD = "another"


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    async with RecorderBox(personalities.current(Options(password=PASSWORD))) as box:
        yield box


async def ask_for_everything(hass: HomeAssistant) -> None:
    """Do all that users, dashboards and automations do, at once and for every camera."""
    cameras = hass.states.async_entity_ids("camera")
    hour_ago = dt_util.utcnow() - timedelta(hours=1)
    span = {"start": hour_ago, "end": hour_ago + timedelta(seconds=2)}

    async def act(action: str, camera: str, **data: Any) -> None:
        with suppress(HomeAssistantError):
            await hass.services.async_call(
                DOMAIN, action, {"entity_id": camera, **data}, blocking=True, return_response=True
            )

    async def look(camera: str) -> None:
        with suppress(HomeAssistantError):
            await async_get_image(hass, camera)
        with suppress(HomeAssistantError):
            assert await async_get_stream_source(hass, camera) is None

    await asyncio.gather(
        *(act("search_recordings", camera, **span) for camera in cameras),
        *(act("download_clip", camera, **span) for camera in cameras),
        *(act("get_picture", camera, instant=hour_ago) for camera in cameras),
    )
    # Until the first refusal nobody knows that the addresses are worthless.
    await asyncio.gather(*map(look, cameras))


async def restart(hass: HomeAssistant, entry: NvrConfigEntry) -> None:
    """Forget all but what is stored, and set up as a start does."""
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop(DATA_GUARDS, None)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_wrong_password_costs_two_tries_whatever_is_asked(
    hass: HomeAssistant, hass_storage: dict[str, Any], box: RecorderBox
) -> None:
    entry = await add(hass, box)
    accounts = box.recorder.accounts
    accounts.set_password("admin", NEW_PASSWORD)
    before = accounts.failed_logins
    for _ in range(2):
        await ask_for_everything(hass)
    await restart(hass, entry)
    await hass.config_entries.async_reload(entry.entry_id)
    # The minute is over.
    (await async_guard_of(hass, entry.entry_id))._try_at = 0.0
    await hass.config_entries.async_reload(entry.entry_id)
    for _ in range(3):
        await ask_for_everything(hass)
        await restart(hass, entry)
        await hass.config_entries.async_reload(entry.entry_id)
    assert 1 <= accounts.failed_logins - before <= MOST_REFUSED
    assert entry.state is ConfigEntryState.SETUP_ERROR

    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    refused = accounts.failed_logins
    result = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: NEW_PASSWORD})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert accounts.failed_logins == refused
    assert await async_get_stream_source(hass, "camera.front_door") is not None


async def test_a_locked_account_is_left_alone_over_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any], box: RecorderBox
) -> None:
    entry = await add(hass, box)
    accounts = box.recorder.accounts
    accounts.set_password("admin", NEW_PASSWORD)
    await ask_for_everything(hass)
    guard = await async_guard_of(hass, entry.entry_id)
    assert guard.refused
    requests = box.recorder.requests.total
    await restart(hass, entry)
    await ask_for_everything(hass)
    assert box.recorder.requests.total == requests
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key is not None
    assert entry.error_reason_translation_key.startswith(("invalid_auth", "account_locked"))
