"""Following a recorder that was given another address.

Home Assistant sees a device ask for an address, which is before it has it, and tells that once. So an address
that isn't the recorder's yet is looked at again for a while: one that boots takes a minute until it answers.
"""

from dataclasses import replace

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .connection import connection_of
from .const import DOMAIN, LOGGER
from .coordinator import NvrConfigEntry
from .drivers.errors import DriverError
from .finding import find_recorder
from .guards import async_forget_guard, async_guard_elsewhere
from .host_names import async_leads_to, is_address
from .identity import recorder_key
from .trust import trust_data

MOVED = "recorder_moved"
STAYS = "already_configured"
NOT_THERE = "cannot_connect"
SOMEBODY_ELSE = "wrong_recorder"

LOOKS_BY_NAME = 2
"""Where a name may still lead to the old address: it is told of the new one a little later than we are."""

PAUSES_SECONDS = (10, 20, 40, 80, 150, 300, 300)
"""Between looks at an address; a quarter of an hour in all, more than the slowest recorders take to boot."""


class _Pursuit:
    """Looks at one address until the recorder proves to be there, or to be where it was."""

    def __init__(self, hass: HomeAssistant, entry: NvrConfigEntry, host: str) -> None:
        """Initialize."""
        self._hass = hass
        self._entry = entry
        self._host = host
        self._pauses = list(PAUSES_SECONDS)
        self._stop_waiting: CALLBACK_TYPE | None = None

    async def look(self) -> str:
        """Look once, and say why nothing more is to be done or, as well, that it is looked again later."""
        entry = self._entry
        if await _answers(entry):
            return STAYS
        guard = await async_guard_elsewhere(self._hass, entry.entry_id, self._host)
        if guard is None or guard.final:
            return STAYS
        host = await self._wanted_host()
        if host is None:
            return NOT_THERE
        data = {**entry.data, CONF_HOST: host}
        # Whoever claims the recorder's address gets no password to read before it proved to be ours.
        connection = replace(connection_of(data), digest_only=True)
        try:
            found = await find_recorder(self._hass, connection, guard)
        except DriverError as error:
            LOGGER.debug("%s is not at its new address: %s", entry.title, error)
            return NOT_THERE
        if recorder_key(found.recorder) != entry.unique_id:
            return SOMEBODY_ELSE
        if not self._is_wanted():
            return STAYS
        await async_forget_guard(self._hass, entry.entry_id)
        data |= trust_data(found.connection)
        self._hass.config_entries.async_update_entry(entry, data=data)
        self._hass.config_entries.async_schedule_reload(entry.entry_id)
        return MOVED

    async def _wanted_host(self) -> str | None:
        """Return by what the recorder is to be reached, None while that may yet turn out.

        A name that a user typed is kept as long as it leads to the recorder.
        """
        host: str = self._entry.data[CONF_HOST]
        if is_address(host):
            return self._host
        if await async_leads_to(self._hass, host, self._host):
            return host
        looks = len(PAUSES_SECONDS) - len(self._pauses)
        return None if looks < LOOKS_BY_NAME else self._host

    @callback
    def wait(self) -> None:
        """Look again after the next pause, if any is left."""
        if not self._pauses:
            self.stop()
            return
        self._stop_waiting = async_call_later(
            self._hass,
            self._pauses.pop(0),
            HassJob(self._look_again, f"{DOMAIN} new address", cancel_on_shutdown=True),
        )

    @callback
    def _look_again(self, _: object) -> None:
        self._stop_waiting = None
        self._hass.async_create_background_task(self._go_on(), f"{DOMAIN} new address")

    async def _go_on(self) -> None:
        if not self._is_wanted():
            return
        told = await self.look()
        if not self._is_wanted():
            return
        if told == NOT_THERE:
            self.wait()
        else:
            self.stop()

    def _is_wanted(self) -> bool:
        """Whether nothing came between: another address, the user, or the end of the entry."""
        return self._hass.data[DATA_PURSUITS].get(self._entry.entry_id) is self

    @callback
    def stop(self) -> None:
        """Look no more."""
        if self._stop_waiting is not None:
            self._stop_waiting()
        if self._is_wanted():
            del self._hass.data[DATA_PURSUITS][self._entry.entry_id]


DATA_PURSUITS: HassKey[dict[str, _Pursuit]] = HassKey(f"{DOMAIN}_pursuits")


async def async_follow(hass: HomeAssistant, entry: NvrConfigEntry, host: str) -> str:
    """Look for a recorder at an address that it asked for, now and for a while; return what came of the first look.

    It is left where it is as long as it answers there. Otherwise its login is tried at the new address, and
    the entry's address changed when the very same recorder answers. A host name stays while it leads there.
    """
    stop_following(hass, entry.entry_id)
    pursuit = _Pursuit(hass, entry, host)
    hass.data.setdefault(DATA_PURSUITS, {})[entry.entry_id] = pursuit
    told = await pursuit.look()
    if told in (NOT_THERE, STAYS):
        # It may answer at its old address until it has the new one.
        pursuit.wait()
    else:
        pursuit.stop()
    return told


@callback
def stop_following(hass: HomeAssistant, entry_id: str) -> None:
    """Look for a recorder nowhere but at its own address."""
    if (pursuit := hass.data.get(DATA_PURSUITS, {}).get(entry_id)) is not None:
        pursuit.stop()


async def _answers(entry: NvrConfigEntry) -> bool:
    """Whether the recorder answers where we look for it, now and not at the last poll."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    coordinator = entry.runtime_data.coordinator
    await coordinator.async_refresh()
    return coordinator.last_update_success
