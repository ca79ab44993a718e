"""The sensor that shows what a recorder's clip queue is doing."""

from datetime import timedelta
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .clip_description import describe_job
from .coordinator import NvrData
from .drivers.models import RecorderState
from .entity import NvrEntity
from .library.job import Job, JobPhase
from .places import RecorderPlace

KEY = "clip_job"
IDLE = "idle"

SHORTEST_UPDATE = timedelta(seconds=1)
"""Home Assistant's recorder keeps every state: more often is of no use to a person."""


class NvrJobSensor(NvrEntity[RecorderState], SensorEntity):
    """The phase of the job at work, else of the first that waits, else of the last that ended."""

    _attr_translation_key = KEY
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_options = [IDLE, *(phase.value for phase in JobPhase)]  # noqa: RUF012 -- as the base class has it
    _unrecorded_attributes = frozenset({"percent", "path", "sha256", "message"})

    def __init__(self, data: NvrData) -> None:
        """Initialize."""
        super().__init__(data.coordinator, RecorderPlace(), KEY)
        self._clips = data.clips
        self._written = dt_util.utc_from_timestamp(0)
        self._cancel_later: CALLBACK_TYPE | None = None

    @property
    @override
    def available(self) -> bool:
        """Return True: the queue goes on while the recorder is out of reach."""
        return True

    @property
    @override
    def native_value(self) -> str:
        job = self._clips.current
        return IDLE if job is None else job.phase.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        attributes: dict[str, Any] = {"queue_length": len(self._clips.unfinished)}
        if (job := self._clips.current) is not None:
            attributes |= describe_job(job)
            del attributes["phase"]
            attributes["percent"] = _percent(job)
        return attributes

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        # Home Assistant writes the first state after this.
        self._written = dt_util.utcnow()
        self.async_on_remove(self._clips.listen(self._job_changed))
        self.async_on_remove(self._forget_later)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Do nothing: a poll tells nothing of the queue, and would come between two updates."""

    @callback
    def _job_changed(self, _: Job) -> None:
        """Show the change now, or as soon as a second has passed since the last one."""
        if self._cancel_later is not None:
            return
        wait = self._written + SHORTEST_UPDATE - dt_util.utcnow()
        if wait > timedelta():
            self._cancel_later = async_call_later(self.hass, wait, self._write)
        else:
            self._write(None)

    @callback
    def _write(self, _: object) -> None:
        self._cancel_later = None
        self._written = dt_util.utcnow()
        self.async_write_ha_state()

    @callback
    def _forget_later(self) -> None:
        if self._cancel_later is not None:
            self._cancel_later()
            self._cancel_later = None


def _percent(job: Job) -> int | None:
    if job.phase is JobPhase.DONE:
        return 100
    return None if job.progress is None else round(job.progress * 100)
