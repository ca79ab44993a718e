"""Faults that are switched on and off."""

from http import HTTPStatus

from simulator.core.faults import Effect, Fault, Faults


def test_hits_matching_paths_as_often_as_it_says() -> None:
    faults = Faults()
    faults.add(Fault(path="/a/*", count=2, status=HTTPStatus.SERVICE_UNAVAILABLE))
    assert faults.take("/b/c").status is None
    assert [faults.take("/A/c").status for _ in range(3)] == [503, 503, None]


def test_faults_add_up() -> None:
    faults = Faults()
    faults.add(Fault(delay_s=1.0, cut_at=500))
    faults.add(Fault(delay_s=0.5, cut_at=0, drop=True))
    assert faults.take("/x") == Effect(delay_s=1.5, cut_at=0, drop=True)


def test_is_switched_off_again() -> None:
    faults = Faults()
    off = faults.add(Fault(drop=True))
    off()
    off()
    assert faults.take("/x") == Effect()
    faults.add(Fault(drop=True))
    faults.clear()
    assert faults.take("/x") == Effect()
