"""The check of several personalities: their names, and what it prints of them."""

from dataclasses import replace
import json
import sys

import pytest

from demo import __main__ as program
from demo.check import Report
from demo.personalities import Reports, all_of, full_name, plans_of, shown
from demo.vendors import HIKVISION, VENDORS, Vendor, vendor_of
from simulator.faces import PERSONALITIES


def test_names_may_leave_out_the_maker() -> None:
    assert full_name("dvr") == full_name("hikvision/dvr") == "hikvision/dvr"
    with pytest.raises(ValueError, match="no personality hikvision/nothing: there are hikvision/"):
        full_name("hikvision/nothing")


def test_a_name_is_looked_for_at_the_maker_that_is_named() -> None:
    assert full_name("dvr", HIKVISION) == full_name("hikvision/dvr", HIKVISION) == "hikvision/dvr"
    nobody = replace(HIKVISION, name="nobody")
    with pytest.raises(ValueError, match="no personality hikvision/dvr"):
        full_name("hikvision/dvr", nobody)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_plans_one_recorder_of_each_of_a_maker(vendor: Vendor) -> None:
    plans = all_of(vendor)
    assert [plan.name for plan in plans] == [plan.personality for plan in plans]
    assert {plan.vendor for plan in plans} == {vendor}
    assert {*vendor.many} <= {plan.name for plan in plans} <= PERSONALITIES.keys()


def test_every_personality_is_some_makers() -> None:
    for vendor in VENDORS.values():
        assert vendor_of(vendor.first) is vendor
    planned = {plan.name for vendor in VENDORS.values() for plan in all_of(vendor)}
    assert planned == {name for name in PERSONALITIES if name.partition("/")[0] in VENDORS}


def test_a_demo_shows_all_makers_and_a_check_is_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["scripts/demo", *arguments])
        return [plan.name for plan in program._plans(program._arguments())]

    everything = [plan.name for plan in shown(*VENDORS.values())]
    assert planned() == everything
    assert planned("--check") == ["hikvision/current", "hikvision/old"]
    assert planned("--check", "--personality", "dvr") == ["hikvision/dvr"]
    for name, vendor in VENDORS.items():
        assert planned("--vendor", name) == planned("--vendor", name, "--check") == [*vendor.shown]
        assert planned("--vendor", name, "--check", "--all") == [
            plan.name for plan in plans_of(plan.personality for plan in all_of(vendor))
        ]


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
        (["--vendor", "nobody"], "invalid choice: 'nobody'"),
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
