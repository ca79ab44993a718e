"""The queue of a recorder's clip jobs."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypedDict, Unpack

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from ..const import CONF_QUEUE_LIMIT, DOMAIN, LOGGER
from ..drivers.models import Channel, RecorderState
from .clip import ClipNote, ClipPath, Gap
from .failure import JOB_ERRORS, exception_of, failure_of
from .folder import ClipFolder
from .job import Caller, ClipRequest, Failure, FinishedClip, Job, JobPhase
from .maker import ClipError, ClipMaker, Cut, Report
from .naming import channel_folder, recorder_folder, recorder_id
from .store import JobStore

JOBS_LIMIT = 200
"""Most unfinished jobs of one recorder."""

ENDED_KEPT = 20
"""How many ended jobs are remembered."""

STARTS_LIMIT = 3
"""How often a job is taken up: one during which Home Assistant ended this often may be the cause."""


class _Changes(TypedDict, total=False):
    """What changes in a job while it is worked at."""

    phase: JobPhase
    progress: float | None
    starts: int
    waited: bool
    clip: FinishedClip
    failure: Failure


class ClipQueue:
    """Makes a recorder's clips one after the other.

    Jobs whose footage is yet to be written wait beside the queue and don't hold it up.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        maker: ClipMaker,
        folder: ClipFolder,
        state: Callable[[], RecorderState],
    ) -> None:
        """Initialize; ``state`` returns what is known of the recorder at present."""
        self.maker = maker
        self.folder = folder
        self._hass = hass
        self._entry = entry
        self._state = state
        self._store = JobStore(hass, entry.entry_id)
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waiters: dict[str, list[asyncio.Future[Job | None]]] = {}
        self._cancelled: set[str] = set()
        self._listeners: list[Callable[[Job], None]] = []
        self._turn = asyncio.Lock()
        self._closed = False

    # Asked from outside

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All unfinished jobs, oldest first, and the last ended ones, in the order of their ends."""
        return tuple(self._jobs.values())

    @property
    def unfinished(self) -> tuple[Job, ...]:
        """The jobs that have not ended, oldest first."""
        return tuple(job for job in self._jobs.values() if not job.phase.ended)

    @property
    def counts(self) -> Counter[JobPhase]:
        """How many of the jobs are in each phase."""
        return Counter(job.phase for job in self._jobs.values())

    @property
    def current(self) -> Job | None:
        """The job to show: the one at work, else the first that waits, else the last that ended."""
        unfinished = self.unfinished
        working = (job for job in unfinished if job.phase.working)
        waiting = (job for job in unfinished if job.phase is JobPhase.WAITING_FOR_FOOTAGE)
        for candidates in (working, waiting, iter(unfinished), reversed(self.jobs)):
            if (job := next(candidates, None)) is not None:
                return job
        return None

    @callback
    def listen(self, listener: Callable[[Job], None]) -> CALLBACK_TYPE:
        """Call ``listener`` with a job whenever it has changed; return what removes it."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    async def start(self) -> None:
        """Take up the jobs that an earlier run of Home Assistant left unfinished."""
        kept = await self._store.load()
        # All are known before the first begins, for it saves what is known.
        self._jobs |= {job.id: job for job in kept}
        for job in kept:
            self._begin(job)

    async def submit(self, request: ClipRequest, entity_id: str, context: Context) -> Job:
        """Put a job at the end of the queue. Once this returns, the job outlives a restart.

        Raises:
            HomeAssistantError: The recorder was unloaded.
            ServiceValidationError: The queue is full.
        """
        if self._closed:
            raise exception_of(Failure(cause="recorder_unloaded"))
        limit = int(self._entry.options.get(CONF_QUEUE_LIMIT, JOBS_LIMIT))
        if len(self.unfinished) >= limit:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="queue_full",
                translation_placeholders={"limit": str(limit)},
            )
        job = Job(
            id=ulid_now(),
            request=request,
            entity_id=entity_id,
            caller=Caller(
                context_id=context.id, parent_id=context.parent_id, user_id=context.user_id
            ),
            created=dt_util.utcnow(),
        )
        self._jobs[job.id] = job
        # A caller who is cancelled while this is written has a job all the same.
        self._begin(job)
        await self._store.save(self.unfinished)
        return self._jobs[job.id]

    async def wait(self, job_id: str) -> Job:
        """Return a job when it has ended.

        Raises:
            HomeAssistantError: The recorder was removed meanwhile, and the job with it; or it was
                unloaded, and the job goes on when it is loaded again.
        """
        if (job := self._jobs[job_id]).phase.ended:
            return job
        if not self._closed:
            future: asyncio.Future[Job | None] = self._hass.loop.create_future()
            self._waiters.setdefault(job_id, []).append(future)
            if (ended := await future) is not None:
                return ended
        # A removal begins as an unload, and holds this lock until the entry is gone.
        async with self._entry.setup_lock:
            removed = self._hass.config_entries.async_get_entry(self._entry.entry_id) is None
        raise exception_of(Failure(cause="recorder_removed" if removed else "recorder_unloaded"))

    async def cancel(self, job_id: str) -> bool:
        """End a job and remove what it has written; tell whether it was ended by this."""
        job, task = self._jobs.get(job_id), self._tasks.get(job_id)
        if job is None or task is None or job.phase.ended:
            return False
        self._cancelled.add(job_id)
        task.cancel()
        await asyncio.wait([task])
        # A job whose clip already shows is done, and one that was failing has failed.
        return self._jobs[job_id].phase is JobPhase.CANCELLED

    async def close(self) -> None:
        """Stop working. Unfinished jobs stay kept and go on when the recorder is loaded again.

        Nothing is kept by this queue afterwards: what is kept belongs to the next one.
        """
        self._closed = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for future in (future for waiters in self._waiters.values() for future in waiters):
            if not future.done():
                future.set_result(None)
        self._waiters.clear()
        await self._store.save(self.unfinished)

    # The work

    @callback
    def _begin(self, job: Job) -> None:
        task = self._entry.async_create_background_task(
            self._hass, self._run(job.id), f"{DOMAIN} clip {job.id}"
        )
        if not task.done():
            self._tasks[job.id] = task
            task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def _run(self, job_id: str) -> None:
        """See a job to its end, whichever it is."""
        try:
            clip = await self._make(self._jobs[job_id])
        except asyncio.CancelledError:
            if job_id not in self._cancelled:
                raise
            self._end(job_id, phase=JobPhase.CANCELLED, failure=Failure(cause="cancelled"))
        except JOB_ERRORS as error:
            LOGGER.debug("Clip job %s failed", job_id, exc_info=True)
            self._end(job_id, phase=JobPhase.FAILED, failure=failure_of(error))
        except Exception:  # noqa: BLE001 -- nobody looks at this task, but callers wait for its job
            LOGGER.exception("Clip job %s failed", job_id)
            self._end(job_id, phase=JobPhase.FAILED, failure=Failure(cause="internal_error"))
        else:
            self._end(job_id, phase=JobPhase.DONE, clip=clip)
        finally:
            self._cancelled.discard(job_id)

    async def _make(self, job: Job) -> FinishedClip:
        if job.starts >= STARTS_LIMIT:
            raise ClipError("interrupted")
        channel, report = self._channel(job.request.channel), partial(self._report, job.id)
        await self.maker.wait_for_footage(job.request, report)
        attempt = partial(self._attempt, replace(job, starts=job.starts + 1), channel, report)
        return await self.maker.insist(attempt, report)

    async def _attempt(self, job: Job, channel: Channel, report: Report) -> FinishedClip | None:
        """Make a clip when it is the job's turn, None if its footage is not all written yet.

        Between attempts a job has no turn and no file, so it holds up nobody and loses nothing.
        """
        request = job.request
        report(JobPhase.QUEUED, None)
        async with self._turn:
            self._change(job.id, starts=job.starts)
            await self._store.save(self.unfinished)
            path = await self._to_its_end(
                self.folder.reserve,
                recorder_folder(self._hass, self._entry),
                channel_folder(channel),
                dt_util.as_local(request.start),
                request.name,
            )
            try:
                part = self.folder.part(path)
                cut = await self.maker.make(request, part, self.folder, report)
                return None if cut is None else await self._publish(path, request, channel, cut)
            finally:
                # After publishing this finds nothing to discard.
                await self._to_its_end(self.folder.discard, path)

    async def _publish(
        self, path: ClipPath, request: ClipRequest, channel: Channel, cut: Cut
    ) -> FinishedClip:
        gaps = tuple(Gap(start=start, end=end) for start, end in cut.report.missing)
        note = ClipNote(
            recorder_id=recorder_id(self._entry),
            recorder=self._entry.title,
            channel=request.channel,
            channel_name=channel.name,
            stream=request.stream,
            start=cut.report.start,
            end=cut.report.end,
            kinds=cut.kinds,
            exact=cut.report.exact,
            gaps=gaps,
            format_changed=cut.report.format_changed,
            truncated=cut.truncated,
            video_codec=cut.report.video_codec,
        )
        size, sha256 = await self._to_its_end(self.folder.publish, path, note)
        return FinishedClip(
            path=path,
            file=str(self.folder.file(path)),
            start=note.start,
            end=note.end,
            size_bytes=size,
            sha256=sha256,
            exact=note.exact,
            gaps=gaps,
            format_changed=note.format_changed,
            truncated=note.truncated,
        )

    async def _to_its_end[*Ts, T](self, step: Callable[[*Ts], T], *args: *Ts) -> T:
        """Do a step in a thread, which nobody can stop, and see its end even when cancelled.

        The cancellation takes effect where the job waits next, so that what the step did is known:
        a reserved path is given up again, and a clip that shows is told of as such.
        """
        future = self._hass.async_add_executor_job(step, *args)
        cancelled = False
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError:
                cancelled = True
        if cancelled and (task := asyncio.current_task()) is not None:
            task.cancel()
        return future.result()

    def _channel(self, number: int) -> Channel:
        """Return a job's channel, which may have left the recorder since the job was asked for."""
        if (channel := self._state().channel(number)) is None:
            raise ClipError("channel_gone", {"channel": str(number)})
        return channel

    # Telling everybody

    @callback
    def _report(self, job_id: str, phase: JobPhase, progress: float | None) -> None:
        if phase is JobPhase.WAITING_FOR_FOOTAGE:
            self._change(job_id, phase=phase, progress=progress, waited=True)
        else:
            self._change(job_id, phase=phase, progress=progress)

    @callback
    def _change(self, job_id: str, **changes: Unpack[_Changes]) -> Job:
        job = self._jobs[job_id] = replace(self._jobs[job_id], **changes)
        for listener in tuple(self._listeners):
            listener(job)
        return job

    @callback
    def _end(self, job_id: str, **outcome: Unpack[_Changes]) -> None:
        outcome["progress"] = None
        job = self._change(job_id, **outcome)
        # Those that ended first are forgotten first, however old they are.
        self._jobs[job_id] = self._jobs.pop(job_id)
        for future in self._waiters.pop(job_id, ()):
            if not future.done():
                future.set_result(job)
        ended = [job.id for job in self._jobs.values() if job.phase.ended]
        for old in ended[:-ENDED_KEPT]:
            del self._jobs[old]
        self._store.save_soon(lambda: self.unfinished)
