"""The programs from the system's packages: FFmpeg, the JPEG library, the browsers, GStreamer."""

import ctypes.util
from pathlib import Path
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
FIREFOX_PROGRAMS = ["firefox-esr", "firefox"]
WEBKIT_PROGRAMS = ["WebKitWebDriver", "Xvfb"]
# The package keeps its browser away from the path, below the folder of the machine's kind.
WEBKIT_BROWSER = "MiniBrowser"
WEBKIT_FOLDERS = ["lib/*/webkit2gtk-4.1", "lib*/webkit2gtk-4.1", "libexec/webkit2gtk-4.1"]
WEBKIT_DECODERS = "lib*/*/gstreamer-1.0/libgstlibav.so"
GSTREAMER_PACKAGES = [
    "gstreamer1.0-tools",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gir1.2-gst-rtsp-server-1.0",
    "python3-gi",
]
GSTREAMER_REPLAY = "lib*/*/gstreamer-1.0/libgstrtponvif.so"
GSTREAMER_SERVER = "lib*/*/girepository-1.0/GstRtspServer-1.0.typelib"
NO_FIREFOX = "without it nothing shows that recordings in H.265 play in Firefox"
NO_GSTREAMER = (
    "without it nothing shows that a replay over ONVIF is what GStreamer takes and gives for one"
)
NO_WEBKIT = "without it nothing shows that recordings in H.265 play in WebKit, as in Safari"


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


def firefox_is_there() -> bool:
    """Tell whether a Firefox is on the path."""
    return _publish_first("firefox", FIREFOX_PROGRAMS)


def ensure_firefox() -> None:
    """Install Firefox where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(firefox_is_there, "firefox is missing", [["firefox-esr"], ["firefox"]], NO_FIREFOX)


def webkit_is_there() -> bool:
    """Tell whether WebKitGTK's browser, its driver, its decoders and a display for it are there."""
    decoders = any(Path("/usr").glob(WEBKIT_DECODERS))
    browsers = [
        found
        for pattern in WEBKIT_FOLDERS
        for found in sorted(Path("/usr").glob(f"{pattern}/{WEBKIT_BROWSER}"))
    ]
    if browsers:
        publish(WEBKIT_BROWSER, browsers[0])
    return (
        decoders
        and bool(browsers)
        and all(_publish_first(name, [name]) for name in WEBKIT_PROGRAMS)
    )


def ensure_webkit() -> None:
    """Install WebKitGTK, with what decodes video for it, where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(
        webkit_is_there,
        "WebKitGTK, its driver or Xvfb is missing",
        [["webkit2gtk-driver", "gstreamer1.0-libav", "gstreamer1.0-plugins-good", "xvfb"]],
        NO_WEBKIT,
    )


def gstreamer_is_there() -> bool:
    """Tell whether GStreamer's program, its replay elements and its RTSP server for Python are there."""
    return (
        all(any(Path("/usr").glob(part)) for part in (GSTREAMER_REPLAY, GSTREAMER_SERVER))
        and any(Path("/usr/lib").glob("python3*/dist-packages/gi"))
        and _publish_first("gst-launch-1.0", ["gst-launch-1.0"])
    )


def ensure_gstreamer() -> None:
    """Install GStreamer with what it has for ONVIF where that is possible.

    Raises:
        MissingError: it is not there.
    """
    _ensure(
        gstreamer_is_there,
        "GStreamer, its replay elements or its RTSP server is missing",
        [GSTREAMER_PACKAGES],
        NO_GSTREAMER,
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
