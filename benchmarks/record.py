"""Keeping what was measured beside the benches: figures, plots, and the table of the page."""

from collections.abc import Iterable, Sequence
import json
from pathlib import Path

from demo.vendors import HIKVISION, VENDORS

from .figure import Figure
from .outcome import Chart
from .table import as_markdown

FOLDER = Path(__file__).parent
FIGURES = "figures.json"
PAGE = "README.md"
PLOTS = "plots"
BEGIN = "<!-- figures: written by scripts/bench --record -->"
END = "<!-- end of figures -->"


def record(figures: Iterable[Figure], charts: Sequence[Chart], folder: Path = FOLDER) -> None:
    """Keep figures and plots; those of benches that were not run stay as they are."""
    file = folder / FIGURES
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    new = {figure.name: figure.as_json() for figure in figures}
    measured = {_run_of(name) for name in new}
    # A figure that a bench gives no longer goes with the next run of it.
    kept = {name: fields for name, fields in kept.items() if _run_of(name) not in measured} | new
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    draw_all(charts, folder / PLOTS)
    page = folder / PAGE
    page.write_text(with_table(page.read_text("utf-8"), as_markdown(kept)), encoding="utf-8")


def _run_of(name: str) -> tuple[str, str]:
    """Return the bench that a figure is of, and the maker."""
    bench, second, *_ = name.split(".")
    return bench, second if second in VENDORS else HIKVISION.name


def with_table(page: str, table: str) -> str:
    """Return a page with another table between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the figures")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def draw_all(charts: Sequence[Chart], folder: Path) -> None:
    """Draw charts into a folder."""
    if not charts:
        return
    # Takes a second to load, and only this needs it.
    from .plots import draw  # noqa: PLC0415

    for chart in charts:
        draw(chart, folder)
