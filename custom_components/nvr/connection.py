"""From what an entry holds to a session with its recorder."""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util.ssl import SSLCipherList

from .const import CONF_RTSP_PORT, CONF_TLS, CONF_VERIFY_TLS
from .drivers.models import Connection


def connection_of(data: Mapping[str, Any]) -> Connection:
    """Return where a recorder is and how to log in to it."""
    return Connection(
        host=data[CONF_HOST],
        port=data.get(CONF_PORT),
        tls=data[CONF_TLS],
        verify_tls=data[CONF_VERIFY_TLS],
        username=data[CONF_USERNAME],
        password=data[CONF_PASSWORD],
        rtsp_port=data.get(CONF_RTSP_PORT),
    )


def recorder_session(
    hass: HomeAssistant, connection: Connection, *, auto_cleanup: bool = True
) -> ClientSession:
    """Return a session of its own for one recorder.

    Made while an entry is set up it ends with the entry; elsewhere pass ``auto_cleanup=False`` and
    detach it. Recorders speak old TLS; where nobody verifies it, old ciphers make it no worse.
    """
    return async_create_clientsession(
        hass,
        verify_ssl=connection.verify_tls,
        auto_cleanup=auto_cleanup,
        ssl_cipher=(
            SSLCipherList.PYTHON_DEFAULT if connection.verify_tls else SSLCipherList.INSECURE
        ),
    )
