"""The state of one recorder, kept up to date for its entities."""

from dataclasses import dataclass, replace
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import CONF_HIDDEN_CHANNELS, DOMAIN, LOGGER, POLL_INTERVAL
from .drivers.driver import Driver
from .drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    CertificateChangedError,
    DriverError,
)
from .drivers.guard import LoginGuard
from .drivers.models import RecorderState
from .exceptions import translation_of
from .identity import recorder_key
from .library.picture import PictureMaker
from .library.queue import ClipQueue
from .memory import DriverMemory
from .trust import (
    async_certificate_is_right,
    async_report_changed_certificate,
    async_step_down,
)

type NvrConfigEntry = ConfigEntry[NvrData]


@dataclass(slots=True, kw_only=True)
class NvrData:
    """What a loaded entry holds. ``device_id`` is the recorder's in the device registry."""

    driver: Driver
    coordinator: NvrCoordinator
    device_id: str
    clips: ClipQueue
    pictures: PictureMaker


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
        # Whether the recorder has yet to say who it is.
        self._unsure = True

    @override
    async def _async_update_data(self) -> RecorderState:
        """Fetch the newest state.

        Raises:
            ConfigEntryAuthFailed: The recorder refuses our credentials for good.
            UpdateFailed: It can't be reached, refuses for now, shows another certificate than the trusted one, or
                is not the entry's recorder.
        """
        try:
            state = await (self.driver.connect() if self._unsure else self.driver.poll())
        except AuthenticationError as error:
            if self._guard.final:
                raise _failed(ConfigEntryAuthFailed, *translation_of(error)) from error
            raise _failed(UpdateFailed, *translation_of(error)) from error
        except CertificateChangedError as error:
            async_report_changed_certificate(self.hass, self.config_entry, error)
            self._reject()
            raise _failed(UpdateFailed, *translation_of(error)) from error
        except DriverError as error:
            # When it answers again, it may be another recorder that was given the address meanwhile.
            self._unsure = self._unsure or isinstance(error, CannotConnectError)
            await async_step_down(self.hass, self.config_entry, error)
            raise _failed(UpdateFailed, *translation_of(error)) from error
        if recorder_key(state.recorder) != self.config_entry.unique_id:
            self._reject()
            raise _failed(UpdateFailed, "wrong_recorder")
        self._unsure = False
        async_certificate_is_right(self.hass, self.config_entry)
        self._memory.follow(self.driver)
        return self._wanted(state)

    def _wanted(self, state: RecorderState) -> RecorderState:
        """Return the state without the channels that the user doesn't want."""
        hidden = self.config_entry.options.get(CONF_HIDDEN_CHANNELS, ())
        if not hidden:
            return state
        channels = tuple(one for one in state.channels if one.number not in hidden)
        return replace(state, channels=channels)

    @callback
    def _reject(self) -> None:
        """Have nothing more to do with a recorder that is not ours, until ours is found again."""
        self._unsure = True
        self._memory.follow(None)
        if self.config_entry.state is ConfigEntryState.LOADED:
            # Set-up is tried again and again; actions and streams end meanwhile.
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)


def _failed[E: HomeAssistantError](
    kind: type[E], key: str, placeholders: dict[str, str] | None = None
) -> E:
    return kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
