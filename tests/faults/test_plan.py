"""What goes wrong when is decided by a seed."""

from collections import Counter
from itertools import chain, product

import pytest

from demo.vendors import HIKVISION, ONVIF, VENDORS, Vendor
from faults.injection import spoilt
from faults.plan import PLAYED, SINGLE, Case, Fault, Operation, Round, drawn, each_once
from simulator.core.faults import Fault as SimulatedFault


def cases(rounds: list[Round]) -> list[Case]:
    return list(chain.from_iterable((*one.cases, *one.killed) for one in rounds))


def test_every_fault_happens_to_every_operation() -> None:
    pairs = Counter((case.operation, case.fault) for case in cases(each_once(1)))
    assert pairs == Counter(product(Operation, [*SINGLE, Fault.KILLED]))


def test_sessions_suffer_where_footage_is_played() -> None:
    pairs = {(case.operation, case.fault) for case in cases(each_once(1, played=True))}
    fetching = (Operation.CLIP, Operation.PLAY, Operation.SAVED_PICTURE)
    assert pairs == {
        *product(Operation, [*SINGLE, Fault.KILLED]),
        *product(fetching, PLAYED),
    }
    assert set(PLAYED) < {case.fault for case in cases(drawn(1, 1000, played=True))}


def test_what_is_about_sessions_hits_nothing_else() -> None:
    for case in cases(drawn(1, 1000, played=True)):
        for tried in (case, case.again(7)):
            fields = spoilt(tried, ONVIF)
            if tried.fault in PLAYED:
                assert fields is not None
                assert fields["method"] in {"DESCRIBE", "SETUP", "PLAY"}


@pytest.mark.parametrize("count", [1, 4, 199, 200, 201, 1000])
def test_as_many_are_drawn_as_were_asked_for(count: int) -> None:
    numbers = [case.number for case in cases(drawn(1, count))]
    assert numbers == list(range(1, count + 1))


def test_the_same_seed_draws_the_same() -> None:
    assert drawn(5, 300) == drawn(5, 300)
    assert drawn(5, 300) != drawn(6, 300)


def test_a_thousand_hold_all_there_is() -> None:
    found = cases(drawn(1, 1000))
    assert {case.fault for case in found} == {*SINGLE, Fault.KILLED}
    assert {case.operation for case in found} == set(Operation)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_the_simulator_knows_all_of_them(vendor: Vendor) -> None:
    for case in cases(drawn(1, 1000, played=vendor.downloads is None)):
        if (fields := spoilt(case, vendor)) is not None:
            SimulatedFault(**fields)


def test_another_try_is_the_same_fault_at_the_next_request_that_comes() -> None:
    for case in cases(drawn(1, 200)):
        again = case.again(7)
        assert (again.operation, again.fault, again.times) == (
            case.operation,
            case.fault,
            case.times,
        )
        assert (again.number, again.draw != case.draw) == (7, True)
        if (fields := spoilt(again, HIKVISION)) is not None:
            assert (fields["path"], fields["skip"]) == ("*", 0)
