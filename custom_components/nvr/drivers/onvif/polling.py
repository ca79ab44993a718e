"""The order in which a device is asked again, minute by minute."""

from collections.abc import Callable
from functools import partial

from ..probing import drift_turn
from ..rota import EVERY_ROUND, HOUR, MINUTE, Rota, Turn
from .archive import Archive
from .clock import RecorderClock
from .facts import Facts
from .jobs import Job
from .live import LiveAddresses
from .survey import Survey
from .transport import BudgetedTransport

RECORDINGS = "recordings"


class Polling:
    """What is so now every few minutes, profiles and names rarely, addresses of streams until all are known."""

    def __init__(
        self,
        facts: Facts,
        clock: RecorderClock,
        survey: Survey,
        live: LiveAddresses,
        archive: Archive,
        offers: Callable[[str], bool],
    ) -> None:
        """Initialize; ``offers`` tells whether the device has what something asks."""
        self._archive = archive
        self._facts = facts
        self._clock = clock
        self._survey = survey
        self._live = live
        self._offers = offers
        self._next_job = 0

    def rota(self) -> Rota[BudgetedTransport]:
        """Return the rota for a device that has just been asked for what a first state needs."""
        return Rota(
            [
                Turn(
                    name="addresses",
                    seconds=EVERY_ROUND,
                    ask=self._live.learn,
                    wanted=lambda: self._live.unknown,
                ),
                self._asked("sources", 2 * MINUTE),
                self._asked("jobs", 5 * MINUTE),
                Turn(
                    name="job_state",
                    seconds=EVERY_ROUND,
                    ask=self._job_state,
                    wanted=lambda: bool(self._untold_jobs()),
                ),
                drift_turn(self._clock, self._survey.time),
                self._asked("properties", 3 * MINUTE),
                self._asked("time", 5 * MINUTE),
                Turn(
                    name=RECORDINGS,
                    seconds=10 * MINUTE,
                    ask=self._archive.refresh,
                    wanted=lambda: self._archive.offered,
                ),
                self._asked("profiles", 15 * MINUTE),
                self._asked("titles", 15 * MINUTE),
                self._asked("scopes", HOUR),
                self._asked("services", HOUR),
                self._asked("identity", HOUR),
                self._asked("protocols", HOUR),
                self._asked("interfaces", 6 * HOUR),
            ],
            filler=Turn(
                name="more_addresses",
                seconds=EVERY_ROUND,
                ask=self._live.learn,
                wanted=lambda: self._live.unknown,
            ),
            last=Turn(name="presence", seconds=EVERY_ROUND, ask=self._presence),
        )

    def _asked(self, name: str, seconds: float) -> Turn[BudgetedTransport]:
        return Turn.of(self._survey, name, seconds, partial(self._offers, name))

    async def _presence(self, transport: BudgetedTransport) -> None:
        await self._survey.time(transport)

    def _untold_jobs(self) -> list[Job]:
        """Return the jobs that are to write, where no event tells whether they do."""
        if self._survey.pause("properties") is None and self._facts.writing:
            return []
        return [job for job in self._facts.jobs or () if job.active]

    async def _job_state(self, transport: BudgetedTransport) -> None:
        """Ask of one job after the other whether it writes, one a round."""
        if not (jobs := self._untold_jobs()):
            # Something else in this round told it.
            return
        self._next_job = (self._next_job + 1) % len(jobs)
        await self._survey.job_state(transport, jobs[self._next_job].token)
