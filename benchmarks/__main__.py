"""The program behind `scripts/bench`."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
import json
from pathlib import Path
import signal
import sys
from tempfile import TemporaryDirectory
from time import monotonic
import traceback

from demo.vendors import HIKVISION, VENDORS

from .catalog import BENCHES, bench_of
from .figure import Figure
from .maker import maker_of
from .outcome import Chart, Outcome, Workbench
from .record import draw_all, record
from .table import as_text

STATUS_MISSED = 1
STATUS_USAGE = 2
STATUS_INTERRUPTED = 130
SHORT_LIMIT_S = 300.0
FULL_LIMIT_S = 900.0
DESCRIPTION = """\
Measure what the integration costs, each figure beside something else that does the same at the same
time on the same simulator. Exit status 0 says that every bench ran and that all aims for requests,
logins, memory and fetches hold; ratios of times depend on the machine and don't count in it.
"""


class Run:
    """Some benches, one after the other; one that fails does not lose the others.

    What is measured of a maker other than the first is called after it, behind the name of the bench.

    Attributes:
        figures: what was measured so far.
        charts: what is to be drawn.
        failed: the benches that did not come to an end.
    """

    def __init__(self, vendor: str = HIKVISION.name, *, short: bool) -> None:
        self.figures: list[Figure] = []
        self.charts: list[Chart] = []
        self.failed: list[str] = []
        self._vendor = vendor
        self._short = short

    @property
    def ok(self) -> bool:
        """Whether every bench ran and no firm aim was missed."""
        return not self.failed and all(each.met or not each.aim.firm for each in self.figures)

    async def bench(self, name: str) -> None:
        """Run one."""
        began = monotonic()
        _say(f"{name}: {BENCHES[name]}")
        try:
            outcome = await self._measure(name)
        # Whatever a bench dies of, the others are still worth running.
        except Exception:  # noqa: BLE001
            _say(f"{name} failed:\n{traceback.format_exc()}")
            self.failed.append(name)
            return
        self.figures += [
            replace(figure, name=self._named(figure.name, name + ".")) for figure in outcome.figures
        ]
        self.charts += [
            replace(chart, name=self._named(chart.name, name + "_")) for chart in outcome.charts
        ]
        _say(f"{name} took {monotonic() - began:.0f} s")

    def _named(self, name: str, bench: str) -> str:
        if self._vendor == HIKVISION.name:
            return name
        return f"{bench}{self._vendor}{bench[-1]}{name.removeprefix(bench)}"

    async def _measure(self, name: str) -> Outcome:
        with TemporaryDirectory(prefix=f"nvr-bench-{name}-", ignore_cleanup_errors=True) as folder:
            bench = Workbench(
                maker=maker_of(self._vendor),
                folder=Path(folder),
                short=self._short,
                say=lambda text: _say(f"{name}: {text}"),
            )
            async with asyncio.timeout(SHORT_LIMIT_S if self._short else FULL_LIMIT_S):
                return await bench_of(name)(bench)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run benches and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)} (there are: {', '.join(BENCHES)})")
    if options.list:
        for name, what in BENCHES.items():
            print(f"{name:10} {what}")
        return 0
    run = Run(options.vendor, short=options.short)
    try:
        asyncio.run(_until_told(run, options.names or list(BENCHES), options.json))
    except KeyboardInterrupt, asyncio.CancelledError:
        return STATUS_INTERRUPTED
    if options.record:
        record(run.figures, run.charts)
    if options.plots is not None:
        draw_all(run.charts, options.plots)
    print(as_text(run.figures))
    if run.failed:
        print(f"\nfailed: {', '.join(run.failed)}")
    return 0 if run.ok else STATUS_MISSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=DESCRIPTION)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benches to run; all without one")
    parser.add_argument(
        "--vendor",
        choices=VENDORS,
        default=HIKVISION.name,
        help="whose recorders (%(default)s); figures of others are called after them",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write all figures there, as one object"
    )
    parser.add_argument(
        "--short", action="store_true", help="a short form of each, for trying whether it runs"
    )
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the plots there, as SVG")
    parser.add_argument(
        "--record",
        action="store_true",
        help="keep what was measured in benchmarks/: figures.json, plots, the table of README.md",
    )
    parser.add_argument("--list", action="store_true", help="say which benches there are")
    return parser


async def _until_told(run: Run, names: Sequence[str], file: Path | None) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What was started is ended in the same way as at the end.
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    for name in names:
        await run.bench(name)
        # After each, so that nothing is lost.
        if file is not None:
            figures = {figure.name: figure.as_json() for figure in run.figures}
            file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
