"""The two sets of Python packages.

`.venv` is for developing and testing. `.tools/ha-venv` is what a user's Home Assistant has:
nothing but Home Assistant, what its own parts ask for, and the integration's requirements.
"""

from pathlib import Path
from typing import List

from scripts.provision import uv as uv_tool
from scripts.provision.layout import HOME_ASSISTANT_VENV, VENV
from scripts.provision.locks import DEVELOPMENT_LOCK, HOME_ASSISTANT_LOCK, SPEECH_LOCK
from scripts.provision.shell import CommandError, MissingError, run, say

NO_SPEECH = (
    "pymicro-vad and pyspeex-noise could not be built (they want a C++ compiler and Python's"
    " headers: packages g++ and python3.14-dev); without them the page of the demo's and the"
    " end-to-end test's Home Assistant stays at \"Loading…\""
)


def ensure_development(uv: Path, python: Path) -> None:
    """Make `.venv` hold exactly the development list.

    Raises:
        MissingError: a package could not be had.
    """
    try:
        _fill(uv, python, VENV, DEVELOPMENT_LOCK)
    except CommandError as err:
        raise MissingError(f"the packages for .venv could not be installed: {err}") from err


def ensure_home_assistant(uv: Path, python: Path) -> None:
    """Make the clean environment of the demo's and the end-to-end test's Home Assistant.

    Raises:
        MissingError: a package could not be had.
    """
    try:
        _fill(uv, python, HOME_ASSISTANT_VENV, HOME_ASSISTANT_LOCK)
    except CommandError as err:
        raise MissingError(
            f"Home Assistant could not be installed ({err}); neither scripts/demo nor the"
            " end-to-end test will run"
        ) from err


def _fill(uv: Path, python: Path, folder: Path, lock: Path) -> None:
    say(f"installing the packages of {lock.name} into {folder.name}")
    interpreter = folder / "bin/python"
    if not _runs_on(interpreter, python):
        run([uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", python, folder])
    command: List[object] = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", interpreter, lock]
    try:
        run([str(part) for part in [*command, SPEECH_LOCK]], env=uv_tool.build_environment())
    except CommandError:
        run([str(part) for part in command], env=uv_tool.build_environment())
        raise SpeechMissingError(NO_SPEECH) from None


class SpeechMissingError(MissingError):
    """All packages are there but the two that have to be compiled."""


def _runs_on(interpreter: Path, python: Path) -> bool:
    """Tell whether an environment exists and was made from this very Python."""
    try:
        base = run([interpreter, "-c", "import sys; print(sys.base_prefix)"])
        return base == run([python, "-c", "import sys; print(sys.base_prefix)"])
    except CommandError:
        return False
