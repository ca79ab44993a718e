"""What all recorders share: the folder of clips, and what reads footage while a recorder is loaded."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from .clip_sessions import ClipSessions
from .clip_thumbnails import ClipThumbnails
from .const import CONF_FREE_GIGABYTES, CONF_MEDIA_FOLDER, DOMAIN, LOGGER
from .footage.cache import FootageCache
from .footage.converted import Converter
from .footage.workers import WorkerPool
from .library.folder import RESERVE_BYTES, ClipFolder
from .playback_sessions import PlaybackSessions
from .thumbnails import Thumbnails

MEDIA_DIRECTORY = "local"
"""The name of the media folder that every Home Assistant has unless its owner says otherwise."""

BYTES_PER_GIGABYTE = 1_000_000_000

CACHE_TRIMMED = timedelta(minutes=1)

BORROWED_FOR = timedelta(minutes=10)
"""How long a viewer of clips may pause while no recorder is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What reads footage: there from the first recorder's loading to the last one's unloading, or while clips are seen.

    ``users`` are those who count on it, a new one for each time that a recorder is loaded.
    """

    workers: WorkerPool
    cache: FootageCache
    playback: PlaybackSessions
    clip_playback: ClipSessions
    thumbnails: Thumbnails
    clip_thumbnails: ClipThumbnails
    stop_trimming: CALLBACK_TYPE
    users: set[object] = field(default_factory=set)

    async def close(self) -> None:
        """End all processes and timers, and remove what was cached."""
        self.stop_trimming()
        await self.playback.close()
        await self.clip_playback.close()
        await self.workers.close()
        await self.cache.close()


DATA_LIBRARY: HassKey[ClipFolder] = HassKey(f"{DOMAIN}_library")
DATA_SHARED: HassKey[Shared] = HassKey(f"{DOMAIN}_shared")
DATA_RELEASING: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_releasing")
DATA_BORROWED: HassKey[CALLBACK_TYPE] = HassKey(f"{DOMAIN}_borrowed")

_VIEWERS = object()
"""Those who see clips, as one user of what is shared."""


@callback
def reserved_bytes(hass: HomeAssistant) -> int:
    """Return how much of the media folder's disk stays free: the most that is wanted for any recorder."""
    wanted = (
        int(entry.options.get(CONF_FREE_GIGABYTES, 0) * BYTES_PER_GIGABYTE)
        for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    )
    return max((RESERVE_BYTES, *wanted))


@callback
def media_folder(hass: HomeAssistant) -> tuple[str, str]:
    """Return name and path of the media folder that clips are saved in: the one that a user chose, else the usual."""
    directories = hass.config.media_dirs
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        name = entry.options.get(CONF_MEDIA_FOLDER)
        if name in directories:
            return name, directories[name]
    name = MEDIA_DIRECTORY if MEDIA_DIRECTORY in directories else next(iter(directories), "")
    return name, directories.get(name) or hass.config.path("media")


async def async_setup_library(hass: HomeAssistant) -> None:
    """Open the folder of clips, and clean up after a Home Assistant that ended in the middle."""
    _, media = media_folder(hass)
    cache = FootageCache(_cache_folder(hass))
    folder = hass.data[DATA_LIBRARY] = ClipFolder(Path(media) / DOMAIN, cache.give_way)
    if count := await hass.async_add_executor_job(folder.remove_left_overs):
        LOGGER.info("Removed %s clips that an earlier run left half-written", count)
    await cache.close()

    async def stop(_: Event) -> None:
        # Stopping Home Assistant does not unload recorders.
        await async_release_shared(hass)

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop)


@callback
def async_get_shared(hass: HomeAssistant) -> Shared:
    """Return what reads footage, made now for the first recorder that asks."""
    if (shared := hass.data.get(DATA_SHARED)) is not None:
        return shared
    workers = WorkerPool()
    cache = FootageCache(_cache_folder(hass))
    thumbnails = Thumbnails(hass, workers, cache)
    converter = Converter(workers)

    async def trim(_: datetime) -> None:
        await cache.trim()

    shared = hass.data[DATA_SHARED] = Shared(
        workers=workers,
        cache=cache,
        playback=PlaybackSessions(hass, workers, cache, converter, thumbnails.give_way),
        clip_playback=ClipSessions(hass, workers, cache, converter),
        thumbnails=thumbnails,
        clip_thumbnails=ClipThumbnails(hass, workers, cache),
        stop_trimming=async_track_time_interval(
            hass, trim, CACHE_TRIMMED, name=f"{DOMAIN} cache", cancel_on_shutdown=True
        ),
    )
    return shared


async def async_join_shared(hass: HomeAssistant, user: object) -> Shared:
    """Return what reads footage for a recorder that is being loaded; it has to leave again.

    Where the last recorder has just left, this waits until all of that has ended: the new cache lies
    where the old one did.
    """
    async with _releasing(hass):
        shared = async_get_shared(hass)
        shared.users.add(user)
        hass.data[DATA_LIBRARY].reserve_bytes = reserved_bytes(hass)
        return shared


async def async_leave_shared(
    hass: HomeAssistant, shared: Shared, entry_id: str, user: object
) -> None:
    """End what is running for a recorder that is unloaded, and all if it was the last one.

    This may take its time; a recorder that is loaded again meanwhile is another user.
    """
    await shared.playback.close_entry(entry_id)
    await _leave(hass, shared, user)


async def async_borrow_shared(hass: HomeAssistant) -> Shared:
    """Return what reads footage to somebody who sees a clip: clips outlive their recorders.

    Where no recorder is loaded, it ends some minutes after the last call.
    """

    async def give_back(_: datetime) -> None:
        del hass.data[DATA_BORROWED]
        await _leave(hass, shared, _VIEWERS)

    async with _releasing(hass):
        shared = async_get_shared(hass)
        if shared.users - {_VIEWERS}:
            return shared
        _stop_waiting(hass)
        shared.users.add(_VIEWERS)
        hass.data[DATA_BORROWED] = async_call_later(
            hass, BORROWED_FOR, HassJob(give_back, cancel_on_shutdown=True)
        )
        return shared


async def _leave(hass: HomeAssistant, shared: Shared, user: object) -> None:
    shared.users.discard(user)
    async with _releasing(hass):
        if not shared.users and hass.data.get(DATA_SHARED) is shared:
            del hass.data[DATA_SHARED]
            await shared.close()


async def async_release_shared(hass: HomeAssistant) -> None:
    """End everything that reads footage."""
    async with _releasing(hass):
        _stop_waiting(hass)
        if (shared := hass.data.pop(DATA_SHARED, None)) is not None:
            await shared.close()


@callback
def _stop_waiting(hass: HomeAssistant) -> None:
    if (stop := hass.data.pop(DATA_BORROWED, None)) is not None:
        stop()


@callback
def _releasing(hass: HomeAssistant) -> asyncio.Lock:
    return hass.data.setdefault(DATA_RELEASING, asyncio.Lock())


def _cache_folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.cache_path(DOMAIN))
