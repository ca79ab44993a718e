"""What folders and files in the library are called, and which recorder they belong to."""

import hashlib

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import slugify

from ..const import DOMAIN
from ..drivers.models import Channel
from .clip import NAME_LIMIT

_DIGEST_LENGTH = 16
_SUFFIX_LENGTH = 4


def slug(text: str) -> str:
    """Return a text of any script as a part of a path: never empty, bounded, ``a-z0-9_`` only."""
    return slugify(text)[:NAME_LIMIT].strip("_") or "unnamed"


def recorder_id(entry: ConfigEntry) -> str:
    """Return a digest that is the same whenever the same recorder is added again."""
    identity = entry.unique_id or entry.entry_id
    return hashlib.sha256(f"{DOMAIN}:{identity}".encode()).hexdigest()[:_DIGEST_LENGTH]


def recorder_folder(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return the folder of a recorder's clips.

    Of several recorders with one name, those added later carry a piece of their digest in it.
    """
    name = slug(entry.title)
    older = (
        other
        for other in hass.config_entries.async_entries(DOMAIN)
        if slug(other.title) == name
        and (other.created_at, other.entry_id) < (entry.created_at, entry.entry_id)
    )
    if next(older, None) is None:
        return name
    suffix = recorder_id(entry)[:_SUFFIX_LENGTH]
    return f"{name[: NAME_LIMIT - _SUFFIX_LENGTH - 1]}_{suffix}"


def channel_folder(channel: Channel) -> str:
    """Return the folder of a channel's clips; the number in front keeps equal names apart."""
    return f"{channel.number}_{slug(channel.name)}"
