"""A component for test runs alone: counts the tasks inside Home Assistant, and polls a recorder now."""

import asyncio
from collections import Counter
from contextlib import suppress
import ctypes
import gc

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.typing import ConfigType

DOMAIN = "faults_probe"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)

# One for each connection of a client, which is the run itself.
CONNECTION = "RequestHandler.start"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Answer questions."""
    hass.http.register_view(TasksView())
    hass.http.register_view(PollView())
    return True


class TasksView(HomeAssistantView):
    """What runs at this moment."""

    url = f"/api/{DOMAIN}/tasks"
    name = f"api:{DOMAIN}:tasks"

    async def get(self, request: web.Request) -> web.Response:
        """Count the tasks of the event loop by what they do, and let go of memory nobody uses."""
        gc.collect()
        with suppress(AttributeError):
            # What the C library keeps for later use is no growth; only glibc has this.
            ctypes.CDLL(None).malloc_trim(0)
        tasks = Counter(
            getattr(task.get_coro(), "__qualname__", repr(task.get_coro()))
            for task in asyncio.all_tasks()
        )
        tasks.pop(CONNECTION, None)
        return self.json(tasks)


class PollView(HomeAssistantView):
    """The poll that comes once a minute, now; Home Assistant's action for it waits for ten seconds."""

    url = f"/api/{DOMAIN}/poll/{{entry_id}}"
    name = f"api:{DOMAIN}:poll"

    async def post(self, request: web.Request, entry_id: str) -> web.Response:
        """Poll a recorder and say whether it answered."""
        entry = request.app[KEY_HASS].config_entries.async_get_entry(entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.json(False)
        coordinator = entry.runtime_data.coordinator
        await coordinator.async_refresh()
        return self.json(coordinator.last_update_success)
