"""Style, format and types of all Python in the repository."""

import argparse
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["custom_components", "simulator", "demo", "faults", "scripts", "tests", "benchmarks"]


def lint(*, fix: bool = False) -> bool:
    """Run every check, so that one run shows all that is wrong, and tell whether all passed."""
    folders = [folder for folder in FOLDERS if (ROOT / folder).is_dir()]
    commands = [
        ["ruff", "check", *(["--fix"] if fix else []), *folders],
        ["ruff", "format", *([] if fix else ["--check"]), *folders],
        ["mypy", *folders],
    ]
    passed = True
    for command in commands:
        print("$", *command, flush=True)
        done = subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT)
        passed = passed and done.returncode == 0
    return passed


def main() -> int:
    """Entry of `scripts/lint`."""
    parser = argparse.ArgumentParser(prog="scripts/lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="put right what can be put right alone")
    return 0 if lint(fix=parser.parse_args().fix) else 1


if __name__ == "__main__":
    sys.exit(main())
