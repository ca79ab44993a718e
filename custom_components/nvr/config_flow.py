"""How a recorder is added, logged in to again, and moved to another address."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
import voluptuous as vol

from .address import parse_address
from .connection import connection_of
from .const import (
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VENDOR,
    CONF_VERIFY_TLS,
    DOMAIN,
    HIGHEST_PORT,
    SECTION_STREAMS,
)
from .coordinator import NvrConfigEntry
from .drivers.errors import DriverError
from .exceptions import translation_of
from .finding import find_recorder
from .guards import async_forget_guard
from .identity import recorder_key
from .moving import STAYS, async_follow, stop_following
from .trust import trust_data

USERNAME = TextSelector(TextSelectorConfig(autocomplete="username"))
PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
PORT = NumberSelector(
    NumberSelectorConfig(min=1, max=HIGHEST_PORT, step=1, mode=NumberSelectorMode.BOX)
)

CREDENTIALS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): USERNAME,
        vol.Required(CONF_PASSWORD): PASSWORD,
    }
)
CONNECTION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        **CREDENTIALS_SCHEMA.schema,
        vol.Required(CONF_TLS, default=False): BooleanSelector(),
        vol.Required(CONF_VERIFY_TLS, default=False): BooleanSelector(),
        vol.Required(SECTION_STREAMS, default={}): section(
            vol.Schema({vol.Optional(CONF_RTSP_PORT): PORT}), {"collapsed": True}
        ),
    }
)


def connection_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry holds for a filled form.

    A scheme in the address says more about TLS than a switch that nobody touched.

    Raises:
        ValueError: The address is none.
    """
    address = parse_address(user_input[CONF_HOST])
    rtsp_port = user_input[SECTION_STREAMS].get(CONF_RTSP_PORT)
    return {
        CONF_HOST: address.host,
        CONF_PORT: address.port,
        CONF_TLS: user_input[CONF_TLS] if address.tls is None else address.tls,
        CONF_VERIFY_TLS: user_input[CONF_VERIFY_TLS],
        CONF_USERNAME: user_input[CONF_USERNAME],
        CONF_PASSWORD: user_input[CONF_PASSWORD],
        CONF_RTSP_PORT: None if rtsp_port is None else int(rtsp_port),
    }


def form_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filled form for what an entry holds, without the password."""
    host, port = data[CONF_HOST], data[CONF_PORT]
    if port is not None:
        host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    rtsp_port = data[CONF_RTSP_PORT]
    return {
        CONF_HOST: host,
        CONF_USERNAME: data[CONF_USERNAME],
        CONF_TLS: data[CONF_TLS],
        CONF_VERIFY_TLS: data[CONF_VERIFY_TLS],
        SECTION_STREAMS: {} if rtsp_port is None else {CONF_RTSP_PORT: rtsp_port},
    }


@callback
def registered_entry(hass: HomeAssistant, mac: str) -> NvrConfigEntry | None:
    """Return the recorder that has a MAC address, None where none of ours has."""
    connections = {(dr.CONNECTION_NETWORK_MAC, dr.format_mac(mac))}
    for device in dr.async_get(hass).async_get_devices(connections=connections):
        entry = hass.config_entries.async_get_entry(device.config_entry_id)
        if entry is not None and entry.domain == DOMAIN:
            return entry
    return None


class NvrConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds a recorder, renews its credentials, changes its address."""

    VERSION = 1
    MINOR_VERSION = 1

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Add a recorder."""
        return await self._async_step_connection("user", user_input, {})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a recorder is reached."""
        values = form_values(self._get_reconfigure_entry().data)
        return await self._async_step_connection("reconfigure", user_input, values)

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Follow a recorder of ours that was given another address."""
        entry = registered_entry(self.hass, discovery_info.macaddress)
        if entry is None or entry.unique_id is None:
            return self.async_abort(reason="unknown_device")
        await self.async_set_unique_id(entry.unique_id)
        if entry.disabled_by is not None:
            return self.async_abort(reason=STAYS)
        if entry.data[CONF_HOST] == discovery_info.ip:
            stop_following(self.hass, entry.entry_id)
            return self.async_abort(reason=STAYS)
        return self.async_abort(reason=await async_follow(self.hass, entry, discovery_info.ip))

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for credentials that the recorder accepts."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the credentials that were given."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        placeholders = {"name": entry.title}
        if user_input is not None:
            data = {**entry.data, **user_input}
            if (result := await self._async_try(data, errors, placeholders)) is not None:
                return result
        return self._async_show(
            "reauth_confirm",
            CREDENTIALS_SCHEMA,
            {CONF_USERNAME: entry.data[CONF_USERNAME], **(user_input or {})},
            errors,
            placeholders,
        )

    async def _async_step_connection(
        self, step_id: str, user_input: dict[str, Any] | None, values: dict[str, Any]
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                data = connection_data(user_input)
            except ValueError:
                errors[CONF_HOST] = "invalid_host"
            else:
                if (result := await self._async_try(data, errors, placeholders)) is not None:
                    return result
        return self._async_show(
            step_id, CONNECTION_SCHEMA, user_input or values, errors, placeholders
        )

    def _async_show(
        self,
        step_id: str,
        schema: vol.Schema,
        values: dict[str, Any],
        errors: dict[str, str],
        placeholders: dict[str, str],
    ) -> ConfigFlowResult:
        """Show a form with what was typed, except the password."""
        values = {key: value for key, value in values.items() if key != CONF_PASSWORD}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_try(
        self, data: dict[str, Any], errors: dict[str, str], placeholders: dict[str, str]
    ) -> ConfigFlowResult | None:
        """Log in once; end the flow, or note what is wrong and return None."""
        if self.source == SOURCE_USER:
            # Spares a recorder that we have already a login.
            self._async_abort_entries_match(
                {CONF_HOST: data[CONF_HOST], CONF_PORT: data[CONF_PORT]}
            )
        try:
            vendor, recorder, connection = await find_recorder(self.hass, connection_of(data))
        except DriverError as error:
            translation = translation_of(error)
            errors["base"] = translation.key
            placeholders.update(translation.placeholders)
            return None
        if not (key := recorder_key(recorder)):
            errors["base"] = "no_identity"
            return None
        data = {**data, **trust_data(connection), CONF_VENDOR: vendor}
        await self.async_set_unique_id(key, raise_on_progress=False)
        if self.source == SOURCE_USER:
            self._abort_if_unique_id_configured()
            return self.async_create_entry(title=recorder.title or data[CONF_HOST], data=data)
        self._abort_if_unique_id_mismatch(reason="wrong_recorder")
        entry = (
            self._get_reauth_entry()
            if self.source == SOURCE_REAUTH
            else self._get_reconfigure_entry()
        )
        stop_following(self.hass, entry.entry_id)
        await async_forget_guard(self.hass, entry.entry_id)
        return self.async_update_reload_and_abort(entry, data_updates=data)
