"""A pytest plugin: a test that was skipped has shown nothing, so it fails the run.

Let through are the reasons in `tests/allowed_skips.txt`, and everything on a machine without
the folder of recorded devices beside the repository, which not every developer has.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED_FILE = ROOT / "tests/allowed_skips.txt"
SHARED = ROOT.parent / "shared"


def allowed_reasons(text: str) -> list[str]:
    """Read the reviewed reasons: one a line, `#` begins a comment."""
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


class SkipGate:
    """Collects the skipped tests of a run and fails it for those that nobody reviewed."""

    def __init__(self, allowed: list[str]) -> None:
        """Remember which beginnings of reasons are let through."""
        self._allowed = tuple(allowed)
        self._refused: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the outcome of one phase of one test."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._see(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at a module that skipped itself whole."""
        if report.skipped:
            self._see(report.nodeid, report.longrepr)

    def _see(self, nodeid: str, longrepr: object) -> None:
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        reason = str(reason).removeprefix("Skipped: ")
        if not reason.startswith(self._allowed):
            self._refused.append((nodeid, reason))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure."""
        if self._refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which tests and why, before pytest's closing line."""
        if self._refused:
            terminalreporter.section("skipped, which fails the run", red=True)
            for nodeid, reason in self._refused:
                terminalreporter.write_line(f"{nodeid}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Begin watching, if this machine has what the tests need."""
    if SHARED.is_dir():
        allowed = allowed_reasons(ALLOWED_FILE.read_text(encoding="utf-8"))
        config.pluginmanager.register(SkipGate(allowed), "skip-gate")
