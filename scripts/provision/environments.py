"""The sets of Python packages.

`.venv` is for developing and testing. `.tools/ha-venv` is what a user's Home Assistant has:
nothing but Home Assistant, what its own parts ask for, and the integration's requirements.
`.tools/others-venv` holds a client and a server that others wrote and that don't get on with the rest.
"""

from pathlib import Path
from typing import Union

from scripts.provision import debian, uv as uv_tool
from scripts.provision.layout import HOME_ASSISTANT_VENV, OTHERS_VENV, VENV
from scripts.provision.locks import (
    DEVELOPMENT_LOCK,
    HOME_ASSISTANT_LOCK,
    OTHERS_LOCK,
    SPEECH_LOCK,
)
from scripts.provision.shell import CommandError, MissingError, run, say, which

COMPILERS = ("c++", "g++", "clang++")
NO_SPEECH = (
    "pymicro-vad and pyspeex-noise could not be built (they want a C++ compiler and Python's"
    " headers: packages g++ and python3.14-dev); without them the page of the demo's and the"
    ' end-to-end test\'s Home Assistant stays at "Loading…"'
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


def ensure_others(uv: Path, python: Path) -> None:
    """Make the environment of the client and the server of ONVIF that others wrote.

    Raises:
        MissingError: a package could not be had.
    """
    try:
        _fill(uv, python, OTHERS_VENV, OTHERS_LOCK)
    except CommandError as err:
        raise MissingError(
            f"the packages of {OTHERS_LOCK.name} could not be installed ({err}); nothing shows that"
            " a second client gets on with the simulator, and a second server with the driver"
        ) from err


def speech_is_there() -> bool:
    """Tell whether both environments have the packages that are compiled on the spot."""
    return all(
        any(folder.glob("lib/python*/site-packages/pymicro_vad"))
        for folder in (VENV, HOME_ASSISTANT_VENV)
    )


def ensure_speech(uv: Path) -> None:
    """Compile two packages that Home Assistant's page depends on.

    Raises:
        MissingError: there is no compiler, or Python came without headers.
    """
    if debian.can_install() and not any(map(which, COMPILERS)):
        debian.install(["g++"])
    say("building pymicro-vad and pyspeex-noise")
    try:
        for folder in (VENV, HOME_ASSISTANT_VENV):
            command: list[Union[str, Path]] = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
            ]
            command += ["--python", folder / "bin/python", "--requirements", SPEECH_LOCK]
            run(command, env=uv_tool.build_environment())
    except CommandError as err:
        raise MissingError(NO_SPEECH) from err


def _fill(uv: Path, python: Path, folder: Path, lock: Path) -> None:
    say(f"installing the packages of {lock.name} into {folder.name}")
    interpreter = folder / "bin/python"
    if not _runs_on(interpreter, python):
        run([uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", python, folder])
    run(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", interpreter, lock],
        env=uv_tool.build_environment(),
    )


def _runs_on(interpreter: Path, python: Path) -> bool:
    """Tell whether an environment exists and was made from this very Python."""
    try:
        base = run([interpreter, "-c", "import sys; print(sys.base_prefix)"])
        return base == run([python, "-c", "import sys; print(sys.base_prefix)"])
    except CommandError:
        return False
