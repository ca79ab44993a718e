"""What stays of a run: figures, plots, and the table of the page."""

from dataclasses import replace
import json
from pathlib import Path

import pytest

from benchmarks import record as recording
from benchmarks.figure import Aim, Figure, Measure
from benchmarks.outcome import Chart, Line
from benchmarks.percentiles import percentile
from benchmarks.record import BEGIN, END, record, with_table
from benchmarks.table import as_text
from demo.vendors import HIKVISION, VENDORS

AIM = Aim(measure=Measure.VALUE, at_most=12)


def figure(name: str, value: float) -> Figure:
    return Figure(name=name, value=value, unit="requests", aim=AIM, beside=40, beside_is="pyHik")


def page(folder: Path) -> Path:
    file = folder / "README.md"
    file.write_text(f"# Benches\n\n{BEGIN}\nold\n{END}\n\nMore.\n", encoding="utf-8")
    return file


def test_the_table_of_the_page_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    file = page(tmp_path)
    record([figure("setup.requests", 11)], [], tmp_path)
    text = file.read_text("utf-8")
    assert text.startswith("# Benches")
    assert text.endswith("More.\n")
    assert "old" not in text
    assert "| `setup.requests` | 11 requests | 40 requests |" in text


def test_figures_of_other_benches_stay_and_those_of_this_one_go(tmp_path: Path) -> None:
    page(tmp_path)
    record([figure("setup.a", 1), figure("setup.b", 2), figure("play.start", 3)], [], tmp_path)
    record([figure("setup.a", 4)], [], tmp_path)
    kept = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert {name: fields["value"] for name, fields in kept.items()} == {
        "setup.a": 4,
        "play.start": 3,
    }


def test_figures_of_other_makers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"acme": replace(HIKVISION, name="acme")}
    monkeypatch.setattr(recording, "VENDORS", {**VENDORS, **other})
    page(tmp_path)
    record([figure("setup.a", 1)], [], tmp_path)
    record([figure("setup.acme.a", 2), figure("setup.acme.b", 3)], [], tmp_path)
    record([figure("setup.acme.a", 4)], [], tmp_path)
    kept = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert set(kept) == {"setup.a", "setup.acme.a"}


def test_a_page_without_a_place_for_figures_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_table("# Benches", "| a |")


def test_charts_are_drawn_as_svg(tmp_path: Path) -> None:
    page(tmp_path)
    lines = [Line("ours", [8, 64], [1.0, 2.0]), Line("bound", [8, 64], [1.5, 1.5], limit=True)]
    record([], [Chart(name="setup", title="Set-up", x="channels", y="s", lines=lines)], tmp_path)
    assert "<svg" in (tmp_path / "plots" / "setup.svg").read_text("utf-8")


def test_a_table_for_a_terminal_says_what_was_missed() -> None:
    [_, met, missed] = as_text([figure("a", 12), figure("b", 13)]).splitlines()
    assert met.endswith("yes")
    assert missed.endswith("NO")


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 0.99) == 99
    assert percentile(values, 1) == 100
    assert percentile([7.0], 0.5) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)
