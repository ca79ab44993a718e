"""What a recorder says of itself, its channels, streams and disks in numbers and words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    EntityCategory,
    UnitOfDataRate,
    UnitOfFrequency,
    UnitOfInformation,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import NvrConfigEntry
from .drivers.models import (
    Channel,
    Disk,
    DiskState,
    OfflineReason,
    RecorderState,
    RecordingExtent,
    Stream,
)
from .entity import (
    Candidate,
    NvrDescription,
    NvrStatusEntity,
    add_as_they_appear,
    status_candidates,
)
from .job_sensor import NvrJobSensor
from .places import (
    RecorderPlace,
    channel_places,
    disk_places,
    extent_places,
    stream_places,
)

# Everything comes from the coordinator.
PARALLEL_UPDATES = 0

# States of a channel beside the reasons why it is offline. "unknown" is Home Assistant's own word.
ONLINE = "online"
OFFLINE = "offline"


@dataclass(frozen=True, kw_only=True)
class NvrSensorDescription[T](NvrDescription, SensorEntityDescription):
    """A sensor, and how its value is found."""

    value: Callable[[T], StateType | datetime]


def channel_status(channel: Channel) -> str | None:
    """Return online, or why not, in a word for automations."""
    if channel.online is None:
        return None
    if channel.online:
        return ONLINE
    if channel.reason in (None, OfflineReason.UNKNOWN):
        return OFFLINE
    return channel.reason.value


def resolution(stream: Stream) -> str | None:
    """Return width and height as people write them."""
    if stream.width is None or stream.height is None:
        return None
    return f"{stream.width}x{stream.height}"


def _any_stream(told: Callable[[Stream], bool]) -> Callable[[RecorderState], bool]:
    return lambda state: any(told(one) for channel in state.channels for one in channel.streams)


def _any_disk(told: Callable[[Disk], bool]) -> Callable[[RecorderState], bool]:
    return lambda state: any(told(one) for one in state.disks)


RECORDER_SENSORS: tuple[NvrSensorDescription[RecorderState], ...] = (
    NvrSensorDescription(
        key="clock_offset",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=lambda state: state.clock.offset is not None,
        value=lambda state: (
            None if state.clock.offset is None else round(state.clock.offset.total_seconds(), 1)
        ),
    ),
    NvrSensorDescription(
        key="last_boot",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=lambda state: state.last_boot is not None,
        value=lambda state: state.last_boot,
    ),
)

CHANNEL_SENSORS: tuple[NvrSensorDescription[Channel], ...] = (
    NvrSensorDescription(
        key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[
            ONLINE,
            OFFLINE,
            *(reason.value for reason in OfflineReason if reason is not OfflineReason.UNKNOWN),
        ],
        entity_category=EntityCategory.DIAGNOSTIC,
        offline_too=True,
        value=channel_status,
    ),
)

EXTENT_SENSORS: tuple[NvrSensorDescription[RecordingExtent], ...] = (
    NvrSensorDescription(
        key="oldest_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        offline_too=True,
        value=lambda extent: extent.oldest,
    ),
    NvrSensorDescription(
        key="newest_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        offline_too=True,
        value=lambda extent: extent.newest,
    ),
)

# What few look at is there but disabled: a home has hundreds of streams, and each sensor costs memory.
STREAM_SENSORS: tuple[NvrSensorDescription[Stream], ...] = (
    NvrSensorDescription(
        key="codec",
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_stream(lambda stream: stream.codec is not None),
        value=lambda stream: stream.codec,
    ),
    NvrSensorDescription(
        key="resolution",
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_stream(lambda stream: resolution(stream) is not None),
        value=resolution,
    ),
    NvrSensorDescription(
        key="frame_rate",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.FREQUENCY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_stream(lambda stream: stream.fps is not None),
        value=lambda stream: stream.fps,
    ),
    NvrSensorDescription(
        key="bitrate",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.DATA_RATE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfDataRate.KILOBITS_PER_SECOND,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_stream(lambda stream: stream.bitrate_kbps is not None),
        value=lambda stream: stream.bitrate_kbps,
    ),
)

DISK_SENSORS: tuple[NvrSensorDescription[Disk], ...] = (
    NvrSensorDescription(
        key="disk_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in DiskState if state is not DiskState.UNKNOWN],
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda disk: None if disk.state is DiskState.UNKNOWN else disk.state.value,
    ),
    NvrSensorDescription(
        key="disk_capacity",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_disk(lambda disk: disk.capacity_bytes is not None),
        value=lambda disk: disk.capacity_bytes,
    ),
    NvrSensorDescription(
        key="disk_free",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        told_by=_any_disk(lambda disk: disk.free_bytes is not None),
        value=lambda disk: disk.free_bytes,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of a recorder."""
    coordinator = entry.runtime_data.coordinator

    def candidates(state: RecorderState) -> Iterator[Candidate]:
        yield from status_candidates(
            coordinator, NvrSensor[RecorderState], (RecorderPlace(),), RECORDER_SENSORS
        )
        yield from status_candidates(
            coordinator, NvrSensor[Channel], channel_places(state), CHANNEL_SENSORS
        )
        yield from status_candidates(
            coordinator, NvrSensor[RecordingExtent], extent_places(state), EXTENT_SENSORS
        )
        yield from status_candidates(
            coordinator, NvrSensor[Stream], stream_places(state), STREAM_SENSORS
        )
        yield from status_candidates(coordinator, NvrSensor[Disk], disk_places(state), DISK_SENSORS)

    add_as_they_appear(entry, async_add_entities, candidates)
    async_add_entities([NvrJobSensor(entry.runtime_data)])


class NvrSensor[T](NvrStatusEntity[T], SensorEntity):
    """Something a recorder says."""

    entity_description: NvrSensorDescription[T]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return what it says now, None where it doesn't."""
        subject = self.subject
        return None if subject is None else self.entity_description.value(subject)
