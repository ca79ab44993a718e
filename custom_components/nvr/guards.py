"""The guard of each entry's credentials: it outlives drivers, as Home Assistant makes one at every try."""

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .drivers.guard import LoginGuard

DATA_GUARDS: HassKey[dict[str, LoginGuard]] = HassKey(f"{DOMAIN}_guards")


def guard_of(hass: HomeAssistant, entry_id: str) -> LoginGuard:
    """Return the guard of an entry. Its credentials worked once, else there were no entry."""
    guards = hass.data.setdefault(DATA_GUARDS, {})
    if entry_id not in guards:
        guards[entry_id] = LoginGuard(proven=True)
    return guards[entry_id]


def forget_guard(hass: HomeAssistant, entry_id: str) -> None:
    """Forget what was judged: the entry is removed, or has other credentials."""
    hass.data.get(DATA_GUARDS, {}).pop(entry_id, None)
