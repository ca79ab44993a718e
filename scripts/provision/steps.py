"""The steps of set-up, in their order."""

from dataclasses import dataclass, field
import hashlib
from pathlib import Path
from typing import Callable, Optional

from scripts.provision import environments, go2rtc, programs, uv as uv_tool
from scripts.provision.layout import HOME_ASSISTANT_VENV, OTHERS_VENV, ROOT, VENV
from scripts.provision.locks import (
    DEVELOPMENT_LOCK,
    HOME_ASSISTANT_LOCK,
    OTHERS_LOCK,
    SPEECH_LOCK,
)


class StepContext:
    """What several steps need and one run looks for once."""

    def __init__(self) -> None:
        self._uv: Optional[Path] = None
        self._python: Optional[Path] = None

    @property
    def uv(self) -> Path:
        """The uv program."""
        if self._uv is None:
            self._uv = uv_tool.ensure_uv()
        return self._uv

    @property
    def python(self) -> Path:
        """The Python that the environments are made of."""
        if self._python is None:
            self._python = uv_tool.ensure_python(self.uv)
        return self._python


@dataclass(frozen=True)
class Step:
    """One thing to have: how to see that it is there, and how to get it.

    Attributes:
        name: how it is called on the command line.
        purpose: what it is, for the help text.
        is_there: a look that costs next to nothing.
        ensure: gets it, or raises MissingError.
        inputs: files whose change makes the step run again.
        vital: without it nothing works, so set-up ends there.
    """

    name: str
    purpose: str
    is_there: Callable[[], bool]
    ensure: Callable[[StepContext], None]
    inputs: list[Path] = field(default_factory=list)
    vital: bool = False

    def key(self) -> str:
        """Give a fingerprint of the place and of all that decides what is installed."""
        digest = hashlib.sha256(str(ROOT).encode())
        for path in [*self.inputs, *sorted(Path(__file__).parent.glob("*.py"))]:
            digest.update(path.read_bytes())
        return digest.hexdigest()


STEPS: list[Step] = [
    Step(
        "venv",
        "Python and the packages for developing, in .venv",
        is_there=(VENV / "bin/python").exists,
        ensure=lambda context: environments.ensure_development(context.uv, context.python),
        inputs=[DEVELOPMENT_LOCK],
        vital=True,
    ),
    Step(
        "homeassistant",
        "a Home Assistant as users have it, in .tools/ha-venv",
        is_there=(HOME_ASSISTANT_VENV / "bin/hass").exists,
        ensure=lambda context: environments.ensure_home_assistant(context.uv, context.python),
        inputs=[HOME_ASSISTANT_LOCK],
    ),
    Step(
        "speech",
        "two compiled packages that Home Assistant's page depends on",
        is_there=environments.speech_is_there,
        ensure=lambda context: environments.ensure_speech(context.uv),
        inputs=[DEVELOPMENT_LOCK, HOME_ASSISTANT_LOCK, SPEECH_LOCK],
    ),
    Step(
        "others",
        "a client and a server of ONVIF that others wrote, in .tools/others-venv",
        is_there=(OTHERS_VENV / "bin/python").exists,
        ensure=lambda context: environments.ensure_others(context.uv, context.python),
        inputs=[OTHERS_LOCK],
    ),
    Step(
        "ffmpeg",
        "FFmpeg",
        is_there=programs.media_is_there,
        ensure=lambda _: programs.ensure_media(),
    ),
    Step(
        "jpeg",
        "the TurboJPEG library",
        is_there=programs.jpeg_is_there,
        ensure=lambda _: programs.ensure_jpeg(),
    ),
    Step(
        "go2rtc",
        "go2rtc",
        is_there=go2rtc.is_there,
        ensure=lambda _: go2rtc.ensure(),
        inputs=sorted(go2rtc.BUILD_RECIPE.glob("go.*")),
    ),
    Step(
        "browser",
        "Chromium",
        is_there=programs.browser_is_there,
        ensure=lambda _: programs.ensure_browser(),
    ),
    Step(
        "firefox",
        "Firefox",
        is_there=programs.firefox_is_there,
        ensure=lambda _: programs.ensure_firefox(),
    ),
    Step(
        "webkit",
        "WebKitGTK, the nearest stand-in for Safari",
        is_there=programs.webkit_is_there,
        ensure=lambda _: programs.ensure_webkit(),
    ),
    Step(
        "gstreamer",
        "GStreamer with its replay over ONVIF",
        is_there=programs.gstreamer_is_there,
        ensure=lambda _: programs.ensure_gstreamer(),
    ),
]
