"""Network video recorders: live pictures, what they recorded, and clips of it."""

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .clip_events import fire_clip_event
from .connection import recorder_session
from .const import CONF_VENDOR, DOMAIN, FIRST_PLATFORMS, OTHER_PLATFORMS
from .coordinator import NvrConfigEntry, NvrCoordinator, NvrData
from .devices import keep_devices, register_recorder
from .drivers.catalog import make_driver
from .guards import async_forget_guard, async_guard_of
from .identity import channel_number, recorder_key
from .library.job import Failure, JobPhase
from .library.maker import ClipMaker
from .library.picture import PictureMaker
from .library.queue import ClipQueue
from .library.store import JobStore
from .memory import DriverMemory
from .moving import stop_following
from .offers import keep_offers_new
from .scanning import keep_scanning, stop_scanning_if_unwanted
from .services import async_setup_services
from .shared import (
    DATA_LIBRARY,
    async_join_shared,
    async_leave_shared,
    async_setup_library,
)
from .trust import (
    async_ask_of_enabled_alone,
    async_certificate_is_right,
    async_trusted_connection,
)
from .views import async_register_views

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all recorders share."""
    await async_setup_library(hass)
    async_register_views(hass)
    async_setup_services(hass)
    async_ask_of_enabled_alone(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: NvrConfigEntry) -> bool:
    """Set up a recorder.

    Raises:
        ConfigEntryNotReady: It can't be reached, its refusal of our login is less than a minute old, or
            another recorder was given its address.
        ConfigEntryAuthFailed: It refused our login for good: it is not even asked until a user enters
            credentials, however often it is set up.
    """
    # Also for one that isn't there: it may have moved.
    keep_scanning(hass)
    keep_offers_new(hass, entry)
    guard = await async_guard_of(hass, entry.entry_id)
    memory = DriverMemory(hass, entry.entry_id)
    entry.async_on_unload(memory.async_flush)
    # Stopping Home Assistant does not unload recorders.
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, memory.async_flush))
    connection = await async_trusted_connection(hass, entry)
    driver = make_driver(
        entry.data[CONF_VENDOR],
        connection,
        recorder_session(hass),
        await memory.async_begin(entry.unique_id),
        guard,
    )
    entry.async_on_unload(driver.close)
    coordinator = NvrCoordinator(hass, entry, driver, memory, guard)
    async with AsyncExitStack() as failed:
        # While the session is still open: some recorders are to be told that we leave.
        failed.push_async_callback(driver.close)
        await coordinator.async_config_entry_first_refresh()
        failed.pop_all()

    shared = await async_join_shared(hass, driver)
    entry.async_on_unload(partial(async_leave_shared, hass, shared, entry.entry_id, driver))
    workers = shared.workers.share(entry.entry_id)
    maker = ClipMaker(driver, workers)
    folder = hass.data[DATA_LIBRARY]
    clips = ClipQueue(hass, entry, maker, folder, lambda: coordinator.data)
    entry.async_on_unload(clips.listen(partial(fire_clip_event, hass)))
    entry.runtime_data = NvrData(
        clips=clips,
        pictures=PictureMaker(hass, entry, maker, workers, folder),
        driver=driver,
        coordinator=coordinator,
        device_id=register_recorder(hass, entry, coordinator.data.recorder),
    )
    keep_devices(hass, entry)
    # Cameras are what people wait for; of the rest a large recorder has hundreds.
    await hass.config_entries.async_forward_entry_setups(entry, FIRST_PLATFORMS)
    await hass.config_entries.async_forward_entry_setups(entry, OTHER_PLATFORMS)
    # Entities listen by now, so none misses what becomes of a job that is taken up again.
    await clips.start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: NvrConfigEntry) -> bool:
    """Unload a recorder. Driver, session and timers end by what set-up registered."""
    platforms = (*FIRST_PLATFORMS, *OTHER_PLATFORMS)
    if not await hass.config_entries.async_unload_platforms(entry, platforms):
        return False
    await entry.runtime_data.clips.close()
    await entry.runtime_data.driver.close()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: NvrConfigEntry) -> None:
    """Remove what was kept for a recorder, and end its jobs. Saved clips stay: they are the user's."""
    stop_following(hass, entry.entry_id)
    stop_scanning_if_unwanted(hass)
    async_certificate_is_right(hass, entry)
    await async_forget_guard(hass, entry.entry_id)
    await DriverMemory(hass, entry.entry_id).async_remove()
    jobs = JobStore(hass, entry.entry_id)
    failure = Failure(cause="recorder_removed")
    for job in await jobs.load():
        fire_clip_event(hass, replace(job, phase=JobPhase.FAILED, failure=failure))
    await jobs.remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: NvrConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Allow to delete a channel's device as long as the recorder doesn't list the channel."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    state = entry.runtime_data.coordinator.data
    number = channel_number(recorder_key(state.recorder), device)
    return number is not None and state.channel(number) is None
