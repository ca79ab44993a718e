"""What a figure says, and when an aim is met."""

import json

import pytest

from benchmarks.figure import Aim, Figure, Measure

KEYS = {"value", "beside", "ratio", "aim", "met"}


def figure(value: float, beside: float | None, aim: Aim) -> Figure:
    return Figure(name="setup.requests", value=value, beside=beside, unit="requests", aim=aim)


@pytest.mark.parametrize(
    ("aim", "value", "beside", "met"),
    [
        (Aim(measure=Measure.VALUE, at_most=12), 12, None, True),
        (Aim(measure=Measure.VALUE, at_most=12), 12.1, None, False),
        (Aim(measure=Measure.RATIO, at_most=1.1), 11, 10, True),
        (Aim(measure=Measure.RATIO, at_most=1.1), 11.1, 10, False),
        (Aim(measure=Measure.RATIO, at_least=0.95), 95, 100, True),
        (Aim(measure=Measure.RATIO, at_least=0.95), 94, 100, False),
        (Aim(measure=Measure.EXCESS, at_most=0.05), 0.54, 0.5, True),
        (Aim(measure=Measure.EXCESS, at_most=0.05), 0.56, 0.5, False),
    ],
)
def test_an_aim_is_met_up_to_its_bound(
    aim: Aim, value: float, beside: float | None, met: bool
) -> None:
    assert figure(value, beside, aim).met is met


@pytest.mark.parametrize("measure", [Measure.RATIO, Measure.EXCESS])
@pytest.mark.parametrize("beside", [None, 0.0])
def test_what_has_nothing_to_be_compared_with_meets_no_aim_of_comparison(
    measure: Measure, beside: float | None
) -> None:
    compared = figure(0.5, beside, Aim(measure=measure, at_most=0.1))
    assert not compared.met
    assert compared.ratio is None


def test_an_aim_has_one_bound() -> None:
    with pytest.raises(ValueError, match="one bound"):
        Aim(measure=Measure.VALUE)
    with pytest.raises(ValueError, match="one bound"):
        Aim(measure=Measure.VALUE, at_most=1, at_least=0)


def test_a_figure_as_json_has_what_runs_are_compared_by() -> None:
    fields = figure(10, 40, Aim(measure=Measure.VALUE, at_most=12, firm=True)).as_json()
    assert json.loads(json.dumps(fields)).keys() >= KEYS
    assert (fields["value"], fields["beside"], fields["ratio"]) == (10, 40, 0.25)
    assert (fields["aim"], fields["met"]) == ("value <= 12", True)


def test_a_figure_without_company_says_so() -> None:
    fields = figure(10, None, Aim(measure=Measure.VALUE, at_least=12)).as_json()
    assert (fields["beside"], fields["ratio"]) == (None, None)
    assert (fields["aim"], fields["met"]) == ("value >= 12", False)
