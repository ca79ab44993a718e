"""What all entities of a recorder share: when they appear, their ids, when they are available."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import NvrConfigEntry, NvrCoordinator
from .devices import gone_channels
from .drivers.models import Recorder, RecorderState
from .identity import channel_identifier, recorder_identifier, recorder_key
from .places import Place


def unique_id[T](recorder: Recorder, place: Place[T], key: str) -> str:
    """Return an id that depends on serial number, place and key alone."""
    return "_".join(part for part in (recorder_key(recorder), place.key, key) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entity that the recorder's state gives reason for, and what makes it."""

    unique_id: str
    channel: int | None
    make: Callable[[], Entity]


@dataclass(frozen=True, kw_only=True)
class NvrDescription(EntityDescription):
    """What an entity shows of a place.

    ``told_by`` tells whether this recorder says such a thing at all: what it never says is absent.
    ``offline_too`` marks what is known of a channel that gives no picture. ``unusual_too`` enables it
    from the beginning for sub streams as well.
    """

    told_by: Callable[[RecorderState], bool] = lambda _: True
    offline_too: bool = False
    unusual_too: bool = False


@callback
def add_as_they_appear(
    entry: NvrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    candidates: Callable[[RecorderState], Iterable[Candidate]],
) -> None:
    """Add entities now, and later those of channels, streams and disks that are new.

    A channel that the recorder lists no more loses its device and so its entities; should it come
    back, they are added anew.
    """
    coordinator = entry.runtime_data.coordinator
    known: dict[str, int | None] = {}

    @callback
    def add_new() -> None:
        state = coordinator.data
        gone = gone_channels(state, {channel for channel in known.values() if channel is not None})
        for key in [key for key, channel in known.items() if channel in gone]:
            del known[key]
        new = [found for found in candidates(state) if found.unique_id not in known]
        known.update((found.unique_id, found.channel) for found in new)
        if new:
            async_add_entities(found.make() for found in new)

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))


class NvrEntity[T](CoordinatorEntity[NvrCoordinator]):
    """An entity that shows something of one place in a recorder's state."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: NvrCoordinator, place: Place[T], key: str = "") -> None:
        """Initialize."""
        super().__init__(coordinator)
        self.place = place
        recorder = coordinator.data.recorder
        owner = recorder_key(recorder)
        self._attr_unique_id = unique_id(recorder, place, key)
        self._attr_device_info = DeviceInfo(
            identifiers={
                recorder_identifier(owner)
                if place.channel is None
                else channel_identifier(owner, place.channel)
            }
        )

    @property
    def subject(self) -> T | None:
        """What the entity shows, None when the recorder lists it no more."""
        return self.place.find(self.coordinator.data)

    @property
    def channel_down(self) -> bool:
        """Whether the recorder says that the entity's channel is offline."""
        if self.place.channel is None:
            return False
        channel = self.coordinator.data.channel(self.place.channel)
        return channel is not None and channel.online is False

    @property
    @override
    def available(self) -> bool:
        """Return whether the recorder answers and still lists what this shows."""
        return super().available and self.subject is not None


class NvrStatusEntity[T](NvrEntity[T]):
    """An entity that a description makes."""

    entity_description: NvrDescription

    def __init__(
        self, coordinator: NvrCoordinator, place: Place[T], description: NvrDescription
    ) -> None:
        """Initialize."""
        super().__init__(coordinator, place, description.key)
        self.entity_description = description
        self._attr_translation_key = f"{place.prefix}{description.key}"
        self._attr_translation_placeholders = place.placeholders
        self._attr_entity_registry_enabled_default = (
            description.entity_registry_enabled_default and (place.usual or description.unusual_too)
        )

    @property
    @override
    def available(self) -> bool:
        """Return whether there is something to show now."""
        return super().available and (self.entity_description.offline_too or not self.channel_down)


def status_candidates[T, D: NvrDescription](
    coordinator: NvrCoordinator,
    make: Callable[[NvrCoordinator, Place[T], D], Entity],
    places: Iterable[Place[T]],
    descriptions: Iterable[D],
) -> Iterator[Candidate]:
    """Yield what the descriptions make of each place, as far as the recorder tells it."""
    state = coordinator.data
    told = [description for description in descriptions if description.told_by(state)]
    for place in places:
        for description in told:
            yield Candidate(
                unique_id=unique_id(state.recorder, place, description.key),
                channel=place.channel,
                make=partial(make, coordinator, place, description),
            )
