"""Debian's packages: installed where root may, else only named."""

import os
from pathlib import Path
from typing import Sequence

from scripts.provision.shell import CommandError, MissingError, run, say, which

APT_TIMEOUT_S = 900
APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
# A package manager that somebody else holds is waited for, but not for ever.
APT_OPTIONS = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2", "-qq", "-y"]


def can_install() -> bool:
    """Tell whether this is a system with apt on which we are root."""
    return os.geteuid() == 0 and which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    """Install packages of the system's own suite.

    Raises:
        MissingError: not root, no apt, or apt could not install them.
    """
    names = " ".join(packages)
    if not can_install():
        raise MissingError(f"install {names} with the system's package manager")
    say(f"installing {names}")
    command: list[str] = ["apt-get", *APT_OPTIONS, "install", "--no-install-recommends", *packages]
    try:
        run(command, env=APT_ENVIRONMENT, timeout=APT_TIMEOUT_S)
    except CommandError:
        # A new container has no package lists yet, an old one stale ones.
        try:
            run(["apt-get", *APT_OPTIONS, "update"], env=APT_ENVIRONMENT, timeout=APT_TIMEOUT_S)
            run(command, env=APT_ENVIRONMENT, timeout=APT_TIMEOUT_S)
        except CommandError as err:
            raise MissingError(f"{names} could not be installed ({err})") from err


def mirrors() -> list[str]:
    """Name the Debian mirrors that this machine already uses, main archive only."""
    targets = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(ORIGIN)|$(LABEL)|$(REPO_URI)",
            "Created-By: Packages",
        ]
    )
    found = []
    for line in targets.splitlines():
        origin, label, uri = line.split("|", 2)
        if origin == "Debian" and label == "Debian" and uri not in found:
            found.append(uri)
    return found


def archive_keyring() -> Path:
    """Find the keyring that Debian signs its suites with.

    Raises:
        MissingError: the package debian-archive-keyring is not installed.
    """
    for folder in ("/usr/share/keyrings", "/etc/apt/trusted.gpg.d"):
        for name in ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg"):
            keyring = Path(folder) / name
            if keyring.exists():
                return keyring
    raise MissingError("Debian's archive keyring is not installed (package debian-archive-keyring)")
