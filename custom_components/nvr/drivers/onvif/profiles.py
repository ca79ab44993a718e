"""Media profiles of Media1 and Media2: which source, how it is encoded (section 6 of the notes).

Media1 knows nothing of H.265: devices then leave out the encoding, or the whole encoder, or say H264. Profiles
without an encoder are kept all the same, as the stream is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..figures import MAX_FPS, MAX_KBPS, MAX_PIXELS, MAX_WORD, codec_name, whole, within
from .question import Question
from .service import Service
from .values import MAX_TOKEN, token

MAX_PROFILES = 1024
MAX_NAME = 255
JPEG = "MJPEG"
_JPEG_NAMES = frozenset({"jpeg", "mjpeg"})
# One server breaks at ``All``, so the parts are named.
_PARTS = ("VideoSource", "VideoEncoder", "AudioEncoder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a profile encodes its picture; None where the device does not say."""

    token: str | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbps: int | None = None

    @property
    def pixels(self) -> int:
        """The size of the picture, 0 where it is not told."""
        return (self.width or 0) * (self.height or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A media profile; ``source`` is the input it shows, ``configuration`` the token of how it takes it."""

    token: str
    name: str
    source: str
    configuration: str | None = None
    source_name: str | None = None
    encoding: Encoding | None = None
    audio_codec: str | None = None


def read_profiles1(answer: Element) -> tuple[Profile, ...]:
    """Read GetProfiles of Media1: the profiles that show an input."""
    return tuple(
        _profiles(
            answer,
            (),
            "VideoSourceConfiguration",
            "VideoEncoderConfiguration",
            "AudioEncoderConfiguration",
        )
    )


def read_profiles2(answer: Element) -> tuple[Profile, ...]:
    """Read GetProfiles of Media2."""
    return tuple(
        _profiles(answer, ("Configurations",), "VideoSource", "VideoEncoder", "AudioEncoder")
    )


PROFILES1 = Question(
    service=Service.MEDIA, operation="GetProfiles", read=read_profiles1, limits=LIST
)
PROFILES2 = Question(
    service=Service.MEDIA2,
    operation="GetProfiles",
    arguments={"Type": list(_PARTS)},
    read=read_profiles2,
    limits=LIST,
)


def _profiles(
    answer: Element, inside: tuple[str, ...], source: str, encoder: str, audio: str
) -> Iterator[Profile]:
    for one in xml.children(answer, "Profiles")[:MAX_PROFILES]:
        name = token(one)
        place = xml.find(one, *inside)
        shown = None if place is None else xml.find(place, source)
        if name is None or place is None or shown is None:
            continue
        # The name of how the input is taken stands for the input where that is not named.
        input_token = xml.text(shown, "SourceToken") or token(shown)
        if input_token is None:
            continue
        encoding = xml.find(place, encoder)
        audio_codec = xml.text(place, audio, "Encoding")
        yield Profile(
            token=name,
            name=(xml.text(one, "Name") or name)[:MAX_NAME],
            source=input_token[:MAX_TOKEN],
            configuration=token(shown),
            source_name=_short(xml.text(shown, "Name")),
            encoding=None if encoding is None else _encoding(encoding),
            audio_codec=None if audio_codec is None else audio_codec[:MAX_WORD],
        )


def _encoding(element: Element) -> Encoding:
    word = xml.text(element, "Encoding")
    if word is None and xml.find(element, "H265") is not None:
        word = "H265"
    is_jpeg = word is not None and word.casefold() in _JPEG_NAMES
    return Encoding(
        token=token(element),
        codec=JPEG if is_jpeg else codec_name(word),
        width=whole(xml.number(element, "Resolution", "Width"), MAX_PIXELS),
        height=whole(xml.number(element, "Resolution", "Height"), MAX_PIXELS),
        fps=within(xml.number(element, "RateControl", "FrameRateLimit"), MAX_FPS),
        kbps=whole(xml.number(element, "RateControl", "BitrateLimit"), MAX_KBPS),
    )


def _short(text: str | None) -> str | None:
    return None if text is None else text[:MAX_NAME]
