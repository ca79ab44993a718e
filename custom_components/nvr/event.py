"""An event for each channel: a clip of it is ready, or can't be made.

Users who are not administrators can't listen to bus events; they and their dashboards see this.
"""

from collections.abc import Iterator
from functools import partial
from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .clip_description import describe_job
from .coordinator import NvrConfigEntry, NvrData
from .drivers.models import Channel, RecorderState
from .entity import Candidate, NvrEntity, add_as_they_appear, unique_id
from .library.job import Job, JobPhase
from .places import ChannelPlace, channel_places

# Events come from our own queue.
PARALLEL_UPDATES = 0

KEY = "clip"
CLIP_READY = "clip_ready"
CLIP_FAILED = "clip_failed"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of a recorder."""
    data = entry.runtime_data

    def candidates(state: RecorderState) -> Iterator[Candidate]:
        for place in channel_places(state):
            yield Candidate(
                unique_id=unique_id(state.recorder, place, KEY),
                channel=place.channel,
                make=partial(NvrClipEvent, data, place),
            )

    add_as_they_appear(entry, async_add_entities, candidates)


class NvrClipEvent(NvrEntity[Channel], EventEntity):
    """What became of the clips of a channel."""

    _attr_translation_key = KEY
    _attr_event_types = [CLIP_READY, CLIP_FAILED]  # noqa: RUF012 -- Home Assistant's base class says so

    def __init__(self, data: NvrData, place: ChannelPlace) -> None:
        """Initialize."""
        super().__init__(data.coordinator, place, KEY)
        self._clips = data.clips

    @property
    @override
    def available(self) -> bool:
        """Return True: a failure because the recorder is gone must be seen too."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self._clips.listen(self._job_changed))

    @callback
    def _job_changed(self, job: Job) -> None:
        if job.request.channel != self.place.channel or not job.phase.ended:
            return
        event_type = CLIP_READY if job.phase is JobPhase.DONE else CLIP_FAILED
        self._trigger_event(event_type, dict(describe_job(job)))
        self.async_write_ha_state()
