"""Searches of simulated recorders while answers are damaged on their way."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from random import Random

import pytest

from custom_components.nvr.drivers import drift
from custom_components.nvr.drivers.answer import DOCUMENT, LIST, SEARCH
from custom_components.nvr.drivers.dahua.rpc_session import LOGIN
from simulator.faces import PERSONALITIES

from .conftest import Clock
from .damaged_answers import Case, Damage, Phase, Unharmed, unharmed, wrongs

VENDORS = ("dahua",)
NAMES = sorted(name for name in PERSONALITIES if name.startswith(VENDORS))
# One that answers in JSON, one in lines, and one in XML, on pages that are told once.
QUICKLY = ("dahua/current", "dahua/old", "onvif/camera")
AT_ONCE = 24
# Of all that can go wrong, as much as takes minutes.
SHARE = 0.25
SEED = 57
PATIENCE_SECONDS = 4.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait no minute for bytes that were lost, and be content with whole seconds of the clock."""
    monkeypatch.setattr(drift, "FINE_ENOUGH", timedelta(seconds=5))
    waits = [(limits, limits.seconds) for limits in (DOCUMENT, LIST, SEARCH, LOGIN)]
    for limits, _ in waits:
        # Frozen, as nobody but a test changes it.
        object.__setattr__(limits, "seconds", PATIENCE_SECONDS)
    yield
    for limits, seconds in waits:
        object.__setattr__(limits, "seconds", seconds)


async def judged(truth: Unharmed, cases: list[Case], clock: Clock) -> list[str]:
    """Return all that is wrong, a few recorders at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> list[str]:
        async with room:
            return await wrongs(truth, case, clock)

    found = await asyncio.gather(*(one(case) for case in cases))
    return list(chain.from_iterable(found))


@pytest.mark.parametrize("name", QUICKLY)
async def test_no_search_takes_a_damaged_answer_for_the_end(name: str, clock: Clock) -> None:
    truth = await unharmed(name)
    damages = (Damage.CUT, Damage.GARBLED)
    cases = list(truth.cases([Phase.FIRST_SEARCH], damages, places=(0.5,), times=(1,)))
    assert len(cases) >= 10
    assert await judged(truth, cases, clock) == []


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
async def test_nothing_that_is_damaged_makes_a_search_miss_anything(
    name: str, clock: Clock
) -> None:
    truth = await unharmed(name)
    random = Random(SEED)
    cases = [case for case in truth.cases() if random.random() < SHARE]
    assert await judged(truth, cases, clock) == []
