"""From the target of an action to the channels of recorders that it means.

Offline channels and disabled cameras count: what they recorded is still there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import CAT_ENTITIES
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from .access import device_cameras, may_access
from .const import DOMAIN
from .coordinator import NvrConfigEntry, NvrData
from .drivers.models import Channel, StreamName
from .entries import loaded_entry
from .identity import channel_number, recorder_key
from .spans import wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A channel that an action is meant for. ``key`` names it in the answer: a camera's entity id."""

    key: str
    device: dr.DeviceEntry

    @callback
    def loaded(self, hass: HomeAssistant) -> tuple[NvrConfigEntry, NvrData, Channel]:
        """Return the recorder and the channel.

        Raises:
            ServiceValidationError: The recorder is not loaded, or lists the channel no more.
        """
        if (entry := loaded_entry(hass, self.device.config_entry_id)) is None:
            raise wrong("recorder_not_loaded", camera=self.key)
        state = entry.runtime_data.coordinator.data
        number = channel_number(recorder_key(state.recorder), self.device)
        if number is None or (channel := state.channel(number)) is None:
            raise wrong("camera_gone", camera=self.key)
        return entry, entry.runtime_data, channel


def target_stream(target: Target, channel: Channel, stream: StreamName) -> StreamName:
    """Return the stream that an action is meant for.

    Of a channel that is offline the recorder may list no streams; what they recorded is there.

    Raises:
        ServiceValidationError: The channel has no such stream.
    """
    if channel.streams and channel.stream(stream) is None:
        raise wrong("no_such_stream", camera=target.key, stream=stream.value)
    return stream


async def calling_user(hass: HomeAssistant, call: ServiceCall) -> User | None:
    """Return the user behind an action, None where it was no user's doing.

    Raises:
        UnknownUser: The user does not exist.
    """
    if call.context.user_id is None:
        return None
    if (user := await hass.auth.async_get_user(call.context.user_id)) is None:
        raise UnknownUser(context=call.context)
    return user


async def resolve_targets(
    hass: HomeAssistant, call: ServiceCall, policy: str
) -> tuple[Target, ...]:
    """Return the channels that an action is meant for, each once.

    What the caller named and may not touch is refused; what a recorder or an area stands for is left
    out as far as the caller may not touch it.

    Raises:
        ServiceValidationError: Something named is no camera or device of ours, or nothing is left.
        Unauthorized: The caller may not.
    """
    user = await calling_user(hass, call)
    targets: dict[str, Target] = {}
    for target, named in _candidates(hass, TargetSelection(dict(call.data))):
        if target.device.id in targets:
            continue
        if may_access(user, device_cameras(hass, target.device.id), policy):
            targets[target.device.id] = target
        elif named:
            raise Unauthorized(
                context=call.context,
                entity_id=target.key,
                permission=policy,
                perm_category=CAT_ENTITIES,
            )
    if not targets:
        raise wrong("no_cameras")
    return tuple(targets.values())


@callback
def _candidates(hass: HomeAssistant, selection: TargetSelection) -> Iterator[tuple[Target, bool]]:
    """Yield the channels meant, and whether the caller named them one by one."""
    selected = async_extract_referenced_entity_ids(hass, selection)
    for entity_id in sorted(selected.referenced):
        if (target := _camera_target(hass, entity_id)) is None:
            raise wrong("not_a_camera", entity=entity_id)
        yield target, True
    for device_id in sorted(selection.device_ids):
        for device in _channel_devices(hass, device_id):
            yield _device_target(hass, device), device.id == device_id
    for entity_id in sorted(selected.indirectly_referenced):
        if (target := _camera_target(hass, entity_id)) is not None:
            yield target, False


@callback
def _camera_target(hass: HomeAssistant, entity_id: str) -> Target | None:
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN or entity.domain != CAMERA_DOMAIN:
        return None
    device = dr.async_get(hass).async_get(entity.device_id) if entity.device_id else None
    if not isinstance(device, dr.DeviceEntry):
        return None
    return Target(key=entity_id, device=device)


@callback
def _device_target(hass: HomeAssistant, device: dr.DeviceEntry) -> Target:
    cameras = device_cameras(hass, device.id)
    name = cameras[0].entity_id if cameras else device.name_by_user or device.name or device.id
    return Target(key=name, device=device)


@callback
def _channel_devices(hass: HomeAssistant, device_id: str) -> Iterator[dr.DeviceEntry]:
    """Yield the channels that a device stands for: itself, or all of a recorder.

    Raises:
        ServiceValidationError: It is no device of ours.
    """
    registry = dr.async_get(hass)
    device = registry.async_get(device_id)
    if not isinstance(device, dr.DeviceEntry) or not any(
        domain == DOMAIN for domain, _ in device.identifiers
    ):
        raise wrong("not_a_recorder", device=device_id)
    if device.via_device_id is not None:
        yield device
        return
    for other in dr.async_entries_for_config_entry(registry, device.config_entry_id):
        if isinstance(other, dr.DeviceEntry) and other.via_device_id == device.id:
            yield other
