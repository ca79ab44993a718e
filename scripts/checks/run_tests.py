"""The tests: everything that a change has to pass, or a part of it while working on it.

Without paths: all tests with the coverage gate, in processes side by side, and lint beside them. With paths
(as pytest takes them): only these, in one process, without lint and gate. Options that are not named
here go to pytest: `-n 0` keeps all tests in one process.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryFile

import pytest

from scripts.checks import lint, side_by_side, skip_gate
from scripts.checks.lint import ROOT

SHORT_ONLY = ["-m", "not long"]
GATE = ["--cov", "--cov-report=term"]
# What to look at when a run has become too long.
SLOWEST = ["--durations=20", "--durations-min=5"]


def main(arguments: list[str]) -> int:
    """Entry of `scripts/test`."""
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--all", action="store_true", help="also the tests that run for minutes")
    parser.add_argument("--no-lint", action="store_true", help="tests and coverage gate alone")
    options, for_pytest = parser.parse_known_args(arguments)
    paths = [argument for argument in for_pytest if _is_path(argument)]
    whole = not paths
    if not all(_exists(path) for path in paths) or whole:
        os.chdir(ROOT)
    linting = whole and not options.no_lint
    selection = [] if options.all else SHORT_ONLY
    how = [*side_by_side.OPTIONS, *SLOWEST, *GATE] if whole else []
    plugin = ["-p", skip_gate.__name__]
    with _lint() if linting else nullcontext() as linted:
        status = int(
            pytest.main(
                [
                    f"--rootdir={ROOT}",
                    f"--config-file={ROOT / 'pyproject.toml'}",
                    *plugin,
                    *selection,
                    *how,
                    *for_pytest,
                ]
            )
        )
        passed = linted is None or linted()
    if not passed:
        print("scripts/test: lint failed, see above", file=sys.stderr, flush=True)
    return status or (0 if passed else 1)


@contextmanager
def _lint() -> Iterator[Callable[[], bool]]:
    """Lint beside what the block does; what it gives prints what was found, and tells whether all passed."""
    with TemporaryFile("w+", encoding="utf-8") as said:
        # In no hurry: the tests wait often enough.
        command = ["nice", sys.executable, "-m", lint.__name__]
        with subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT) as process:

            def passed() -> bool:
                process.wait()
                said.seek(0)
                print(said.read(), flush=True)
                return process.returncode == 0

            try:
                yield passed
            finally:
                process.kill()


def _is_path(argument: str) -> bool:
    """Tell whether an argument names a test file, a folder or a test in a file."""
    return not argument.startswith("-") and (_exists(argument) or _exists(ROOT / argument))


def _exists(path: str | Path) -> bool:
    return Path(str(path).split("::", 1)[0]).exists()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
