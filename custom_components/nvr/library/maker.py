"""How one clip is made: find its recordings, wait for their end, cut, verify."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from homeassistant.util import dt as dt_util

from ..drivers.driver import Driver
from ..drivers.errors import CannotConnectError, CertificateError, DeviceBusyError
from ..drivers.models import RecordingKind
from ..footage.clip import ClipReport, make_clip
from ..footage.errors import FootageError, NoVideoError
from ..footage.part import FootagePart, broke_off
from ..footage.workers import Workers
from ..footage_parts import footage_part
from ..local_time import local_text
from ..recordings import find_recordings, nearest_recording
from .folder import ClipFolder
from .job import ClipRequest, JobPhase
from .plan import ClipPlan, plan_clip

RECORDINGS_LIMIT = 500
"""Most recordings that one clip is cut from."""

_MEGABYTE = 1_000_000
_MINUTE = timedelta(minutes=1)

_LONGEST_FRAME = timedelta(seconds=0.5)
"""A clip that ends this much early is complete: streams with fewer pictures a second are rare."""


class ClipError(Exception):
    """A clip can't be made, for a reason that the recorder did not give by itself.

    ``cause`` is the key of a translated message.
    """

    def __init__(self, cause: str, placeholders: dict[str, str] | None = None) -> None:
        """Initialize."""
        super().__init__(cause)
        self.cause = cause
        self.placeholders = placeholders or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a job waits for what isn't there yet.

    ``settle`` is how long after the end of the span the recorder is first asked: recorders write in
    blocks of a few seconds. ``wait_limit`` counts from the end of the span. ``retries`` are the
    pauses before a recorder that is out of reach or busy is tried again.
    """

    settle: timedelta = timedelta(seconds=5)
    ask_again: timedelta = timedelta(seconds=10)
    wait_limit: timedelta = timedelta(minutes=3)
    retries: tuple[timedelta, ...] = (timedelta(seconds=10), timedelta(seconds=30))


type Report = Callable[[JobPhase, float | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A clip as it was cut, and why its recordings were made.

    ``truncated`` tells that it lacks footage, and that the recorder ended a transfer before the length
    that it had announced.
    """

    report: ClipReport
    kinds: frozenset[RecordingKind]
    truncated: bool = False


class _Transfers:
    """Looks at how the transfers for a clip end."""

    def __init__(self) -> None:
        """Initialize."""
        self.truncated = False

    def watch(self, part: FootagePart) -> FootagePart:
        """Return a recording whose transfers are looked at."""

        @asynccontextmanager
        async def fetch(start: datetime, end: datetime) -> AsyncIterator[AsyncIterable[bytes]]:
            async with part.fetch(start, end) as stream:
                try:
                    yield stream
                finally:
                    self.truncated = self.truncated or broke_off(stream)

        return replace(part, fetch=fetch)


async def check_room(plan: ClipPlan, folder: ClipFolder) -> None:
    """Make sure that a clip has room before its first byte is fetched.

    Raises:
        ClipError: It has not.
        OSError: The disk can't be asked.
    """
    needed = plan.size_bytes + folder.reserve_bytes
    room = await asyncio.to_thread(folder.room, needed)
    if needed > room:
        raise ClipError(
            "not_enough_space",
            {"needed": str(needed // _MEGABYTE), "free": str(room // _MEGABYTE)},
        )


class ClipMaker:
    """Makes clips of one recorder's footage."""

    def __init__(
        self,
        driver: Driver,
        pool: Workers,
        *,
        patience: Patience | None = None,
        now: Callable[[], datetime] = dt_util.utcnow,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Initialize."""
        self.driver = driver
        self.patience = patience or Patience()
        self._pool = pool
        self._now = now
        self._sleep = sleep

    async def plan(self, request: ClipRequest) -> ClipPlan:
        """Ask the recorder which recordings the clip would be cut from.

        Raises:
            DriverError: The recorder can't be asked.
        """
        found = await find_recordings(
            self.driver,
            request.channel,
            request.start - timedelta(seconds=1),
            request.end,
            stream=request.stream,
            limit=RECORDINGS_LIMIT,
        )
        if found.error is not None:
            raise found.error
        state = self.driver.state
        channel = state.channel(request.channel) if state else None
        stream = channel.stream(request.stream) if channel else None
        return plan_clip(found.recordings, request.start, request.end, stream)

    def may_still_come(self, request: ClipRequest) -> bool:
        """Whether footage of the span may yet be written to the recorder's disk."""
        return self._now() < request.end + self.patience.wait_limit

    async def wait_for_footage(self, request: ClipRequest, report: Report) -> None:
        """Return once the end of the span is on the recorder's disk, or nothing more will come.

        Raises:
            DriverError: The recorder can't be asked.
        """
        written = request.end + self.patience.settle
        while self.may_still_come(request):
            if (left := written - self._now()) > timedelta():
                report(JobPhase.WAITING_FOR_FOOTAGE, None)
                await self._sleep(left.total_seconds())
            plan = await self._patiently(partial(self.plan, request), report)
            if plan.reaches(request.end):
                return
            written = self._now() + self.patience.ask_again

    async def insist[T](self, attempt: Callable[[], Awaitable[T | None]], report: Report) -> T:
        """Make attempts until one gives a clip, with pauses in which the recorder is left alone.

        An attempt gives None where the recorder had listed more than it had written.

        Raises:
            DriverError: The recorder stays out of reach or busy; else what the attempt raises.
        """
        while (made := await self._patiently(attempt, report)) is None:
            report(JobPhase.WAITING_FOR_FOOTAGE, None)
            await self._sleep(self.patience.ask_again.total_seconds())
        return made

    async def make(
        self, request: ClipRequest, path: Path, folder: ClipFolder, report: Report
    ) -> Cut | None:
        """Write the clip into ``path``, a file that nobody else looks at.

        Args:
            request: What is wanted.
            path: Where it is written.
            folder: Where there has to be room for it.
            report: Told of every step.

        Returns:
            How it was cut, None if another attempt is worth while: the recorder had listed more than
            it had written, and there is hope for the rest.

        Raises:
            ClipError: Nothing was recorded then, or there is no room for it.
            DriverError: The recorder gave up.
            FootageError: Its footage can't be cut.
            OSError: The file can't be written.
        """
        report(JobPhase.FETCHING, None)
        plan = await self.plan(request)
        if not plan.recordings:
            raise await self.nothing_recorded(request)
        await check_room(plan, folder)
        cut = await self._cut_by_clock(request, plan, path, report)
        unwritten = plan.recordings[-1].open and cut.report.end + _LONGEST_FRAME < request.end
        return None if unwritten and self.may_still_come(request) else cut

    async def _patiently[T](self, step: Callable[[], Awaitable[T]], report: Report) -> T:
        """Try a step again after a while if the recorder is out of reach or busy."""
        for pause in self.patience.retries:
            try:
                return await step()
            except CertificateError:
                raise
            except CannotConnectError, DeviceBusyError:
                report(JobPhase.QUEUED, None)
                await self._sleep(pause.total_seconds())
        return await step()

    async def nothing_recorded(self, request: ClipRequest) -> ClipError:
        """Return the error that says so and names the nearest recording.

        Raises:
            DriverError: The recorder can't be asked.
        """
        near = await nearest_recording(
            self.driver, request.channel, request.stream, request.start, request.end
        )
        if near is None:
            return ClipError("nothing_recorded")
        return ClipError(
            "nothing_recorded_nearest",
            {"start": local_text(near.start), "end": local_text(near.end)},
        )

    async def _cut_by_clock(
        self, request: ClipRequest, plan: ClipPlan, path: Path, report: Report
    ) -> Cut:
        """Cut, once more if the footage shows that the recorder's clock was read wrongly."""
        before = self.clocks(plan)
        try:
            cut = await self._cut(request, plan, path, report)
            if cut.report.exact or self.clocks(plan) == before:
                return cut
        except NoVideoError:
            if self.clocks(plan) == before:
                raise
        # The search went by the same clock.
        plan = await self.plan(request)
        if not plan.recordings:
            raise await self.nothing_recorded(request)
        return await self._cut(request, plan, path, report)

    def clocks(self, plan: ClipPlan) -> list[set[int]]:
        """Return how far the recorder's clock is thought to be off, in minutes: drift is no news."""
        clocks = [self.driver.footage_clock(recording) for recording in plan.recordings]
        return [{round(offset / _MINUTE) for offset in clock.offsets} for clock in clocks]

    def _note_times(self, plan: ClipPlan, walls: Sequence[datetime | None]) -> None:
        for recording, wall in zip(plan.recordings, walls, strict=False):
            if wall is not None:
                self.driver.note_footage_time(recording, wall)

    async def _cut(self, request: ClipRequest, plan: ClipPlan, path: Path, report: Report) -> Cut:
        transfers = _Transfers()
        parts = [
            transfers.watch(footage_part(self.driver, recording)) for recording in plan.recordings
        ]
        try:
            made = await make_clip(
                self._pool,
                parts,
                request.start,
                request.end,
                path,
                progress=lambda progress: report(JobPhase(progress.phase), progress.fraction),
            )
        except FootageError as error:
            self._note_times(plan, error.first_walls)
            raise
        self._note_times(plan, made.first_walls)
        kinds = frozenset(kind for recording in plan.recordings for kind in recording.kinds)
        return Cut(report=made, kinds=kinds, truncated=transfers.truncated and bool(made.missing))
