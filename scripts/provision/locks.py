"""The lists of packages with their hashes: what is installed, and how the lists are made."""

import json
from pathlib import Path
import tempfile
from typing import Union

from scripts.provision import uv as uv_tool
from scripts.provision.layout import REQUIREMENTS, ROOT
from scripts.provision.shell import CommandError, MissingError, run, say

HOME_ASSISTANT_LOCK = REQUIREMENTS / "homeassistant.txt"
SPEECH_LOCK = REQUIREMENTS / "speech.txt"
DEVELOPMENT_LOCK = REQUIREMENTS / "dev.txt"
OTHERS_LOCK = REQUIREMENTS / "others.txt"
MANIFEST = ROOT / "custom_components/nvr/manifest.json"
# What each list holds, by the names of pyproject.toml's dependency groups. The integration's
# own requirements, out of its manifest, go into those of Home Assistant and of development.
GROUPS = {
    HOME_ASSISTANT_LOCK: ["homeassistant"],
    SPEECH_LOCK: ["speech"],
    OTHERS_LOCK: ["others"],
    DEVELOPMENT_LOCK: ["homeassistant", "simulator", "test", "bench", "lint"],
}
# Large, and of no use for what the package is there for: SOAP.
LEFT_OUT = {OTHERS_LOCK: ["opencv-python"]}


def make(uv: Path, python: Path) -> None:
    """Resolve the dependency groups anew and write all lists.

    Raises:
        MissingError: the packages could not be resolved.
    """
    with tempfile.TemporaryDirectory() as work:
        try:
            constraints = _home_assistant_constraints(uv, python, Path(work))
            manifest = Path(work) / "manifest.in"
            manifest.write_text("\n".join(manifest_requirements()), encoding="utf-8")
            for lock, groups in GROUPS.items():
                say(f"resolving {lock.name}")
                _compile(uv, python, lock, groups, constraints, manifest)
        except CommandError as err:
            raise MissingError(f"the lists of packages could not be made: {err}") from err


def manifest_requirements() -> list[str]:
    """Read what the integration asks Home Assistant to install for it."""
    requirements: list[str] = json.loads(MANIFEST.read_text(encoding="utf-8")).get(
        "requirements", []
    )
    return requirements


def _home_assistant_constraints(uv: Path, python: Path, work: Path) -> Path:
    """Take the constraints that Home Assistant itself installs under out of its package."""
    release = next(
        line.strip().strip('",')
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith('"homeassistant==')
    )
    run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--python",
            python,
            "--target",
            work / "release",
            release,
        ]
    )
    return work / "release/homeassistant/package_constraints.txt"


def _compile(
    uv: Path, python: Path, lock: Path, groups: list[str], constraints: Path, manifest: Path
) -> None:
    command: list[Union[str, Path]] = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--upgrade",
        "--python",
        python,
    ]
    command += ["--generate-hashes", "--no-emit-index-url", "--no-annotate"]
    command += ["--custom-compile-command", "scripts/lock", "--constraint", constraints]
    for group in groups:
        command += ["--group", group]
    if lock in (HOME_ASSISTANT_LOCK, DEVELOPMENT_LOCK):
        command += [manifest]
    for package in LEFT_OUT.get(lock, []):
        command += ["--no-emit-package", package]
    run([*command, "--output-file", lock], cwd=ROOT, env=uv_tool.build_environment())
