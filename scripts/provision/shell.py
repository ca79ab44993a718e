"""Running other programs without ever hanging, and speaking to the person who waits."""

import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Mapping, Optional, Sequence, Union

from scripts.provision.layout import TOOLS, TOOLS_BIN

# No single program may hold set-up up for longer: a browser from a slow mirror takes minutes.
PROGRAM_TIMEOUT_S = 900
LAST_LINES_KEPT = 4


class CommandError(Exception):
    """A program could not be run, failed or took too long; its text is one line."""


class MissingError(Exception):
    """Something can't be had; its text says in one line what, and what won't work then."""


def say(text: str) -> None:
    """Tell the person what goes on; standard output stays free for the calling script."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def which(name: str) -> Optional[Path]:
    """Find a program on the path, leaving out our own `.tools/bin`."""
    folders = [
        folder
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if folder and Path(folder) != TOOLS_BIN
    ]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found) if found else None


def run(
    command: Sequence[Union[str, Path]],
    *,
    env: Optional[Mapping[str, str]] = None,
    cwd: Optional[Path] = None,
    timeout: float = PROGRAM_TIMEOUT_S,
) -> str:
    """Run a program without input and give its standard output.

    Raises:
        CommandError: it is not there, failed, or was ended after `timeout` seconds.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            [str(part) for part in command],
            check=False,
            capture_output=True,
            cwd=cwd,
            encoding="utf-8",
            env={**os.environ, **(env or {})},
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"{name} was ended after {timeout:.0f} s") from None
    except OSError as err:
        raise CommandError(f"{name}: {err.strerror}") from err
    _log(command, done)
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise CommandError(f"{name}: " + " / ".join(lines[-LAST_LINES_KEPT:]))
    return done.stdout


def _log(command: Sequence[Union[str, Path]], done: "subprocess.CompletedProcess[str]") -> None:
    """Keep the whole output, so that a one-line message can be looked into."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.log").open("a", encoding="utf-8") as log:
        print("$", *command, file=log)
        print(done.stdout, done.stderr, f"= {done.returncode}", file=log)
