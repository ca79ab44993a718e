"""Brings a recorder back as its owner would once nothing is wrong with it any more."""

import asyncio
from dataclasses import replace

from demo.api import ApiError
from demo.entry import DOMAIN, new_answers
from demo.flow import FLOW, go_on
from demo.recorders import USER
from faults.operations import Home, perform, poll
from faults.plan import Case, Fault, Operation

# A refused login is tried again after a minute, one without an answer after two at most; a play that waits for it
# takes half a minute, longer on a busy machine, before its owner acts.
LIMIT_S = 400.0
INTERVAL_S = 1.0
# A recorder that is only busy has time again after that.
ROOM_TRIES = 3
ROOM_INTERVAL_S = 10.0
# What Home Assistant says of a recorder that takes no more.
BUSY = "too busy"
PLAYS_FOOTAGE = frozenset({Operation.CLIP, Operation.PLAY, Operation.SAVED_PICTURE})


class RecoveryError(Exception):
    """A recorder did not come back."""


async def recover(home: Home, case: Case, *, done: bool) -> bool:
    """Wait until Home Assistant has the recorder again, its pictures and its footage.

    ``done`` is whether the case was done all the same. Returns whether the recorder had to be restarted for room.

    Raises:
        RecoveryError: it has not, after longer than any pause that it makes.
    """
    restarted = False
    try:
        async with asyncio.timeout(LIMIT_S):
            await _reach(home, case)
            if case.operation is Operation.PICTURE:
                await _see(home, case)
            refused = case.fault is Fault.UNAUTHORIZED
            if (refused or not done) and case.operation in PLAYS_FOOTAGE:
                restarted = await _watch(home, case)
    except TimeoutError as error:
        raise RecoveryError(f"it is not back after {LIMIT_S:g} s") from error
    return restarted


async def make_room(home: Home, case: Case) -> bool:
    """Restart a recorder that begins no search any more, as its owner would; tell whether it was needed.

    Dahua has few places for searches. One is taken until the next boot by each search whose number got lost on its
    way to Home Assistant, or with a Home Assistant that was killed (section 8 of the notes).

    Raises:
        RecoveryError: it did not come back from that.
    """
    probe = replace(case, operation=Operation.SEARCH, fault=Fault.SLOW, times=0)
    for _ in range(ROOM_TRIES):
        outcome = await perform(home, probe)
        if outcome.done or BUSY not in outcome.reason:
            return False
        await asyncio.sleep(ROOM_INTERVAL_S)
    await home.recorder.reboot()
    await recover(home, probe, done=True)
    return True


async def _reach(home: Home, case: Case) -> None:
    if await poll(home):
        return
    # Some owners wait, others act at once.
    if case.fault is Fault.UNAUTHORIZED and case.draw % 2:
        await _log_in_again(home)
    while not await poll(home):
        if (flow := await _asked_for_login(home)) is not None:
            await _answer(home, flow)
        await asyncio.sleep(INTERVAL_S)


async def _see(home: Home, case: Case) -> None:
    """Wait for a picture of now, which may be behind a login of its own: that has pauses, too."""
    camera, _ = home.channel(case.random)
    while not await _shows(home, camera):
        if case.fault is Fault.UNAUTHORIZED:
            # Refused time after time it is left alone, and whoever misses the pictures has to act.
            await _log_in_again(home)
        await asyncio.sleep(INTERVAL_S)


async def _watch(home: Home, case: Case) -> bool:
    """Wait for footage, whose login over RTSP is judged apart; return whether the recorder was restarted for it.

    It is left alone after two refusals in a row, and for a while where it got no answer.
    """
    restarted, tries = False, 0
    probe = replace(case, operation=Operation.PLAY, times=0)
    while True:
        # Of something else each time: not every part of what a device says it may have plays.
        probe = probe.again(tries)
        outcome = await perform(home, probe)
        if outcome.wrong:
            raise RecoveryError("; ".join(outcome.wrong))
        if outcome.done:
            return restarted
        tries += 1
        if not tries % ROOM_TRIES:
            restarted = await make_room(home, case) or restarted
        if case.fault is Fault.UNAUTHORIZED:
            await _log_in_again(home)
        await asyncio.sleep(INTERVAL_S)


async def _shows(home: Home, camera: str) -> bool:
    try:
        await home.api.get(f"/api/camera_proxy/{camera}")
    except ApiError:
        return False
    return True


async def _asked_for_login(home: Home) -> str | None:
    flows = await home.api.ask("config_entries/flow/progress")
    for flow in flows:
        context = flow["context"]
        if context["source"] == "reauth" and context["entry_id"] == home.entry.entry_id:
            flow_id: str = flow["flow_id"]
            return flow_id
    return None


async def _answer(home: Home, flow_id: str) -> None:
    answer = {"username": USER, "password": home.recorder.password}
    shown = await home.api.get(f"{FLOW}/{flow_id}")
    await go_on(home.api, shown, {"reauth_confirm": answer})


async def _log_in_again(home: Home) -> None:
    form = await home.api.post(FLOW, handler=DOMAIN, entry_id=home.entry.entry_id)
    await go_on(home.api, form, new_answers(home.recorder))
