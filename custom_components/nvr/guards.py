"""The guard of each entry's credentials: it outlives drivers, reloads and restarts of Home Assistant.

Home Assistant makes a driver at every try to set up, and starts anew whenever somebody wants. None of that
may cost another login where the recorder refused the last one: only other credentials do.
"""

from dataclasses import dataclass

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .drivers.driver import JsonValue
from .drivers.guard import LoginGuard

STORAGE_VERSION = 1


@dataclass(frozen=True, slots=True)
class _KeptGuard:
    guard: LoginGuard
    store: Store[dict[str, JsonValue]]
    stop_keeping: CALLBACK_TYPE


DATA_GUARDS: HassKey[dict[str, _KeptGuard]] = HassKey(f"{DOMAIN}_guards")


def _store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, JsonValue]]:
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.guard", private=True)


async def async_guard_of(hass: HomeAssistant, entry_id: str) -> LoginGuard:
    """Return the guard of an entry. Its credentials worked once, else there were no entry."""
    guards = hass.data.setdefault(DATA_GUARDS, {})
    if (known := guards.get(entry_id)) is not None:
        return known.guard
    store = _store_of(hass, entry_id)
    kept = await store.async_load()
    guard = LoginGuard(proven=True, kept=kept)

    def keep() -> None:
        # At once: what is lost in a crash would be tried again after it.
        hass.async_create_task(store.async_save(guard.kept()), f"{DOMAIN} guard")

    guards[entry_id] = _KeptGuard(guard, store, guard.on_changed(keep))
    if kept and guard.kept() != kept:
        # A login that was on its way when Home Assistant ended counts from now on.
        keep()
    return guard


@callback
def guard_state(hass: HomeAssistant, entry_id: str) -> dict[str, JsonValue] | None:
    """Return what an entry's guard holds, None for an entry that was not set up since the start."""
    known = hass.data.get(DATA_GUARDS, {}).get(entry_id)
    return None if known is None else known.guard.kept()


async def async_forget_guard(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what was judged: the entry is removed, or has other credentials."""
    known = hass.data.get(DATA_GUARDS, {}).pop(entry_id, None)
    if known is not None:
        known.stop_keeping()
    store = known.store if known is not None else _store_of(hass, entry_id)
    # This waits for a write that is going on, and takes the place of one that waits.
    await store.async_save({})
    await store.async_remove()
