"""Which cameras show a channel, and so who may see its footage."""

from homeassistant.auth.models import User
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .identity import channel_identifier
from .library.clip import ClipNote, ClipPath
from .library.naming import recorder_folder, recorder_id


@callback
def device_cameras(hass: HomeAssistant, device_id: str) -> tuple[er.RegistryEntry, ...]:
    """Return the cameras of a channel's device, the one to name first, disabled ones last."""
    entities = er.async_entries_for_device(
        er.async_get(hass), device_id, include_disabled_entities=True
    )
    cameras = (one for one in entities if one.domain == CAMERA_DOMAIN and one.platform == DOMAIN)
    return tuple(sorted(cameras, key=lambda one: (one.disabled, one.unique_id)))


@callback
def channel_cameras(
    hass: HomeAssistant, entry: NvrConfigEntry, channel: int
) -> tuple[er.RegistryEntry, ...]:
    """Return the cameras of a recorder's channel, loaded or not, as ``device_cameras`` does."""
    device_id = dr.async_get_device_id_by_identifier(
        hass,
        channel_identifier(entry.unique_id or "", channel),
        config_entry_id=entry.entry_id,
    )
    return () if device_id is None else device_cameras(hass, device_id)


@callback
def may_access(user: User | None, cameras: tuple[er.RegistryEntry, ...], policy: str) -> bool:
    """Tell whether a user may do this with the footage that these cameras show.

    Whoever may see one of a channel's cameras may see what it recorded. Footage without a camera is
    for those who may see everything. Nobody (an automation, Home Assistant itself) may do all.
    """
    if user is None or user.permissions.access_all_entities(policy):
        return True
    return any(user.permissions.check_entity(camera.entity_id, policy) for camera in cameras)


@callback
def may_access_channel(
    hass: HomeAssistant, user: User | None, entry: NvrConfigEntry, channel: int, policy: str
) -> bool:
    """Tell whether a user may do this with the footage of a recorder's channel."""
    return may_access(user, channel_cameras(hass, entry, channel), policy)


@callback
def may_access_clip(
    hass: HomeAssistant, user: User | None, path: ClipPath, note: ClipNote | None, policy: str
) -> bool:
    """Tell whether a user may do this with a saved clip: as with the camera that it shows."""
    entry = _clip_entry(hass, path, note)
    cameras = () if entry is None else channel_cameras(hass, entry, path.channel_number)
    return may_access(user, cameras, policy)


@callback
def _clip_entry(
    hass: HomeAssistant, path: ClipPath, note: ClipNote | None
) -> NvrConfigEntry | None:
    """Return the recorder that a clip is from, loaded or not, by its note or else by its folder."""
    entries: list[NvrConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        if note is not None and note.recorder_id == recorder_id(entry):
            return entry
        if note is None and path.recorder == recorder_folder(hass, entry):
            return entry
    return None
