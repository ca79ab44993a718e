"""What a driver learned of its recorder, kept over restarts."""

from copy import deepcopy

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN, MEMORY_SAVE_DELAY_SECONDS
from .drivers.driver import JsonValue, Memory

STORAGE_VERSION = 1


class DriverMemory:
    """The file that holds the memory of one entry's driver."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize."""
        self._store: Store[dict[str, JsonValue]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}", private=True
        )
        self._known: dict[str, JsonValue] = {}
        self._unsaved = False

    async def async_load(self) -> Memory:
        """Return what earlier drivers learned; empty for a new entry."""
        self._known = await self._store.async_load() or {}
        return deepcopy(self._known)

    @callback
    def save_changes(self, memory: Memory) -> None:
        """Write what is new in a driver's memory, a little later."""
        if memory == self._known:
            return
        self._known = deepcopy(dict(memory))
        self._unsaved = True
        self._store.async_delay_save(self._take, MEMORY_SAVE_DELAY_SECONDS)

    async def async_flush(self) -> None:
        """Write now what waits to be written."""
        if self._unsaved:
            await self._store.async_save(self._take())

    async def async_remove(self) -> None:
        """Remove the file."""
        await self._store.async_remove()

    @callback
    def _take(self) -> dict[str, JsonValue]:
        self._unsaved = False
        return self._known
