"""Whether a recorder, its channels and its streams are there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import NvrConfigEntry, NvrCoordinator
from .drivers.models import Channel, RecorderState, Stream
from .entity import (
    Candidate,
    NvrDescription,
    NvrEntity,
    NvrStatusEntity,
    add_as_they_appear,
    status_candidates,
    unique_id,
)
from .places import RecorderPlace, channel_places, stream_places

# Everything comes from the coordinator.
PARALLEL_UPDATES = 0

ATTR_REASON = "reason"
ATTR_REASON_DEVICE = "reason_device"
REACHABLE = "reachable"


@dataclass(frozen=True, kw_only=True)
class NvrBinarySensorDescription[T](NvrDescription, BinarySensorEntityDescription):
    """A binary sensor, how its value is found, and what else there is to say."""

    value: Callable[[T], bool | None]
    attributes: Callable[[T], Mapping[str, Any]] | None = None


def offline_reason(channel: Channel) -> dict[str, str | None]:
    """Return why a channel is offline, in our word and in the recorder's own."""
    return {
        ATTR_REASON: None if channel.reason is None else channel.reason.value,
        ATTR_REASON_DEVICE: channel.reason_device,
    }


CHANNEL_SENSORS: tuple[NvrBinarySensorDescription[Channel], ...] = (
    NvrBinarySensorDescription(
        key="online",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        offline_too=True,
        value=lambda channel: channel.online,
        attributes=offline_reason,
    ),
    NvrBinarySensorDescription(
        key="recording",
        device_class=BinarySensorDeviceClass.RUNNING,
        entity_category=EntityCategory.DIAGNOSTIC,
        offline_too=True,
        told_by=lambda state: any(channel.recording is not None for channel in state.channels),
        value=lambda channel: channel.recording,
    ),
)

STREAM_SENSORS: tuple[NvrBinarySensorDescription[Stream], ...] = (
    NvrBinarySensorDescription(
        key="alive",
        device_class=BinarySensorDeviceClass.RUNNING,
        entity_category=EntityCategory.DIAGNOSTIC,
        unusual_too=True,
        told_by=lambda state: any(
            stream.alive is not None for channel in state.channels for stream in channel.streams
        ),
        value=lambda stream: stream.alive,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of a recorder."""
    coordinator = entry.runtime_data.coordinator

    def candidates(state: RecorderState) -> Iterator[Candidate]:
        yield Candidate(
            unique_id=unique_id(state.recorder, RecorderPlace(), REACHABLE),
            channel=None,
            make=lambda: RecorderReachable(coordinator),
        )
        yield from status_candidates(
            coordinator, NvrBinarySensor[Channel], channel_places(state), CHANNEL_SENSORS
        )
        yield from status_candidates(
            coordinator, NvrBinarySensor[Stream], stream_places(state), STREAM_SENSORS
        )

    add_as_they_appear(entry, async_add_entities, candidates)


class RecorderReachable(NvrEntity[RecorderState], BinarySensorEntity):
    """Whether the recorder answered last time: the one entity that is there when nothing else is."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_translation_key = REACHABLE

    def __init__(self, coordinator: NvrCoordinator) -> None:
        """Initialize."""
        super().__init__(coordinator, RecorderPlace(), REACHABLE)

    @property
    @override
    def available(self) -> bool:
        """Return True: that the recorder doesn't answer is what this says."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the recorder answered last time."""
        return self.coordinator.last_update_success


class NvrBinarySensor[T](NvrStatusEntity[T], BinarySensorEntity):
    """Something a recorder says yes or no to."""

    entity_description: NvrBinarySensorDescription[T]

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what it says now, None where it doesn't."""
        subject = self.subject
        return None if subject is None else self.entity_description.value(subject)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what else it says."""
        subject, attributes = self.subject, self.entity_description.attributes
        return None if subject is None or attributes is None else attributes(subject)
