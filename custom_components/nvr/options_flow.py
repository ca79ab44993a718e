"""What a user may choose of a recorder that is set up: its channels, their default streams, how much it may fill."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.core import callback

from .const import (
    CONF_CHANNELS,
    CONF_DEFAULT_STREAMS,
    CONF_HIDDEN_CHANNELS,
    CONF_MEDIA_FOLDER,
    DOMAIN,
    SECTION_DEFAULT_STREAMS,
    SECTION_LIMITS,
)
from .coordinator import NvrConfigEntry, NvrData
from .default_streams import apply_default_streams
from .drivers.models import Channel, RecorderState
from .forms import channel_field, options_schema
from .shared import media_folder


class NvrOptionsFlow(OptionsFlowWithReload):
    """Changes how a recorder is used; the entry is set up anew after it."""

    config_entry: NvrConfigEntry
    # What the form was made of: until it is filled, the recorder may come, go or list others.
    _state: RecorderState | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for everything on one page."""
        if user_input is not None:
            options = self._options(user_input)
            if self._state is not None:
                before = self.config_entry.options
                apply_default_streams(self.hass, self._state, before, options)
            self._share(options[CONF_MEDIA_FOLDER])
            return self.async_create_entry(data=options)
        self._state = self._last_state()
        schema = options_schema(
            self._channels,
            self.config_entry.options,
            self.hass.config.media_dirs,
            media_folder(self.hass)[0],
        )
        return self.async_show_form(step_id="init", data_schema=schema)

    def _last_state(self) -> RecorderState | None:
        """Return what the recorder said last, with all channels, None while it isn't loaded."""
        data: NvrData | None = getattr(self.config_entry, "runtime_data", None)
        return None if data is None else data.driver.state

    @property
    def _channels(self) -> tuple[Channel, ...]:
        return () if self._state is None else self._state.channels

    def _options(self, user_input: dict[str, Any]) -> dict[str, Any]:
        """Return what is kept of a filled form; what it couldn't ask for stays as it was."""
        before = self.config_entry.options
        options = {**before, **user_input.get(SECTION_LIMITS, {})}
        options[CONF_MEDIA_FOLDER] = user_input[CONF_MEDIA_FOLDER]
        if channels := self._channels:
            picked = user_input[CONF_CHANNELS]
            listed = {one.number for one in channels}
            unlisted = set(before.get(CONF_HIDDEN_CHANNELS, ())) - listed
            unpicked = {number for number in listed if str(number) not in picked}
            options[CONF_HIDDEN_CHANNELS] = sorted(unlisted | unpicked)
            chosen = user_input.get(SECTION_DEFAULT_STREAMS, {})
            options[CONF_DEFAULT_STREAMS] = before.get(CONF_DEFAULT_STREAMS, {}) | {
                str(one.number): chosen[channel_field(one)]
                for one in channels
                if channel_field(one) in chosen
            }
        return options

    @callback
    def _share(self, folder: str) -> None:
        """Tell the other recorders which folder is used: there is one for all."""
        for entry in self.hass.config_entries.async_entries(DOMAIN, include_ignore=False):
            if entry.entry_id != self.config_entry.entry_id:
                self.hass.config_entries.async_update_entry(
                    entry, options={**entry.options, CONF_MEDIA_FOLDER: folder}
                )
