"""A skipped test fails the run, unless somebody reviewed why."""

from types import SimpleNamespace
from typing import Literal, cast

import pytest

from scripts.checks.skip_gate import ALLOWED_FILE, SkipGate, allowed_reasons


class Terminal:
    """Takes what the gate writes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str, **_: bool) -> None:
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def _skipped(reason: str) -> pytest.TestReport:
    return _report("skipped", ("test_a.py", 3, f"Skipped: {reason}"))


def _report(
    outcome: Literal["passed", "skipped"], longrepr: tuple[str, int, str] | None
) -> pytest.TestReport:
    return pytest.TestReport(
        "test_a.py::test_b", ("test_a.py", 3, ""), {}, outcome, longrepr, "call"
    )


def _finish(gate: SkipGate) -> tuple[int, list[str]]:
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    gate.pytest_sessionfinish(cast("pytest.Session", session))
    terminal = Terminal()
    gate.pytest_terminal_summary(cast("pytest.TerminalReporter", terminal))
    return session.exitstatus, terminal.lines


def test_a_skip_nobody_reviewed_fails_the_run_and_is_named() -> None:
    gate = SkipGate(["no IPv6 here"])
    gate.pytest_runtest_logreport(_skipped("no time"))
    status, lines = _finish(gate)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert lines == ["skipped, which fails the run", "test_a.py::test_b: no time"]


def test_a_reviewed_skip_passes() -> None:
    gate = SkipGate(["no IPv6 here"])
    gate.pytest_runtest_logreport(_skipped("no IPv6 here: the kernel lacks it"))
    assert _finish(gate) == (pytest.ExitCode.OK, [])


def test_with_an_empty_list_every_skip_fails() -> None:
    gate = SkipGate([])
    gate.pytest_runtest_logreport(_skipped("anything"))
    assert _finish(gate)[0] == pytest.ExitCode.TESTS_FAILED


def test_an_expected_failure_is_no_skip() -> None:
    gate = SkipGate([])
    report = _skipped("known")
    report.wasxfail = "known"
    gate.pytest_runtest_logreport(report)
    gate.pytest_runtest_logreport(_report("passed", None))
    assert _finish(gate) == (pytest.ExitCode.OK, [])


def test_the_list_has_comments_and_one_reason_a_line() -> None:
    assert allowed_reasons("# why\n\nno IPv6 here  # kernel\n") == ["no IPv6 here"]


def test_the_reviewed_list_can_be_read_and_is_short() -> None:
    assert len(allowed_reasons(ALLOWED_FILE.read_text(encoding="utf-8"))) <= 5
