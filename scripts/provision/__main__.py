"""Entry of `scripts/setup`."""

import argparse
import fcntl
import sys

from scripts.provision import locks
from scripts.provision.layout import LOCK_FILE, TOOLS
from scripts.provision.shell import MissingError, say
from scripts.provision.state import State
from scripts.provision.steps import STEPS, Step, StepContext

DESCRIPTION = "Make everything ready that developing, testing and trying the integration needs."
EPILOG = "steps: " + "; ".join(f"{step.name} ({step.purpose})" for step in STEPS)


def main(arguments: list[str]) -> int:
    """Run the steps asked for and give the exit status: 1 only if a needed one failed."""
    parser = argparse.ArgumentParser(prog="scripts/setup", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these steps (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="don't try again what could not be had the last time"
    )
    parser.add_argument(
        "--lock", action="store_true", help="write the lists in requirements/ anew, nothing else"
    )
    options = parser.parse_args(arguments)
    by_name: dict[str, Step] = {step.name: step for step in STEPS}
    unknown = [name for name in options.steps if name not in by_name]
    if unknown:
        parser.error(f"unknown step: {', '.join(unknown)}")
    wanted = [by_name[name] for name in options.steps] or list(STEPS)
    TOOLS.mkdir(exist_ok=True)
    with LOCK_FILE.open("w", encoding="utf-8") as lock:
        _wait_for(lock.fileno())
        if options.lock:
            return _make_locks()
        return _carry_out(wanted, State.load(), quick=options.quick)


def _wait_for(lock: int) -> None:
    """Let a set-up that another process began end first."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another scripts/setup to end")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _make_locks() -> int:
    context = StepContext()
    try:
        locks.make(context.uv, context.python)
    except MissingError as err:
        say(str(err))
        return 1
    return 0


def _carry_out(wanted: list[Step], state: State, *, quick: bool) -> int:
    context = StepContext()
    for step in wanted:
        key = step.key()
        if state.done(step.name, key) and step.is_there():
            continue
        known_missing = state.missing(step.name, key)
        if quick and known_missing and not step.is_there():
            say(known_missing)
            continue
        try:
            step.ensure(context)
        except MissingError as err:
            say(str(err))
            if step.vital:
                return 1
            state.set_missing(step.name, key, str(err))
        else:
            state.set_done(step.name, key)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
