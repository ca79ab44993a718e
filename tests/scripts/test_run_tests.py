"""All that has to pass is run by one command, and each part of it can fail it."""

from types import SimpleNamespace

import pytest

from scripts.checks import run_tests
from scripts.checks.lint import ROOT


@pytest.mark.parametrize(
    ("module", "said", "status"), [("this", "Zen", 0), ("no.such.module", "No module named", 1)]
)
def test_what_lint_says_counts(
    module: str,
    said: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(run_tests.pytest, "main", lambda _: pytest.ExitCode.OK)
    monkeypatch.setattr(run_tests, "lint", SimpleNamespace(__name__=module))
    assert run_tests.main([]) == status
    assert said in capfd.readouterr().out


def test_a_part_is_not_linted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests.pytest, "main", lambda _: pytest.ExitCode.OK)
    monkeypatch.setattr(run_tests, "lint", SimpleNamespace(__name__="no.such.module"))
    assert run_tests.main(["tests/scripts"]) == 0
