"""The one stream of each channel whose camera is there without being asked for."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_DEFAULT_STREAMS, DOMAIN
from .drivers.models import Channel, RecorderState, StreamName
from .entity import unique_id
from .places import StreamPlace

# What every browser decodes, by WebRTC and by HLS; written as recorders write it.
BROWSER_CODECS = frozenset({"H.264"})

# Home Assistant sets an entry up anew half a minute after an entity of it is enabled, unless the entity was
# disabled with the entry: those come with the next set-up. So does this one, which follows at once.
_ENABLING = (
    er.RegistryEntryDisabler.INTEGRATION,
    er.RegistryEntryDisabler.CONFIG_ENTRY,
    None,
)
_DISABLING = (None, er.RegistryEntryDisabler.INTEGRATION)


def best_stream(channel: Channel) -> StreamName:
    """Return the stream of a channel that suits most people.

    The best that browsers can play; where they can play none, the smallest load. A codec that the
    recorder doesn't tell gets the benefit of the doubt.
    """
    names = [stream.name for stream in channel.streams]
    for stream in channel.streams:
        if stream.codec is None or stream.codec in BROWSER_CODECS:
            return stream.name
    return StreamName.SUB if StreamName.SUB in names else StreamName.MAIN


def default_stream(channel: Channel, options: Mapping[str, Any]) -> StreamName:
    """Return the stream of a channel that its user chose, else the best."""
    chosen = options.get(CONF_DEFAULT_STREAMS, {}).get(str(channel.number))
    for stream in channel.streams:
        if stream.name == chosen:
            return stream.name
    return best_stream(channel)


@callback
def apply_default_streams(
    hass: HomeAssistant,
    state: RecorderState,
    options_before: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    """Enable the camera of each stream that becomes the default of its channel, and disable the one that was.

    What a user enabled or disabled by hand stays so. The entry is to be set up anew after it.
    """
    registry = er.async_get(hass)
    for channel in state.channels:
        before = default_stream(channel, options_before)
        after = default_stream(channel, options)
        if before == after:
            continue
        for stream, (known_as, *steps) in ((after, _ENABLING), (before, _DISABLING)):
            camera = registry.async_get_entity_id(
                "camera", DOMAIN, unique_id(state.recorder, StreamPlace(channel.number, stream), "")
            )
            known = None if camera is None else registry.async_get(camera)
            if known is not None and known.disabled_by is known_as:
                for disabled_by in steps:
                    registry.async_update_entity(known.entity_id, disabled_by=disabled_by)
