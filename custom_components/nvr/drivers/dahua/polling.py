"""The order in which a device is asked again, minute by minute."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic

from ..budget import BudgetSpentError
from ..probing import drift_turn
from ..rota import EVERY_ROUND, HOUR, MINUTE, Rota, Turn
from .channels import STATES, VIDEO_LOSS
from .clock import RecorderClock
from .extents import Extents
from .facts import Facts
from .question import Question
from .settings import RECORDING
from .snapshot import Snapshots
from .survey import Survey
from .transport import BudgetedTransport

# By how much more rarely, where each question costs a login, which a recorder notes down and has few places for.
SPARINGLY = 5
# How long it counts that a channel gave a picture, where nothing else tells of it.
LOOK_AGAIN_SECONDS = 10 * MINUTE
LOOKS_A_ROUND = 2
# A round of how far recordings reach.
EXTENTS_SECONDS = 10 * MINUTE
# The same where each question costs a login: it is a handful of them for each channel.
EXTENTS_SPARINGLY_SECONDS = 3 * HOUR

_OFTEN: Mapping[str, Question[object]] = {
    "states": STATES,
    "video_loss": VIDEO_LOSS,
    "recording": RECORDING,
}


class Polling:
    """Channels every minute, time and disks now and then, names and streams rarely."""

    def __init__(
        self,
        facts: Facts,
        clock: RecorderClock,
        survey: Survey,
        snapshots: Snapshots,
        extents: Extents,
        *,
        costly: Callable[[], bool],
        costs: Callable[[str], bool],
        presence: Callable[[BudgetedTransport], Awaitable[None]],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``costly`` tells whether each question is a login, ``costs`` whether this one is.

        ``presence`` asks without one. ``now`` counts seconds.
        """
        self._facts = facts
        self._clock = clock
        self._survey = survey
        self._snapshots = snapshots
        self._extents = extents
        self._costly = costly
        self._costs = costs
        self._presence = presence
        self._next_index = 0
        self._now = now
        # By number, when a channel was last looked at of which nothing else is told.
        self._looked: dict[int, float] = {}
        snapshots.on_seen = self._note_seen

    @property
    def _patience(self) -> int:
        return SPARINGLY if self._costly() else 1

    def rota(self) -> Rota[BudgetedTransport]:
        """Return the rota for a device that has just been asked for what a first state needs."""
        rota = Rota(
            [*self._state_turns(), *self._learning_turns(), *self._rare_turns()],
            filler=Turn(
                name="extents",
                seconds=EXTENTS_SPARINGLY_SECONDS if self._costly() else EXTENTS_SECONDS,
                ask=self._go_on,
                wanted=lambda: self._clock.known,
            ),
            last=Turn(name="presence", seconds=EVERY_ROUND, ask=self._presence),
        )
        for name in self._survey.unasked:
            rota.hurry(name)
        return rota

    def _asked(self, name: str, seconds: float) -> Turn[BudgetedTransport]:
        """Return the turn of something that the survey asks."""
        return Turn(
            name=name,
            seconds=seconds * self._patience,
            ask=partial(self._survey.ask, name),
            wanted=partial(self._survey.is_wanted, name),
            pause=partial(self._pause, name, seconds),
        )

    def _pause(self, name: str, seconds: float) -> float | None:
        """Return after how long to ask again what failed, or what is a login each time although others are not."""
        if (pause := self._survey.pause(name)) is not None:
            return pause
        return seconds * SPARINGLY if name in _OFTEN and self._costs(_OFTEN[name].what) else None

    def _state_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what changes from one minute to the next."""
        return [self._asked(name, EVERY_ROUND) for name in _OFTEN]

    def _learning_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what is asked until it is known."""
        return [
            # Where it costs, it waits for somebody who needs the drift fine.
            drift_turn(self._clock, self._survey.time, lambda: not self._costly()),
            Turn(
                name="probe",
                seconds=EVERY_ROUND,
                ask=self._probe,
                wanted=lambda: (
                    self._survey.pause("states") is not None and self._unlooked() is not None
                ),
            ),
            Turn(
                name="one_recording",
                seconds=EVERY_ROUND,
                ask=self._one_recording,
                wanted=lambda: (
                    self._survey.pause("recording") is not None and bool(self._facts.places())
                ),
            ),
        ]

    def _rare_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what changes when somebody changes it."""
        return [
            self._asked("time", 5 * MINUTE),
            self._asked("uptime", 5 * MINUTE),
            self._asked("disks", 10 * MINUTE),
            self._asked("modes", 15 * MINUTE),
            self._asked("titles", 15 * MINUTE),
            self._asked("remotes", 15 * MINUTE),
            self._asked("firmware", 30 * MINUTE),
            self._asked("name", 30 * MINUTE),
            self._asked("streams", HOUR),
            self._asked("time_server", HOUR),
            self._asked("saving_rules", HOUR),
            self._asked("rtsp_port", HOUR),
            self._asked("class", HOUR),
            self._asked("inputs", 6 * HOUR),
            self._asked("identity", 6 * HOUR),
            self._asked("vendor", 6 * HOUR),
            self._asked("network", 6 * HOUR),
        ]

    async def _go_on(self, transport: BudgetedTransport) -> None:
        await self._extents.go_on(transport.budget)

    async def _probe(self, transport: BudgetedTransport) -> None:
        """Look whether channels of which nothing is told give a picture, a few in a round."""
        for _ in range(LOOKS_A_ROUND):
            if (number := self._unlooked()) is None:
                return
            before = self._looked.get(number)
            # A time-out is no answer, and the others come first.
            self._looked[number] = self._now()
            try:
                seen = await self._snapshots.probe(number, transport.budget)
            except BudgetSpentError:
                self._looked[number] = float("-inf") if before is None else before
                raise
            self._note_seen(number, seen)

    def _unlooked(self) -> int | None:
        """Return the channel that was not looked at for longest, None where all were lately."""
        never = float("-inf")
        numbers = [place.number for place in self._facts.untold()]
        number = min(numbers, key=lambda number: self._looked.get(number, never), default=None)
        if number is None or self._now() - self._looked.get(number, never) < LOOK_AGAIN_SECONDS:
            return None
        return number

    def _note_seen(self, number: int, seen: bool) -> None:
        self._looked[number] = self._now()
        self._facts.seen[number] = seen

    async def _one_recording(self, transport: BudgetedTransport) -> None:
        """Ask one channel after the other whether it is being recorded, one a round."""
        places = self._facts.places()
        self._next_index = (self._next_index + 1) % len(places)
        await self._survey.one_recording(transport, places[self._next_index].index)
