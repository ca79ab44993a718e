"""go2rtc, which turns a recorder's RTSP into the WebRTC that a browser plays."""

import hashlib
import http.client
import io
import json
from pathlib import Path
import platform
import re
import shutil
from typing import Optional
import urllib.request
import zipfile

from scripts.provision.layout import TOOLS, TOOLS_BIN, publish
from scripts.provision.shell import CommandError, MissingError, run, say, which

# What Home Assistant 2026.10 works with, and what it recommends.
OLDEST = (1, 9, 13)
BELOW = (2, 0, 0)
RELEASE = "1.9.14"
RELEASE_INFO = f"https://api.github.com/repos/AlexxIT/go2rtc/releases/tags/v{RELEASE}"
ASSETS: dict[tuple[str, str], str] = {
    ("Linux", "x86_64"): "go2rtc_linux_amd64",
    ("Linux", "aarch64"): "go2rtc_linux_arm64",
    ("Linux", "armv7l"): "go2rtc_linux_arm",
    ("Darwin", "x86_64"): "go2rtc_mac_amd64.zip",
    ("Darwin", "arm64"): "go2rtc_mac_arm64.zip",
}
DOWNLOAD_TIMEOUT_S = 15
MAX_DOWNLOAD_BYTES = 64 * 1024 * 1024
BUILD_RECIPE = Path(__file__).with_name("go2rtc_build")
BUILD_TIMEOUT_S = 600
EFFECT = (
    "without it live pictures come by HLS instead of WebRTC, and the end-to-end test will not run"
)


def is_there() -> bool:
    """Tell whether a fitting go2rtc is on the path or was fetched before."""
    for program in (which("go2rtc"), TOOLS / "go2rtc"):
        if program is not None and OLDEST <= _version(program) < BELOW:
            publish("go2rtc", program)
            return True
    return False


def ensure() -> None:
    """Download go2rtc, or build it where there is Go.

    Raises:
        MissingError: neither worked.
    """
    if is_there():
        return
    (TOOLS_BIN / "go2rtc").unlink(missing_ok=True)
    reasons = []
    for way in (_download, _build):
        try:
            way()
        except MissingError as err:
            reasons.append(str(err))
        else:
            if is_there():
                return
            reasons.append("what was made does not run")
    raise MissingError(f"go2rtc is missing ({'; '.join(reasons)}); {EFFECT}")


def _version(program: Path) -> tuple[int, ...]:
    try:
        found = re.search(r"(\d+)\.(\d+)\.(\d+)", run([program, "--version"], timeout=10))
    except CommandError:
        return (0,)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def _download() -> None:
    """Fetch the release binary and check it against the checksum published with it."""
    name = ASSETS.get((platform.system(), platform.machine()))
    if name is None:
        raise MissingError(f"no release for {platform.system()} {platform.machine()}")
    say(f"fetching go2rtc {RELEASE}")
    try:
        release = json.loads(_fetch(RELEASE_INFO))
        asset = next(asset for asset in release["assets"] if asset["name"] == name)
        published = asset["digest"]
        data = _fetch(asset["browser_download_url"])
    except (
        OSError,
        http.client.HTTPException,
        ValueError,
        LookupError,
        TypeError,
        StopIteration,
    ) as err:
        raise MissingError(f"release {RELEASE} does not download: {_reason(err)}") from err
    if published != f"sha256:{hashlib.sha256(data).hexdigest()}":
        raise MissingError(
            f"the download of release {RELEASE} does not have the published checksum"
        )
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read("go2rtc")
    _place(data)


def _fetch(url: str) -> bytes:
    if not url.startswith("https://"):
        raise ValueError("not an https address")
    request = urllib.request.Request(url, headers={"User-Agent": "nvr-setup"})
    with urllib.request.urlopen(request, timeout=DOWNLOAD_TIMEOUT_S) as answer:
        data: bytes = answer.read(MAX_DOWNLOAD_BYTES)
    return data


def _reason(err: BaseException) -> str:
    reason: Optional[object] = getattr(err, "reason", None)
    return str(reason or err or type(err).__name__)


def _build() -> None:
    """Compile it with Go, from the modules that the recipe beside this file pins by hash."""
    go = which("go")
    if go is None:
        raise MissingError("there is no Go to build it with")
    say("building go2rtc with Go")
    work = TOOLS / "go2rtc-build"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(BUILD_RECIPE, work)
    binary = work / "go2rtc"
    try:
        # With cgo on, the build refuses C files of a module; unused here.
        run(
            [
                go,
                "build",
                "-trimpath",
                "-ldflags",
                "-s -w",
                "-o",
                binary,
                "github.com/AlexxIT/go2rtc",
            ],
            cwd=work,
            env={
                "CGO_ENABLED": "0",
                "GOFLAGS": "-mod=readonly -modcacherw",
                "GOPATH": str(work / "go"),
            },
            timeout=BUILD_TIMEOUT_S,
        )
        _place(binary.read_bytes())
    except CommandError as err:
        raise MissingError(f"it could not be built: {err}") from err
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _place(binary: bytes) -> None:
    target = TOOLS / "go2rtc"
    fresh = target.with_name("go2rtc.new")
    fresh.write_bytes(binary)
    fresh.chmod(0o755)
    fresh.replace(target)
