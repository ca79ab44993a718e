"""The program behind `scripts/fuzz`."""

import argparse
from collections.abc import Callable
import sys

from tests.fuzz.campaign import Result, run_apart
from tests.fuzz.readers import READERS

COUNT = 100_000
STATUS_FOUND = 1
DESCRIPTION = """\
Feed what reads the bytes of devices with damaged real data and with data built to harm. Whatever is
neither read nor refused by an error of ours is a finding: another error, no end, or too much memory.
The inputs that led to findings are kept in build/fuzz. The same seed gives the same inputs.
"""


def main(say: Callable[[str], object]) -> int:
    """Run and return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=DESCRIPTION)
    parser.add_argument(
        "reader", nargs="*", help=f"which to feed, all if none is named: {', '.join(READERS)}"
    )
    parser.add_argument("--count", type=int, default=COUNT, help="inputs each (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.reader) - READERS.keys():
        parser.error(f"there is no reader {', '.join(sorted(unknown))}")
    results = []
    for result in run_apart(options.reader or list(READERS), options.seed, options.count):
        results.append(result)
        say(_line(result))
    return STATUS_FOUND if any(result.findings for result in results) else 0


def _line(result: Result) -> str:
    rate = f"{result.reader}: {result.inputs} inputs, {result.per_second:.0f} a second"
    found = [
        f"\n  FOUND {what}\n    {file}"
        for what, file in zip(result.findings, result.files, strict=True)
    ]
    return rate + "".join(found)


if __name__ == "__main__":
    sys.exit(main(lambda text: print(text, flush=True)))  # noqa: T201 -- a program for a terminal
