"""The order in which a device is asked again, minute by minute."""

from dataclasses import replace
from datetime import UTC, datetime

from .clock import RecorderClock
from .convention import ConventionMeter
from .extents import ROUND_SECONDS, Extents
from .facts import Facts
from .probing import probe_drift
from .rota import Rota, Turn
from .search import Searches
from .survey import Survey
from .transport import Transport

MINUTE = 60.0
# Asked in every round; a little below the polling interval, so that jitter does not skip one.
EVERY_ROUND = 55.0


def make_rota(
    facts: Facts,
    clock: RecorderClock,
    survey: Survey,
    searches: Searches,
    meter: ConventionMeter,
) -> Rota:
    """Return the rota: channels every minute, disks and uptime every five, names and streams rarely."""

    async def drift(transport: Transport) -> None:
        await probe_drift(clock, survey, transport)

    async def convention(transport: Transport) -> None:
        await meter.ensure(lambda terms: searches.ask_in_turn(terms, transport))

    async def stream(transport: Transport) -> None:
        for number in survey.unprobed_streams():
            await survey.probe_stream(transport, number)

    time = Turn(name="time", seconds=5 * MINUTE, ask=survey.time)
    each_round = [
        Turn(
            name="statuses",
            seconds=EVERY_ROUND,
            always=True,
            ask=survey.statuses,
            wanted=lambda: bool(facts.ip_channels) and facts.statuses is not None,
        ),
        Turn(
            name="inputs",
            seconds=EVERY_ROUND,
            always=True,
            ask=survey.inputs,
            wanted=lambda: any(entry.signal for entry in facts.inputs or ()),
        ),
        Turn(
            name="working",
            seconds=EVERY_ROUND,
            always=True,
            ask=survey.working,
            wanted=lambda: facts.working is not None,
        ),
        Turn(
            name="drift",
            seconds=EVERY_ROUND,
            ask=drift,
            wanted=lambda: clock.known and not clock.fine,
        ),
        Turn(
            name="convention",
            seconds=EVERY_ROUND,
            ask=convention,
            wanted=lambda: clock.needs_measuring(datetime.now(UTC)),
        ),
        Turn(
            name="stream",
            seconds=EVERY_ROUND,
            ask=stream,
            wanted=lambda: bool(survey.unprobed_streams()),
        ),
    ]
    rarer = [
        time,
        Turn(name="status", seconds=5 * MINUTE, ask=survey.status),
        Turn(name="disks", seconds=5 * MINUTE, ask=survey.disks),
        Turn(
            name="streams",
            seconds=15 * MINUTE,
            ask=survey.streams,
            wanted=lambda: facts.streams_listed,
        ),
        Turn(
            name="channels",
            seconds=15 * MINUTE,
            ask=survey.ip_channels,
            wanted=lambda: facts.ip_channels is not None,
        ),
        Turn(name="identity", seconds=30 * MINUTE, ask=survey.identity),
        Turn(
            name="rtsp_port",
            seconds=60 * MINUTE,
            ask=survey.rtsp_port,
            wanted=lambda: facts.rtsp_port is not None,
        ),
    ]
    filler = Turn(name="extents", seconds=ROUND_SECONDS, ask=Extents(facts, clock, searches).go_on)
    return Rota([*each_round, *rarer], filler=filler, last=replace(time))
