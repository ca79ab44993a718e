"""What every view asks before it answers.

Players poll, and each 401 counts towards Home Assistant's ban of their address: so views leave
authentication to these checks, which answer 403.
"""

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_AUTHENTICATED, KEY_HASS_USER
from homeassistant.core import HomeAssistant

from .access import may_access_channel
from .coordinator import NvrConfigEntry
from .entries import loaded_entry, recorder_entry
from .media_identifier import RecordingIdentifier

_RECORDING_PARTS = ("entry_id", "channel", "stream", "start", "end")

RECORDING_PATH = "/".join(f"{{{part}}}" for part in _RECORDING_PARTS)
"""What names a recording in the address pattern of a view."""


def recording_url(pattern: str, identifier: RecordingIdentifier) -> str:
    """Return the address of a recording by the pattern of a view; the caller signs it."""
    return pattern.format(**dict(zip(_RECORDING_PARTS, identifier.parts, strict=True)))


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
    try:
        identifier = RecordingIdentifier.from_parts(
            *(request.match_info[part] for part in _RECORDING_PARTS)
        )
    except ValueError as error:
        raise web.HTTPNotFound from error
    if recorder_entry(hass, identifier.entry_id) is None:
        raise web.HTTPNotFound
    if (entry := loaded_entry(hass, identifier.entry_id)) is None:
        raise web.HTTPServiceUnavailable
    if not may_access_channel(hass, user, entry, identifier.channel, POLICY_READ):
        raise web.HTTPForbidden
    return entry, identifier
