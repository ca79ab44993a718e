"""Bringing the drift of a device's clock down to hundredths of a second.

The device prints whole seconds. Asked just when the printed second is expected to change, each answer halves
what is open.
"""

import asyncio
from datetime import UTC, datetime

from ..errors import InvalidAnswerError, NotSupportedError
from .clock import RecorderClock
from .survey import Survey
from .transport import Transport

PROBES = 8


async def probe_drift(clock: RecorderClock, survey: Survey, transport: Transport) -> None:
    """Ask once, at the moment that tells most: within a second from now."""
    now = datetime.now(UTC)
    await asyncio.sleep((clock.next_probe(now) - now).total_seconds())
    await survey.time(transport)


async def refine_drift(clock: RecorderClock, survey: Survey, transport: Transport) -> None:
    """Ask until the drift is fine enough for cutting footage to the frame."""
    for _ in range(PROBES):
        if not clock.known or clock.fine:
            return
        try:
            await probe_drift(clock, survey, transport)
        except NotSupportedError, InvalidAnswerError:
            return
