"""Recorders that reboot, move and lose their cable come back by themselves, and none delays another."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import media_source
from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.coordinator import NvrConfigEntry
from custom_components.nvr.identity import recorder_identifier
from custom_components.nvr.library.maker import Patience
from custom_components.nvr.media_identifier import RecorderIdentifier
from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.personality import Options
from simulator.hikvision import personalities
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, login, main_camera
from tests.flow_walk import send, walk
from tests.polling import poll

REACHABLE = "binary_sensor.home_reachable"
FRONT = "camera.front_door"
HOUR = timedelta(hours=1)


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder."""
    async with RecorderBox(personalities.current(Options(password=PASSWORD))) as box:
        yield box


@pytest.fixture
async def stalled() -> AsyncIterator[RecorderBox]:
    """Plug in another recorder; it goes on answering until ``stall``."""
    async with RecorderBox(personalities.old(Options(password=PASSWORD))) as box:
        yield box
        box.recorder.faults.clear()


def stall(box: RecorderBox) -> None:
    """Let a recorder accept all connections and answer nothing."""
    box.recorder.faults.add(Fault(stall_at=0, unsigned=True))


def shown(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


async def test_a_reboot_costs_no_restart_and_no_refused_login(
    hass: HomeAssistant, box: RecorderBox, freezer: FrozenDateTimeFactory
) -> None:
    await add(hass, box)
    await box.unplug()
    await poll(hass, freezer)
    assert shown(hass, REACHABLE) == "off"
    await box.reboot(away_s=0.0)
    await poll(hass, freezer)
    assert shown(hass, REACHABLE) == "on"
    assert await async_get_image(hass, FRONT)
    instant = dt_util.utcnow() - HOUR
    answer = (await act(hass, "get_picture", entity_id=FRONT, instant=instant))[FRONT]
    assert Path(answer["path"]).exists()
    assert box.recorder.accounts.failed_logins == 0


async def test_a_recorder_that_is_off_at_the_start_is_there_when_it_is_on(
    hass: HomeAssistant, box: RecorderBox, freezer: FrozenDateTimeFactory
) -> None:
    entry = await add(hass, box)
    await box.unplug()
    assert not await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    await box.plug()
    await poll(hass, freezer)
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, FRONT) == "idle"


async def test_a_pulled_cable_does_not_cost_a_clip(hass: HomeAssistant, box: RecorderBox) -> None:
    entry = await add(hass, box)
    pulled = asyncio.Event()

    async def plug_in(_: float) -> None:
        pulled.set()
        await box.plug()

    maker = entry.runtime_data.clips.maker
    maker.patience = Patience(retries=(timedelta(seconds=10), timedelta(seconds=30)))
    maker._sleep = plug_in
    start = dt_util.utcnow() - HOUR
    end = start + timedelta(seconds=2)
    await box.unplug()
    answer = (await act(hass, "download_clip", entity_id=FRONT, start=start, end=end))[FRONT]
    assert pulled.is_set()
    assert answer["phase"] == "done"
    assert answer["missing"] == []


class TestAddress:
    """A recorder that is at another address."""

    @pytest.fixture
    async def moved(self, hass: HomeAssistant, box: RecorderBox) -> AsyncIterator[RecorderBox]:
        """Let the same recorder be at another address, and nobody at the old one."""
        await box.unplug()
        async with RecorderBox(personalities.current(Options(password=PASSWORD))) as moved:
            assert moved.address != box.address
            yield moved

    async def reconfigure(self, hass: HomeAssistant, entry: NvrConfigEntry, address: str) -> Any:
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        )
        flow = await walk(hass, flow, {"reconfigure": {CONF_HOST: address}, "credentials": login()})
        if flow["type"] == "menu":
            flow = await send(hass, flow, {"next_step_id": "login"})
        return flow

    async def test_reconfiguring_keeps_all_entities(
        self, hass: HomeAssistant, box: RecorderBox, moved: RecorderBox
    ) -> None:
        await box.plug()
        entry = await add(hass, box)
        await box.unplug()
        registry = er.async_get(hass)
        before = {
            one.entity_id: one.unique_id
            for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        }
        result = await self.reconfigure(hass, entry, moved.address)
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        after = {
            one.entity_id: one.unique_id
            for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        }
        assert after == before
        assert entry.unique_id is not None
        device = dr.async_get(hass).async_get_device_by_identifier(
            recorder_identifier(entry.unique_id), entry.entry_id
        )
        assert device is not None
        assert device.configuration_url == f"http://{moved.address}"
        assert await async_get_image(hass, FRONT)

    async def test_an_address_where_nobody_answers_is_told(
        self, hass: HomeAssistant, box: RecorderBox
    ) -> None:
        entry = await add(hass, box)
        before = dict(entry.data)
        await box.unplug()
        result = await self.reconfigure(hass, entry, box.address)
        assert result["errors"] == {"base": "cannot_connect"}
        assert entry.data == before


class TestStalled:
    """One recorder accepts connections and then says nothing."""

    async def test_it_does_not_delay_the_set_up_of_another(
        self, hass: HomeAssistant, box: RecorderBox, stalled: RecorderBox
    ) -> None:
        slow = await add(hass, stalled)
        fast = await add(hass, box)
        for entry in (slow, fast):
            await hass.config_entries.async_unload(entry.entry_id)
        stall(stalled)
        waiting = hass.async_create_background_task(
            hass.config_entries.async_setup(slow.entry_id), "the stalled recorder"
        )
        assert await hass.config_entries.async_setup(fast.entry_id)
        assert fast.state is ConfigEntryState.LOADED
        assert not waiting.done()
        stalled.recorder.faults.clear()
        await waiting

    async def test_it_does_not_delay_polls_actions_and_browsing_of_another(
        self, hass: HomeAssistant, box: RecorderBox, stalled: RecorderBox
    ) -> None:
        assert await async_setup_component(hass, "media_source", {})
        slow, fast = await add(hass, stalled), await add(hass, box)
        stall(stalled)
        start = dt_util.utcnow() - HOUR
        span: dict[str, Any] = {"start": start, "end": start + timedelta(seconds=2)}

        def everything(entry: NvrConfigEntry) -> list[Any]:
            camera = main_camera(hass, entry)
            channel = f"{RecorderIdentifier(entry.entry_id).media_content_id}".replace(
                "/recorder/", "/channel/"
            )
            return [
                entry.runtime_data.coordinator.async_refresh(),
                async_get_image(hass, camera),
                act(hass, "search_recordings", entity_id=camera, **span),
                *(act(hass, "download_clip", entity_id=camera, **span) for _ in range(3)),
                *(act(hass, "get_picture", entity_id=camera, instant=start) for _ in range(9)),
                media_source.async_browse_media(hass, f"{channel}/1"),
            ]

        waiting = [asyncio.ensure_future(one) for one in everything(slow)]
        await asyncio.sleep(0)
        await asyncio.gather(*everything(fast))
        assert fast.runtime_data.coordinator.last_update_success
        # All of the fast recorder's is done; of the stalled one's nothing can be.
        assert not any(one.done() and one.exception() is None for one in waiting)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
