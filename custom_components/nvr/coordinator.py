"""The state of one recorder, kept up to date for its entities."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN, LOGGER, POLL_INTERVAL
from .drivers.driver import Driver
from .drivers.errors import AuthenticationError, DriverError
from .drivers.guard import LoginGuard
from .drivers.models import RecorderState
from .exceptions import translation_of
from .memory import DriverMemory

if TYPE_CHECKING:
    from .library.queue import ClipQueue

type NvrConfigEntry = ConfigEntry[NvrData]


@dataclass(slots=True, kw_only=True)
class NvrData:
    """What a loaded entry holds. ``device_id`` is the recorder's in the device registry."""

    driver: Driver
    coordinator: NvrCoordinator
    device_id: str
    clips: ClipQueue


class NvrCoordinator(DataUpdateCoordinator[RecorderState]):
    """Asks one recorder once a minute how it is."""

    config_entry: NvrConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: NvrConfigEntry,
        driver: Driver,
        memory: DriverMemory,
        guard: LoginGuard,
    ) -> None:
        """Initialize."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=POLL_INTERVAL,
            always_update=False,
        )
        self.driver = driver
        self._memory = memory
        self._guard = guard

    @override
    async def _async_update_data(self) -> RecorderState:
        """Fetch the newest state.

        Raises:
            ConfigEntryAuthFailed: The recorder refuses our credentials for good.
            UpdateFailed: It can't be reached, or refuses for now.
        """
        try:
            if self.driver.state is None:
                state = await self.driver.connect()
            else:
                state = await self.driver.poll()
        except AuthenticationError as error:
            key, placeholders = translation_of(error)
            if self._guard.final:
                raise ConfigEntryAuthFailed(
                    translation_domain=DOMAIN,
                    translation_key=key,
                    translation_placeholders=placeholders,
                ) from error
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
            ) from error
        except DriverError as error:
            key, placeholders = translation_of(error)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
            ) from error
        finally:
            self._memory.save_changes(self.driver.memory)
        return state
