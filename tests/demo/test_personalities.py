"""The check of several personalities: their names, and what it prints of them."""

import json
import sys

import pytest

from demo import __main__ as program
from demo.check import Report
from demo.personalities import Reports, full_name, plans_of
from simulator.faces import PERSONALITIES


def test_names_may_leave_out_the_maker() -> None:
    assert full_name("dvr") == full_name("hikvision/dvr") == "hikvision/dvr"
    with pytest.raises(ValueError, match="no personality hikvision/nothing: there are hikvision/"):
        full_name("hikvision/nothing")


def test_plans_one_recorder_of_each() -> None:
    plans = plans_of(PERSONALITIES)
    assert [plan.name for plan in plans] == [plan.personality for plan in plans]
    assert {plan.name for plan in plans} == set(PERSONALITIES)


def test_all_is_well_when_each_is() -> None:
    reports = Reports({name: Report(ok=True) for name in ("a", "b")})
    answer = json.loads(json.dumps(reports.as_json()))
    assert answer["ok"] is True
    assert set(answer) == {"ok", "a", "b"}
    assert answer["a"].keys() == Report().as_json().keys()
    reports.each["b"].ok = False
    assert reports.as_json()["ok"] is False
    assert Reports().ok is False


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--all"], "--all goes with --check"),
        (["--check", "--personality", "nothing"], "no personality nothing"),
        (["--check", "--all", "--personality", "dvr"], "not allowed with"),
    ],
)
def test_refuses_what_makes_no_sense(
    arguments: list[str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["scripts/demo", *arguments])
    with pytest.raises(SystemExit):
        program.main()
    assert reason in capsys.readouterr().err
