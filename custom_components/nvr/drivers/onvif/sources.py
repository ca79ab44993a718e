"""The inputs of a device, and which channel each of them is (section 6 of the notes)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from .profiles import JPEG, Profile
from .question import Question
from .service import Service
from .values import token

MAX_SOURCES = 512
MAX_CHANNEL = 512

# Dahua's: three digits of the channel from 0, two of the stream, which is none of an input's.
_DAHUA = re.compile(r"(\d{3})00")
# Hikvision's and many others': a number behind a word, from 1 or from 0.
_NUMBERED = re.compile(r"\D*?[A-Za-z]\D*?(\d{1,3})")
# What is called so was made by nobody who names channels.
_PLAIN = re.compile(
    r"channel\s*\d*|video ?source.*|vsc.*|vscfg.*|.*config.*|user\d*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSource:
    """An input; a picture of no size is none."""

    token: str
    has_picture: bool | None = None


def read_sources(answer: Element) -> tuple[VideoSource, ...]:
    """Read GetVideoSources."""
    return tuple(
        VideoSource(token=name, has_picture=_has_picture(one))
        for one in xml.children(answer, "VideoSources")[:MAX_SOURCES]
        if (name := token(one)) is not None
    )


SOURCES = Question(
    service=Service.MEDIA, operation="GetVideoSources", read=read_sources, limits=LIST
)


def read_configurations(answer: Element) -> tuple[VideoSource, ...]:
    """Read GetVideoSourceConfigurations, which name inputs, too."""
    found = [
        xml.text(one, "SourceToken") for one in xml.children(answer, "Configurations")[:MAX_SOURCES]
    ]
    return tuple(VideoSource(token=name) for name in dict.fromkeys(found) if name is not None)


CONFIGURATIONS2 = Question(
    service=Service.MEDIA2,
    operation="GetVideoSourceConfigurations",
    read=read_configurations,
    limits=LIST,
)


def _has_picture(element: Element) -> bool | None:
    """Return whether an input shows something, None where nothing is told: its size, or its rate, is 0 without one."""
    told = [
        xml.number(element, *path)
        for path in (("Resolution", "Width"), ("Resolution", "Height"), ("Framerate",))
    ]
    known = [figure for figure in told if figure is not None]
    return all(known) if known else None


def inputs(
    sources: Iterable[VideoSource] | None, profiles: Iterable[Profile] | None
) -> tuple[str, ...]:
    """Return the tokens of a device's inputs in its order: as it lists them, then as its profiles name them."""
    listed = [source.token for source in sources or ()]
    shown = [profile.source for profile in profiles or ()]
    return tuple(dict.fromkeys([*listed, *shown]))


def numbers(tokens: tuple[str, ...], profiles: Iterable[Profile] = ()) -> Mapping[str, int]:
    """Return the channel's number of each input.

    A recorder that lists only what is connected would else number its channels anew whenever a camera goes, so
    numbers in the tokens go before the places in the list, where all of them have one of the same style.
    """
    dahua = any(profile.token.startswith("MediaProfile") for profile in profiles)
    for style in (_DAHUA, _NUMBERED) if dahua else (_NUMBERED,):
        read = [style.fullmatch(name) for name in tokens]
        told = [int(match[1]) for match in read if match is not None]
        if len(told) != len(tokens) or len(set(told)) != len(told):
            continue
        first = 1 if style is _DAHUA or 0 in told else 0
        if max(told, default=0) + first <= MAX_CHANNEL:
            return {name: number + first for name, number in zip(tokens, told, strict=True)}
    return {name: index for index, name in enumerate(tokens, start=1)}


def in_order(profiles: Iterable[Profile]) -> list[Profile]:
    """Return one input's profiles, the main stream first.

    The largest picture is the main stream, and video goes before single pictures. Where sizes are not told the
    device's order stands. Profiles that share an encoder are one stream.
    """
    distinct: dict[str, Profile] = {}
    for profile in profiles:
        encoder = None if profile.encoding is None else profile.encoding.token
        distinct.setdefault(encoder or f"profile {profile.token}", profile)
    found = list(distinct.values())
    sized = all(one.encoding is not None and one.encoding.pixels for one in found)
    return sorted(found, key=lambda one: (_is_jpeg(one), -_pixels(one) if sized else 0))


def given_name(profiles: Iterable[Profile]) -> str | None:
    """Return what somebody called an input, None where its configuration only has a name that was made up."""
    for profile in profiles:
        name = profile.source_name
        if name and name != profile.configuration and not _PLAIN.fullmatch(name):
            return name
    return None


def _is_jpeg(profile: Profile) -> bool:
    return profile.encoding is not None and profile.encoding.codec == JPEG


def _pixels(profile: Profile) -> int:
    return 0 if profile.encoding is None else profile.encoding.pixels
