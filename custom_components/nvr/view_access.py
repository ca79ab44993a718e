"""What every view asks before it answers.

Players poll, and each 401 counts towards Home Assistant's ban of their address: so views leave
authentication to these checks, which answer 403.
"""

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_AUTHENTICATED, KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .access import may_access_channel
from .coordinator import NvrConfigEntry
from .media_identifier import RecordingIdentifier


def authenticated_user(request: web.Request) -> User:
    """Return who asks.

    Raises:
        HTTPForbidden: Neither token nor signature is valid.
    """
    if not request.get(KEY_AUTHENTICATED, False):
        raise web.HTTPForbidden
    user: User = request[KEY_HASS_USER]
    return user


def requested_recording(
    hass: HomeAssistant, request: web.Request
) -> tuple[NvrConfigEntry, RecordingIdentifier]:
    """Return the recording that a request's path names, and its recorder.

    Raises:
        HTTPForbidden: The caller is unknown, or may not see the channel.
        HTTPNotFound: The path names no recording.
        HTTPServiceUnavailable: The recorder is not loaded at present.
    """
    user = authenticated_user(request)
    match = request.match_info
    try:
        identifier = RecordingIdentifier.from_parts(
            *(match[part] for part in ("entry_id", "channel", "stream", "start", "end"))
        )
    except ValueError as error:
        raise web.HTTPNotFound from error
    entry: NvrConfigEntry | None = hass.config_entries.async_get_entry(identifier.entry_id)
    if entry is None:
        raise web.HTTPNotFound
    if entry.state is not ConfigEntryState.LOADED:
        raise web.HTTPServiceUnavailable
    if not may_access_channel(hass, user, entry, identifier.channel, POLICY_READ):
        raise web.HTTPForbidden
    return entry, identifier
