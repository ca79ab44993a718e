"""The command: which benches it runs, what it writes, and what its exit status says."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import subprocess
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks.catalog import BENCHES, Bench, bench_of
from benchmarks.figure import Aim, Figure, Measure
from benchmarks.maker import maker_of
from benchmarks.outcome import Chart, Outcome, Workbench

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"setup", "steady", "download", "loop", "search", "play", "live", "snapshot", "scale"}
FIRM = Aim(measure=Measure.VALUE, at_most=12, firm=True)
TIME = Aim(measure=Measure.RATIO, at_most=1.1)


def bench(*figures: Figure) -> Bench:
    async def measure(_: Workbench) -> Outcome:
        return Outcome(figures=figures)

    return measure


async def broken(_: Workbench) -> Outcome:
    raise RuntimeError("the recorder is on fire")


@pytest.fixture
def benches(monkeypatch: pytest.MonkeyPatch) -> dict[str, Bench]:
    """Stand in for the benches, which take minutes."""
    found: dict[str, Bench] = dict.fromkeys(BENCHES, bench())
    monkeypatch.setattr(command, "bench_of", found.__getitem__)
    return found


def requests(value: float) -> Figure:
    return Figure(name="setup.requests", value=value, unit="requests", aim=FIRM)


def seconds(value: float) -> Figure:
    return Figure(name="play.start", value=value, beside=1.0, unit="s", aim=TIME)


def run(file: Path, *arguments: str) -> tuple[int, Mapping[str, Mapping[str, object]]]:
    status = command.main([*arguments, "--json", str(file)])
    return status, json.loads(file.read_text("utf-8"))


def test_all_benches_are_there() -> None:
    assert set(BENCHES) == NAMES
    for name in BENCHES:
        assert callable(bench_of(name))


def test_figures_are_written_by_their_names(benches: dict[str, Bench], tmp_path: Path) -> None:
    benches["setup"], benches["play"] = bench(requests(11)), bench(seconds(0.5))
    status, figures = run(tmp_path / "figures.json")
    assert status == 0
    assert list(figures) == ["setup.requests", "play.start"]
    assert figures["play.start"]["ratio"] == 0.5


def test_figures_of_other_makers_are_called_after_them(
    benches: dict[str, Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def measure(workbench: Workbench) -> Outcome:
        assert workbench.maker.vendor.name == "hikvision"
        return Outcome(
            figures=[requests(11)],
            charts=[Chart(name="setup_20ms", title="", x="", y="", lines=[])],
        )

    benches["setup"] = measure
    monkeypatch.setattr(command, "maker_of", lambda _: maker_of("hikvision"))
    run = command.Run("acme", short=True)
    asyncio.run(run.bench("setup"))
    assert [figure.name for figure in run.figures] == ["setup.acme.requests"]
    assert [chart.name for chart in run.charts] == ["setup_acme_20ms"]


def test_only_the_benches_asked_for_are_run(benches: dict[str, Bench], tmp_path: Path) -> None:
    benches["setup"], benches["play"] = broken, bench(seconds(0.5))
    status, figures = run(tmp_path / "figures.json", "play")
    assert (status, list(figures)) == (0, ["play.start"])


def test_one_bench_that_fails_does_not_lose_the_others(
    benches: dict[str, Bench], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    benches["setup"], benches["play"] = broken, bench(seconds(0.5))
    status, figures = run(tmp_path / "figures.json")
    assert status != 0
    assert list(figures) == ["play.start"]
    said = capsys.readouterr()
    assert "on fire" in said.err
    assert "failed: setup" in said.out


@pytest.mark.parametrize(("value", "status"), [(12, 0), (13, 1)])
def test_a_firm_aim_that_is_missed_fails_the_run(
    benches: dict[str, Bench], tmp_path: Path, value: float, status: int
) -> None:
    benches["setup"] = bench(requests(value))
    assert run(tmp_path / "figures.json")[0] == status


def test_a_ratio_of_times_fails_no_run(benches: dict[str, Bench], tmp_path: Path) -> None:
    benches["play"] = bench(seconds(2.0))
    status, figures = run(tmp_path / "figures.json")
    assert (status, figures["play.start"]["met"]) == (0, False)


def test_an_unknown_bench_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        command.main(["setup", "nonsense"])
    assert exit_.value.code == command.STATUS_USAGE
    assert "unknown: nonsense" in capsys.readouterr().err


def test_benches_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in listed} == NAMES


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_short_form_measures_and_the_firm_aims_hold(name: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--short", "--json", str(file)],
        check=False,
        capture_output=True,
        cwd=ROOT,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(file.read_text("utf-8"))
    assert figures
    assert all(figure.startswith(f"{name}.") for figure in figures)
