"""The guard of each entry's credentials: it outlives drivers, reloads and restarts of Home Assistant.

Home Assistant makes a driver at every try to set up, and starts anew whenever somebody wants. None of that
may cost another login where the recorder refused the last one: only other credentials do.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .drivers.driver import JsonValue
from .drivers.guard import LoginGuard

STORAGE_VERSION = 1

MOST_ADDRESSES = 8
"""How many other addresses an entry's credentials may be tried at before a user has to say where it is."""

_ELSEWHERE = "elsewhere"


@dataclass(slots=True)
class _KeptGuard:
    """The guard where the recorder is looked for, and those of addresses that it may have moved to."""

    hass: HomeAssistant
    guard: LoginGuard
    store: Store[dict[str, JsonValue]]
    elsewhere: dict[str, LoginGuard] = field(default_factory=dict)
    stop_keeping: list[CALLBACK_TYPE] = field(default_factory=list)

    def kept(self) -> dict[str, JsonValue]:
        """Return what has to outlive a restart, as JSON."""
        others: dict[str, JsonValue] = {host: one.kept() for host, one in self.elsewhere.items()}
        return {**self.guard.kept(), **({_ELSEWHERE: others} if others else {})}

    @callback
    def keep(self) -> None:
        """Store what was judged, at once: what is lost in a crash would be tried again after it."""
        self.hass.async_create_task(self.store.async_save(self.kept()), f"{DOMAIN} guard")

    @callback
    def add(self, host: str, guard: LoginGuard) -> LoginGuard:
        """Keep what is judged at another address, too."""
        self.elsewhere[host] = guard
        self.stop_keeping.append(guard.on_changed(self.keep))
        return guard


DATA_GUARDS: HassKey[dict[str, _KeptGuard]] = HassKey(f"{DOMAIN}_guards")
DATA_LOCK: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_guards_lock")


def _store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, JsonValue]]:
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}.guard", private=True)


async def async_guard_of(hass: HomeAssistant, entry_id: str) -> LoginGuard:
    """Return the guard of an entry. Its credentials worked once, else there were no entry."""
    return (await _kept_guard(hass, entry_id)).guard


async def async_guard_elsewhere(hass: HomeAssistant, entry_id: str, host: str) -> LoginGuard | None:
    """Return the guard of an entry's credentials at an address that its recorder may have moved to.

    What somebody else refused at the old address says nothing of the new one. As it may have been the recorder
    itself, though, a refusal here is then the last: else a recorder that boots is asked once more.

    Returns:
        None where they were tried at too many addresses.
    """
    kept = await _kept_guard(hass, entry_id)
    if (known := kept.elsewhere.get(host)) is not None:
        return known
    if len(kept.elsewhere) >= MOST_ADDRESSES:
        return None
    return kept.add(host, LoginGuard(proven=not kept.guard.refused))


async def _kept_guard(hass: HomeAssistant, entry_id: str) -> _KeptGuard:
    guards = hass.data.setdefault(DATA_GUARDS, {})
    # Two guards of the same credentials would each allow all that one may.
    async with _lock(hass):
        if (known := guards.get(entry_id)) is None:
            known = guards[entry_id] = await _load(hass, entry_id)
        return known


async def _load(hass: HomeAssistant, entry_id: str) -> _KeptGuard:
    store = _store_of(hass, entry_id)
    stored = await store.async_load() or {}
    kept = _KeptGuard(hass, LoginGuard(proven=True, kept=stored), store)
    kept.stop_keeping.append(kept.guard.on_changed(kept.keep))
    others = stored.get(_ELSEWHERE)
    for host, told in [*others.items()][:MOST_ADDRESSES] if isinstance(others, Mapping) else ():
        if isinstance(told, Mapping):
            kept.add(host, LoginGuard(kept=told))
    if stored and kept.kept() != stored:
        # A login that was on its way when Home Assistant ended counts from now on.
        kept.keep()
    return kept


@callback
def _lock(hass: HomeAssistant) -> asyncio.Lock:
    return hass.data.setdefault(DATA_LOCK, asyncio.Lock())


@callback
def guard_state(hass: HomeAssistant, entry_id: str) -> dict[str, JsonValue] | None:
    """Return what an entry's guard holds, None for an entry that was not set up since the start."""
    known = hass.data.get(DATA_GUARDS, {}).get(entry_id)
    return None if known is None else known.guard.kept()


async def async_forget_guard(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what was judged: the entry is removed, or has other credentials or another address."""
    # Whoever sets the entry up meanwhile waits, so that the old judgement isn't read once more.
    async with _lock(hass):
        known = hass.data.get(DATA_GUARDS, {}).pop(entry_id, None)
        for stop in known.stop_keeping if known is not None else ():
            stop()
        store = known.store if known is not None else _store_of(hass, entry_id)
        # This waits for a write that is going on, and takes the place of one that waits.
        await store.async_save({})
        await store.async_remove()
