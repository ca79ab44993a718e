"""The programs from the system's packages: FFmpeg, the JPEG library, the browser."""

import ctypes.util
from typing import Callable

from scripts.provision import debian
from scripts.provision.layout import publish
from scripts.provision.shell import MissingError, which

MEDIA_PROGRAMS = ["ffmpeg", "ffprobe"]
JPEG_PACKAGES = ["libturbojpeg0", "libturbojpeg"]
# By which names systems know the browser and its driver.
BROWSER_PROGRAMS: dict[str, list[str]] = {
    "chromium": ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    "chromedriver": ["chromedriver"],
}
NO_MEDIA = "without it there is no footage: neither the simulator, the demo nor most tests will run"
NO_JPEG = "without it Home Assistant's still pictures from HLS streams are missing and its log has a warning"
NO_BROWSER = (
    "without it the end-to-end test and scripts/demo --check can't look at Home Assistant's page"
)


def media_is_there() -> bool:
    """Tell whether FFmpeg's two programs are on the path."""
    return all(_publish_first(name, [name]) for name in MEDIA_PROGRAMS)


def ensure_media() -> None:
    """Install FFmpeg where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(media_is_there, "ffmpeg and ffprobe are missing", [["ffmpeg"]], NO_MEDIA)


def jpeg_is_there() -> bool:
    """Tell whether the system has the TurboJPEG library."""
    return ctypes.util.find_library("turbojpeg") is not None


def ensure_jpeg() -> None:
    """Install the TurboJPEG library where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(
        jpeg_is_there,
        "the TurboJPEG library is missing",
        [[name] for name in JPEG_PACKAGES],
        NO_JPEG,
    )


def browser_is_there() -> bool:
    """Tell whether a Chromium and its driver are on the path."""
    return all(_publish_first(name, names) for name, names in BROWSER_PROGRAMS.items())


def ensure_browser() -> None:
    """Install Chromium where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(
        browser_is_there,
        "chromium and chromedriver are missing",
        [
            ["chromium", "chromium-driver", "fonts-liberation"],
            ["chromium-browser", "chromium-chromedriver"],
        ],
        NO_BROWSER,
    )


def _publish_first(name: str, candidates: list[str]) -> bool:
    for candidate in candidates:
        found = which(candidate)
        if found is not None:
            publish(name, found)
            return True
    return False


def _ensure(
    is_there: Callable[[], bool], problem: str, choices: list[list[str]], effect: str
) -> None:
    """Try one set of packages after the other until the thing is there."""
    advice = ""
    for packages in choices:
        if is_there():
            return
        try:
            debian.install(packages)
        except MissingError as err:
            advice = advice or f": {err}"
    if not is_there():
        raise MissingError(f"{problem}{advice}; {effect}")
