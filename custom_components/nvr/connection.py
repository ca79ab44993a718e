"""From what an entry holds to a session with its recorder."""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from .const import CONF_FINGERPRINT, CONF_OLD_TLS, CONF_RTSP_PORT, CONF_TLS, CONF_VERIFY_TLS
from .drivers.models import Connection


def connection_of(data: Mapping[str, Any]) -> Connection:
    """Return where a recorder is and how to log in to it."""
    return Connection(
        host=data[CONF_HOST],
        port=data.get(CONF_PORT),
        tls=data[CONF_TLS],
        verify_tls=data[CONF_VERIFY_TLS],
        fingerprint=data.get(CONF_FINGERPRINT),
        old_tls=data.get(CONF_OLD_TLS, False),
        username=data[CONF_USERNAME],
        password=data[CONF_PASSWORD],
        rtsp_port=data.get(CONF_RTSP_PORT),
    )


def recorder_session(hass: HomeAssistant, *, auto_cleanup: bool = True) -> ClientSession:
    """Return a session of its own for one recorder.

    Made while an entry is set up it ends with the entry; elsewhere pass ``auto_cleanup=False`` and
    detach it. It verifies certificates: those that recorders signed themselves are trusted one by one, by the
    requests of a connection that knows which.
    """
    return async_create_clientsession(hass, auto_cleanup=auto_cleanup)
