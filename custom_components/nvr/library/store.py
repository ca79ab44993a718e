"""Jobs that outlive a restart of Home Assistant."""

from collections.abc import Callable, Iterable
from typing import TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from .job import Job

_VERSION = 1
_SAVE_DELAY_SECONDS = 0.5


class _Kept(TypedDict):
    jobs: list[dict[str, object]]


def _kept(jobs: Iterable[Job]) -> _Kept:
    return {"jobs": [job.as_dict() for job in jobs]}


class JobStore:
    """Keeps a recorder's unfinished jobs in Home Assistant's storage."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize."""
        self._store: Store[_Kept] = Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.jobs", private=True)

    async def load(self) -> tuple[Job, ...]:
        """Return the jobs that were unfinished, oldest first."""
        kept = await self._store.async_load()
        jobs = []
        for data in kept["jobs"] if kept else ():
            try:
                jobs.append(Job.from_dict(data))
            except (KeyError, ValueError) as error:
                LOGGER.warning("A kept clip job can't be read and is dropped: %r", error)
        return tuple(jobs)

    async def save(self, jobs: Iterable[Job]) -> None:
        """Keep these jobs and no others."""
        await self._store.async_save(_kept(jobs))

    @callback
    def save_soon(self, jobs: Callable[[], Iterable[Job]]) -> None:
        """Keep these jobs and no others: in a moment, or at the latest when Home Assistant stops."""
        self._store.async_delay_save(lambda: _kept(jobs()), _SAVE_DELAY_SECONDS)

    async def remove(self) -> None:
        """Forget all jobs, for a recorder that leaves Home Assistant."""
        await self._store.async_remove()
