"""How a recorder is looked at once nothing is wrong with it any more."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from faults import recovery
from faults.operations import Home, Outcome
from faults.plan import Case, Fault, Operation

REFUSED = Case(
    number=3,
    operation=Operation.CLIP,
    fault=Fault.UNAUTHORIZED,
    moment=0.5,
    times=3,
    skip=0,
    draw=11,
)


async def test_footage_is_looked_for_in_another_place_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a device says it may have need not play, which is no sign of a login that is refused."""
    probes: list[Case] = []
    logins: list[Home] = []
    comes: Iterator[bool] = iter((False, False, True))

    async def perform(_: Home, case: Case) -> Outcome:
        probes.append(case)
        return Outcome(done=next(comes))

    async def reachable(_: Home) -> bool:
        return True

    async def log_in(home: Home) -> None:
        logins.append(home)

    monkeypatch.setattr(recovery, "perform", perform)
    monkeypatch.setattr(recovery, "poll", reachable)
    monkeypatch.setattr(recovery, "_log_in_again", log_in)
    monkeypatch.setattr(recovery, "INTERVAL_S", 0.0)
    await recovery.recover(cast(Home, None), REFUSED, done=False)
    assert len({probe.draw for probe in probes}) == len(probes) == 3
    assert {(probe.operation, probe.times) for probe in probes} == {(Operation.PLAY, 0)}
    assert len(logins) == 2


@pytest.mark.parametrize(("done", "played"), [(False, 2), (True, 0)])
async def test_footage_is_waited_for_where_it_did_not_come(
    monkeypatch: pytest.MonkeyPatch, done: bool, played: int
) -> None:
    probes: list[Case] = []
    comes: Iterator[bool] = iter((False, True))

    async def perform(_: Home, case: Case) -> Outcome:
        probes.append(case)
        return Outcome(done=next(comes))

    async def reachable(_: Home) -> bool:
        return True

    monkeypatch.setattr(recovery, "perform", perform)
    monkeypatch.setattr(recovery, "poll", reachable)
    monkeypatch.setattr(recovery, "INTERVAL_S", 0.0)
    case = replace(REFUSED, fault=Fault.STALLED)
    await recovery.recover(cast(Home, None), case, done=done)
    assert [probe.operation for probe in probes] == [Operation.PLAY] * played


class Box:
    """A recorder that can be restarted."""

    def __init__(self) -> None:
        """Initialize."""
        self.boots = 0

    async def reboot(self) -> None:
        """Be restarted."""
        self.boots += 1


@pytest.mark.parametrize(
    ("answers", "boots"),
    [
        (["done"], 0),
        (["is too busy", "done"], 0),
        (["is too busy", "is too busy", "makes no sense"], 0),
        (["is too busy"] * recovery.ROOM_TRIES, 1),
    ],
)
async def test_a_recorder_without_place_for_searches_is_restarted(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], boots: int
) -> None:
    waiting = iter(answers)
    probes: list[Case] = []

    async def perform(_: Home, case: Case) -> Outcome:
        probes.append(case)
        answer = next(waiting)
        return Outcome(done=answer == "done", reason=answer)

    async def reachable(_: Home) -> bool:
        return True

    box = Box()
    monkeypatch.setattr(recovery, "perform", perform)
    monkeypatch.setattr(recovery, "poll", reachable)
    monkeypatch.setattr(recovery, "ROOM_INTERVAL_S", 0.0)
    home = cast(Home, SimpleNamespace(recorder=box))
    assert await recovery.make_room(home, REFUSED) is bool(boots)
    assert box.boots == boots
    assert {(probe.operation, probe.times) for probe in probes} == {(Operation.SEARCH, 0)}
