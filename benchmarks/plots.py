"""Charts as SVG files."""

from pathlib import Path

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .outcome import Chart

_INCHES = (7.0, 4.2)
# Files of two runs differ by what was measured alone.
_METADATA = {"Date": None, "Creator": None}


def draw(chart: Chart, folder: Path) -> Path:
    """Draw a chart into a folder and return the file."""
    figure = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    for line in chart.lines:
        [drawn] = axes.plot(list(line.xs), list(line.ys), label=line.label, marker=".")
        if line.limit:
            drawn.set(linestyle="--", color="0.5", marker="")
    axes.set_title(chart.title)
    axes.set_xlabel(chart.x)
    axes.set_ylabel(chart.y)
    if chart.log_x:
        axes.set_xscale("log")
    if chart.log_y:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{chart.name}.svg"
    figure.savefig(file, format="svg", metadata=_METADATA)
    return file
