"""Which certificate of a recorder is trusted: that of the first contact, until a user says otherwise."""

from typing import Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .connection import connection_of
from .const import CONF_FINGERPRINT, CONF_OLD_TLS, DOMAIN, LOGGER
from .drivers.contact import failed_at_handshake, learn_certificate, step_down
from .drivers.errors import CertificateChangedError, DriverError
from .drivers.models import Connection
from .exceptions import translation_of

ISSUE_CERTIFICATE_CHANGED = "certificate_changed"
"""The translation key of the repair, and with an entry's id its own."""


async def async_trusting(hass: HomeAssistant, connection: Connection) -> Connection:
    """Return a connection that knows which certificate it trusts, if it is to trust one.

    Where none is known yet, it is the one that is shown now; no credentials are sent to learn it.

    Raises:
        CannotConnectError: There nobody answers by TLS.
    """
    return await learn_certificate(connection, async_get_clientsession(hass))


async def async_trusted_connection(hass: HomeAssistant, entry: ConfigEntry) -> Connection:
    """Return the connection of an entry, which from now on trusts one certificate if it is to trust one.

    Raises:
        ConfigEntryNotReady: Nobody answers whose certificate could be learned.
    """
    stored = connection_of(entry.data)
    try:
        connection = await async_trusting(hass, stored)
    except DriverError as error:
        key, placeholders = translation_of(error)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        ) from error
    if connection != stored:
        hass.config_entries.async_update_entry(entry, data={**entry.data, **trust_data(connection)})
    return connection


async def async_step_down(hass: HomeAssistant, entry: ConfigEntry, error: DriverError) -> None:
    """Allow old TLS for a recorder that speaks no other any more, as after a reset, if it proves to be the recorder."""
    stored = connection_of(entry.data)
    if not failed_at_handshake(error):
        return
    try:
        connection = await step_down(stored, async_get_clientsession(hass))
    except DriverError as other:
        LOGGER.debug("%s could not be asked for old TLS: %s", entry.title, other)
        return
    if connection != stored:
        LOGGER.warning("%s speaks only TLS that is broken today; it is allowed for it", entry.title)
        hass.config_entries.async_update_entry(entry, data={**entry.data, **trust_data(connection)})
        if entry.state is ConfigEntryState.LOADED:
            hass.config_entries.async_schedule_reload(entry.entry_id)


def trust_data(connection: Connection) -> dict[str, Any]:
    """Return what an entry keeps of a connection's trust, nothing where it trusts no certificate of its own."""
    if connection.fingerprint is None:
        return {}
    return {CONF_FINGERPRINT: connection.fingerprint, CONF_OLD_TLS: connection.old_tls}


def readable_fingerprint(fingerprint: str) -> str:
    """Return a fingerprint as browsers show it."""
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


@callback
def async_report_changed_certificate(
    hass: HomeAssistant, entry: ConfigEntry, error: CertificateChangedError
) -> None:
    """Ask the user whether the certificate that a recorder shows now is its own."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry),
        data={"entry_id": entry.entry_id, "trusted": error.trusted, "seen": error.seen},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ISSUE_CERTIFICATE_CHANGED,
        translation_placeholders={"name": entry.title},
    )


@callback
def async_certificate_is_right(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ask no more: the recorder shows what is trusted, or is gone from Home Assistant."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry))


@callback
def async_ask_of_enabled_alone(hass: HomeAssistant) -> None:
    """Ask no more of recorders that a user disables; those that never got loaded are not told so otherwise."""

    @callback
    def look(_: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN and entry.disabled_by is not None:
            async_certificate_is_right(hass, entry)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, look)


def _issue_id(entry: ConfigEntry) -> str:
    return f"{ISSUE_CERTIFICATE_CHANGED}_{entry.entry_id}"
