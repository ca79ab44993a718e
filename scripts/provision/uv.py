"""uv, and the Python that everything else runs on."""

import os
from pathlib import Path
import re
import shutil
import sys
from typing import Optional

from scripts.provision import debian, debian_python
from scripts.provision.layout import TOOLS, publish
from scripts.provision.shell import CommandError, MissingError, run, say, which

# From here on uv knows Python 3.14's releases and dependency groups in requirement files.
UV_MINIMUM = (0, 9, 0)
PYTHON_RANGE = ">=3.14.2,<3.15"
# A machine that can't reach the download fails at once; one that can needs a minute at most.
PYTHON_DOWNLOAD_TIMEOUT_S = 300
PYTHON_DOWNLOAD_ENVIRONMENT = {"UV_HTTP_TIMEOUT": "15", "UV_HTTP_RETRIES": "1"}
HEADERS_QUESTION = (
    "import os, sysconfig; print(os.path.join(sysconfig.get_path('include'), 'Python.h'))"
)


def ensure_uv() -> Path:
    """Find uv on the path, or fetch it as a Python package into `.tools`.

    Raises:
        MissingError: neither worked.
    """
    for known in (which("uv"), TOOLS / "uv/bin/uv"):
        if known is not None and _version(known) >= UV_MINIMUM:
            publish("uv", known)
            return known
    say("fetching uv")
    try:
        uv = _fetch_uv()
    except CommandError as err:
        raise MissingError(
            f"uv is missing and could not be fetched with pip ({err}); nothing can be set up"
        ) from err
    publish("uv", uv)
    return uv


def _fetch_uv() -> Path:
    folder = TOOLS / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    requirement = "uv>={}.{}.{}".format(*UV_MINIMUM)
    try:
        run([sys.executable, "-m", "venv", folder])
        run([folder / "bin/python", "-m", "pip", "install", "--quiet", requirement])
        return folder / "bin/uv"
    except CommandError:
        # Debian's python3 comes without venv, some others without pip: either alone will do.
        shutil.rmtree(folder, ignore_errors=True)
    try:
        run([sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, requirement])
    except CommandError:
        if not debian.can_install():
            raise
        debian.install(["python3-venv"])
        run(["/usr/bin/python3", "-m", "venv", folder])
        run([folder / "bin/python", "-m", "pip", "install", "--quiet", requirement])
    return folder / "bin/uv"


def _version(uv: Path) -> tuple[int, ...]:
    try:
        found = re.search(r"(\d+)\.(\d+)\.(\d+)", run([uv, "--version"]))
    except CommandError:
        return (0,)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def ensure_python(uv: Path) -> Path:
    """Find or get a Python that Home Assistant runs on, with headers to build packages.

    Raises:
        MissingError: none is here and none could be had.
    """
    here = _find(uv)
    if here is not None and _has_headers(here):
        return here
    try:
        say("fetching Python 3.14")
        run(
            [uv, "python", "install", "--no-bin", PYTHON_RANGE],
            env=PYTHON_DOWNLOAD_ENVIRONMENT,
            timeout=PYTHON_DOWNLOAD_TIMEOUT_S,
        )
        fetched = _find(uv, managed=True)
        if fetched is not None:
            return fetched
    except CommandError:
        say("Python 3.14 does not download from here, trying Debian's")
    try:
        return debian_python.install(uv)
    except MissingError as err:
        if here is not None:
            return here
        raise MissingError(
            f"Python 3.14.2 or later is missing and could not be fetched ({err}): install"
            " python3.14 with its headers (python3.14-dev) and run scripts/setup again"
        ) from err


def _find(uv: Path, *, managed: bool = False) -> Optional[Path]:
    if not managed and debian_python.INTERPRETER.exists():
        try:
            run([debian_python.INTERPRETER, "-c", "import ssl"])
        except CommandError:
            shutil.rmtree(debian_python.PRIVATE_PYTHON, ignore_errors=True)
        else:
            return debian_python.INTERPRETER
    only = ["--managed-python"] if managed else []
    try:
        # Found outside of the project, so that its own environment is never the answer.
        answer = run(
            [
                uv,
                "python",
                "find",
                "--no-project",
                "--system",
                "--no-python-downloads",
                *only,
                PYTHON_RANGE,
            ],
            cwd=TOOLS,
        )
    except CommandError:
        return None
    return Path(answer.strip())


def _has_headers(python: Path) -> bool:
    return (
        Path(run([python, "-c", HEADERS_QUESTION]).strip()).exists()
        or debian_python.INCLUDES.is_dir()
    )


def build_environment() -> dict[str, str]:
    """Give the variables with which uv can build packages from source."""
    if not debian_python.INCLUDES.is_dir():
        return {}
    # Debian's packages think their headers are in /usr/include, which belongs to the system.
    places = [str(debian_python.INCLUDES), os.environ.get("CPATH", "")]
    return {"CPATH": os.pathsep.join(place for place in places if place)}
