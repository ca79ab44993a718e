"""How a fault is brought about."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

from demo.recorders import SimulatedRecorder
from demo.vendors import Vendor
from faults.disk import SmallDisk
from faults.plan import PLAYED, Case, Fault, Operation
from faults.requests import Aim, aims_of

# Longer than anybody waits for a byte: whoever does not give up hangs.
STALL_S = 100.0
# As a recorder far away and busy answers.
SLOW_S = 3.0
# Beyond the operation's first requests, and before its end as a rule.
LATEST_S = 1.5
AWAY_S = 4.0
GARBLED_BYTES = 64
LENGTHENED_BYTES = 4096
# Of what an operation asks for, so that the byte hit may be any.
_SIZES: Final = {
    Operation.CLIP: 1_500_000,
    Operation.PLAY: 1_500_000,
    Operation.SEARCH: 8_000,
    Operation.POLL: 3_000,
    Operation.PICTURE: 60_000,
    Operation.SAVED_PICTURE: 200_000,
}
# No other answer is larger.
_SMALL: Final = 60_000
_STATUSES: Final = {
    Fault.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    Fault.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Fault.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Fault.SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Fault.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


def spoilt(case: Case, vendor: Vendor) -> dict[str, Any] | None:
    """Return the fault in the simulator's words; None where it is none of a request."""
    random = case.random
    aims = aims_of(case.operation, case.fault, vendor)
    if case.anywhere and case.fault not in PLAYED:
        aims = (Aim(),)
    aim = random.choice(aims)
    size = _SIZES[case.operation]
    if not aim.bulk:
        size = min(size, _SMALL)
    # As many hits in the first hundred bytes as in the last megabyte's order of magnitude.
    byte = int(size**case.moment)
    fields = _fields(case.fault, byte)
    if fields is None:
        return None
    where = {"path": aim.path, "method": aim.method}
    return {**where, "count": case.times, "skip": case.skip, **fields}


def _fields(fault: Fault, byte: int) -> dict[str, Any] | None:
    match fault:
        case Fault.CUT | Fault.RESET:
            return {"cut_at": byte, "reset": fault is Fault.RESET}
        case Fault.NO_ANSWER:
            return {"drop": True}
        case Fault.STALLED:
            return {"stall_at": byte, "stall_s": STALL_S}
        case Fault.SLOW:
            return {"delay_s": SLOW_S}
        case Fault.SHORTENED:
            return {"shorten": byte}
        case Fault.LENGTHENED:
            return {"lengthen": LENGTHENED_BYTES}
        case Fault.CLAIMS_MORE:
            return {"claim": byte}
        case Fault.CLAIMS_LESS:
            return {"claim": -byte}
        case Fault.GARBLED:
            return {"garbage_at": byte, "garbage": GARBLED_BYTES}
        case Fault.REBOOT:
            return {"reboot_at": byte}
        case Fault.NO_SESSION_LEFT | Fault.SESSION_FORGOTTEN:
            return {"rtsp_status": int(fault)}
        case Fault.OTHER_SESSION:
            return {"other_session": True}
        case _ if fault in _STATUSES:
            return {"status": _STATUSES[fault]}
        case _:
            return None


@asynccontextmanager
async def going_wrong(
    case: Case, recorder: SimulatedRecorder, disk: SmallDisk
) -> AsyncIterator[None]:
    """Let it go wrong for the duration of the block, and be well afterwards."""
    meanwhile: asyncio.Task[None] | None = None
    if (fields := spoilt(case, recorder.plan.vendor)) is not None:
        await recorder.spoil(**fields)
    elif case.fault is Fault.UNPLUGGED:
        meanwhile = asyncio.create_task(_unplug(case, recorder))
    elif case.fault is Fault.DISK_FULL:
        meanwhile = asyncio.create_task(_fill(case, disk))
    try:
        yield
    finally:
        if meanwhile is not None:
            meanwhile.cancel()
            await asyncio.gather(meanwhile, return_exceptions=True)
        if case.fault is Fault.UNPLUGGED:
            await recorder.plug()
        if case.fault is Fault.DISK_FULL:
            await disk.free()
        await recorder.heal()


async def _unplug(case: Case, recorder: SimulatedRecorder) -> None:
    await asyncio.sleep(case.moment * LATEST_S)
    await recorder.unplug()
    await asyncio.sleep(AWAY_S)
    await recorder.plug()


async def _fill(case: Case, disk: SmallDisk) -> None:
    # Half of them are full from the beginning.
    await asyncio.sleep(max(0.0, 2 * case.moment - 1) * LATEST_S)
    await disk.fill()
