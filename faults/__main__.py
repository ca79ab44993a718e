"""The program behind `scripts/faults`."""

import argparse
import asyncio
from contextlib import ExitStack
import json
from pathlib import Path
import shutil
import sys
from time import monotonic

from demo.config_directory import ConfigDirectory
from demo.installation import Installation
from demo.process import ProcessError
from demo.recorders import RecorderPlan
from demo.signals import until_told
from demo.vendors import HIKVISION, VENDORS, Vendor
from faults.disk import SmallDisk, small_disk
from faults.plan import Round, drawn, each_once
from faults.probe import DOMAIN as PROBE
from faults.report import Report
from faults.run import Run

STATUS_FAILED = 1
RECORDERS = 10
PROBE_FOLDER = Path(__file__).parent / "probe"
DESCRIPTION = """\
Break things at a real Home Assistant with simulated recorders: connections, answers, recorders, the
disk, and Home Assistant itself, while clips are saved, recordings played and searched, and pictures
asked for. The last line of the output is a JSON object with what is left of it; the exit status is 0
when nothing is wrong. Ctrl-C ends all of it and leaves nothing behind.
"""


def main() -> int:
    """Run and return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description=DESCRIPTION)
    parser.add_argument("--seed", type=int, default=1, help="decides what goes wrong when")
    parser.add_argument(
        "--count",
        type=_count,
        help="how many faults; without it, each fault during each operation once",
    )
    parser.add_argument(
        "--recorders", type=_count, default=RECORDERS, help="how many of them (%(default)s)"
    )
    parser.add_argument(
        "--vendor", choices=VENDORS, default=HIKVISION.name, help="whose (%(default)s)"
    )
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep all logs in this folder")
    options = parser.parse_args()
    seed: int = options.seed
    vendor = VENDORS[options.vendor]
    played = vendor.downloads is None
    if options.count is None:
        rounds = each_once(seed, played=played)
    else:
        rounds = drawn(seed, options.count, played=played)
    plans = [plan(vendor, number) for number in range(1, options.recorders + 1)]
    try:
        return asyncio.run(until_told(_run(Report(seed=seed), rounds, plans, options.logs)))
    except ProcessError as err:
        _say(str(err))
        return STATUS_FAILED


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def plan(vendor: Vendor, number: int) -> RecorderPlan:
    """Return a maker's recorder of a number: all differ, and the personalities take turns."""
    return RecorderPlan(
        name=f"recorder {number}",
        personality=vendor.many[number % len(vendor.many)],
        title=f"House {number}",
        serial=vendor.serial.format(number),
        mac=f"02:00:5e:20:00:{number:02x}",
    )


async def _run(
    report: Report, rounds: list[Round], plans: list[RecorderPlan], logs: Path | None
) -> int:
    began = monotonic()
    try:
        with ExitStack() as stack:
            faults = sum(len(one.cases) + len(one.killed) for one in rounds)
            disk = stack.enter_context(small_disk(faults))
            if disk.folder is None:
                _say("no file system can be mounted here (root can): the disk won't be filled")
            async with Installation.run(plans, prepare=lambda made: _prepare(made, disk)) as made:
                run = Run(made, disk, report, _say)
                try:
                    await run.run(rounds)
                finally:
                    if logs is not None:
                        made.keep_logs(logs)
    finally:
        report.seconds = monotonic() - began
        # Also of a run that broke off, and after all that the programs have to say at their end.
        print(json.dumps(report.as_json()), flush=True)
    return 0 if report.ok else STATUS_FAILED


def _prepare(directory: ConfigDirectory, disk: SmallDisk) -> None:
    """Put clips and cache on the small disk, and the probe beside the integration."""
    disk.take_place_of(directory.media, directory.path / ".cache")
    shutil.copytree(
        PROBE_FOLDER,
        directory.path / "custom_components" / PROBE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    with (directory.path / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{PROBE}:\n")


def _say(text: str) -> None:
    print(f"faults: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
