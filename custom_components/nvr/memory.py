"""What a driver learned of its recorder, kept over restarts."""

from copy import deepcopy

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, MEMORY_SAVE_DELAY_SECONDS
from .drivers.driver import Driver, JsonValue, Memory

STORAGE_VERSION = 1

DATA_LEARNED: HassKey[dict[str, Memory]] = HassKey(f"{DOMAIN}_learned")


@callback
def hand_over(hass: HomeAssistant, recorder: str, memory: Memory) -> None:
    """Keep what was learned of a recorder while it was added, until its new entry takes it over.

    Else all of it would be asked twice, which is two requests a channel on some recorders.
    """
    hass.data.setdefault(DATA_LEARNED, {})[recorder] = memory


class DriverMemory:
    """The file that holds the memory of one entry's driver."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize."""
        self._hass = hass
        self._store: Store[dict[str, JsonValue]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}", private=True
        )
        self._written: dict[str, JsonValue] = {}
        self._driver: Driver | None = None
        self._waiting = False

    async def async_begin(self, recorder: str | None) -> Memory:
        """Return what earlier drivers learned, for a new entry what was learned while its recorder was added."""
        if learned := self._hass.data.get(DATA_LEARNED, {}).pop(recorder or "", None):
            # At once: a set-up that fails now is tried again.
            await self._store.async_save(dict(learned))
        return await self.async_load()

    async def async_load(self) -> Memory:
        """Return what earlier drivers learned; empty for a new entry."""
        self._written = await self._store.async_load() or {}
        return deepcopy(self._written)

    @callback
    def follow(self, driver: Driver | None) -> None:
        """Write what a driver learns from now on, a little later; None stands for no driver.

        It learns between polls too, by searches and downloads: what that was is looked at when the
        recorder is polled, when the entry is unloaded and when Home Assistant stops.
        """
        self._driver = driver
        if self._changed():
            self._waiting = True
            self._store.async_delay_save(self._take, MEMORY_SAVE_DELAY_SECONDS)

    async def async_flush(self, _: object = None) -> None:
        """Write now what is new, or waits to be written."""
        if self._waiting or self._changed():
            await self._store.async_save(self._take())

    async def async_remove(self) -> None:
        """Remove the file."""
        await self._store.async_remove()

    def _changed(self) -> bool:
        return self._driver is not None and self._driver.memory != self._written

    @callback
    def _take(self) -> dict[str, JsonValue]:
        self._waiting = False
        if self._driver is not None:
            self._written = deepcopy(dict(self._driver.memory))
        return self._written
