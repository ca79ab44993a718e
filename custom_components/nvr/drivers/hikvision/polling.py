"""The order in which a device is asked again, minute by minute."""

from datetime import UTC, datetime

from ..probing import drift_turn
from ..rota import EVERY_ROUND, HOUR, MINUTE, Rota, Turn
from .clock import RecorderClock
from .convention import ConventionMeter
from .extents import ROUND_SECONDS, Extents
from .facts import Facts
from .search import Searches
from .survey import Survey
from .transport import BudgetedTransport, Transport


class Polling:
    """Channels every minute, disks and uptime every five, names and streams rarely."""

    def __init__(
        self,
        facts: Facts,
        clock: RecorderClock,
        survey: Survey,
        searches: Searches,
        meter: ConventionMeter,
    ) -> None:
        """Initialize."""
        self._facts = facts
        self._clock = clock
        self._survey = survey
        self._searches = searches
        self._meter = meter

    def rota(self) -> Rota[BudgetedTransport]:
        """Return the rota for a device that has just been asked for everything."""
        extents = Extents(self._facts, self._clock, self._searches)
        return Rota(
            [*self._state_turns(), *self._learning_turns(), *self._rare_turns()],
            filler=Turn(name="extents", seconds=ROUND_SECONDS, ask=extents.go_on),
            last=Turn(name="presence", seconds=EVERY_ROUND, ask=self._survey.identity),
        )

    def _state_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what changes from one minute to the next."""
        facts, survey = self._facts, self._survey
        return [
            Turn.of(survey, "statuses", EVERY_ROUND, lambda: bool(facts.ip_channels), always=True),
            Turn.of(
                survey,
                "inputs",
                EVERY_ROUND,
                lambda: facts.inputs is None or any(entry.signal for entry in facts.inputs),
                always=True,
            ),
            Turn.of(survey, "working", EVERY_ROUND, always=True),
        ]

    def _learning_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what is asked until it is known."""
        return [
            drift_turn(self._clock, self._survey.time),
            Turn(
                name="convention",
                seconds=EVERY_ROUND,
                ask=self._convention,
                wanted=lambda: self._clock.needs_measuring(datetime.now(UTC)),
            ),
            Turn(
                name="stream",
                seconds=EVERY_ROUND,
                ask=self._stream,
                wanted=lambda: bool(self._survey.unprobed_streams()),
            ),
        ]

    def _rare_turns(self) -> list[Turn[BudgetedTransport]]:
        """Return what changes when somebody changes it."""
        survey = self._survey
        return [
            Turn.of(survey, "time", 5 * MINUTE),
            Turn.of(survey, "status", 5 * MINUTE),
            Turn.of(survey, "disks", 5 * MINUTE),
            Turn.of(survey, "streams", 15 * MINUTE),
            Turn.of(survey, "channels", 15 * MINUTE),
            Turn.of(survey, "identity", 30 * MINUTE),
            Turn.of(survey, "rtsp_port", HOUR),
        ]

    async def _convention(self, transport: Transport) -> None:
        await self._meter.ensure(lambda terms: self._searches.ask_in_turn(terms, transport))

    async def _stream(self, transport: Transport) -> None:
        for number in self._survey.unprobed_streams():
            await self._survey.probe_stream(transport, number)
