"""What a recorder says it will play: session descriptions (SDP, RFC 4566), read as loosely as they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

MAX_LINES = 1000
MAX_LINE_CHARACTERS = 8 * 1024
MAX_TRACKS = 16
MAX_PARAMETERS = 64
_MAX_RATE = 1_000_000_000
_MAX_CHANNELS = 16

# RFC 3551: what needs no rtpmap.
_STATIC = {
    0: ("PCMU", 8000, 1),
    8: ("PCMA", 8000, 1),
    9: ("G722", 8000, 1),
    10: ("L16", 44100, 2),
    11: ("L16", 44100, 1),
    14: ("MPA", 90000, 1),
    26: ("JPEG", 90000, 1),
    32: ("MPV", 90000, 1),
    33: ("MP2T", 90000, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One medium: ``media`` is ``video``, ``audio`` or ``application``, ``encoding`` in upper case.

    ``encoding`` is empty and ``clock_rate`` 0 where the recorder doesn't say. Names in ``fmtp`` are lower case.
    """

    media: str
    payload_type: int
    encoding: str = ""
    clock_rate: int = 0
    channels: int = 1
    fmtp: Mapping[str, str] = field(default_factory=dict)
    control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A session: ``control`` is what its own requests go to, ``range`` the time it spans as the recorder writes it."""

    tracks: tuple[Track, ...] = ()
    control: str = ""
    range: str = ""

    def track(self, media: str) -> Track | None:
        """Return the first track of a medium whose encoding is known."""
        return next((one for one in self.tracks if one.media == media and one.encoding), None)


def parse_description(body: bytes) -> Description:
    """Return what a session description says; whatever makes no sense in it is passed over."""
    session = _Section("")
    sections = [session]
    for kind, value in _lines(body):
        if kind == "m":
            if len(sections) > MAX_TRACKS:
                break
            sections.append(_Section(value))
        elif kind == "a":
            sections[-1].add(value)
    tracks = [track for section in sections[1:] if (track := section.track()) is not None]
    ranges = (section.attributes.get("range", "") for section in sections)
    return Description(
        tracks=tuple(tracks),
        control=session.attributes.get("control", ""),
        range=next((text for text in ranges if text), ""),
    )


def control_url(base: str, control: str) -> str:
    """Return the address that a control attribute stands for.

    Recorders append it to their base, behind its query if there is one, and so does everybody else.
    """
    if any(character.isspace() or not character.isprintable() for character in control):
        return base
    if control in {"", "*"}:
        return base
    if "://" in control.partition("?")[0]:
        return control
    if control.startswith("/"):
        # urljoin knows the schemes of the web only.
        scheme, _, rest = base.partition(":")
        return f"{scheme}:{urljoin(f'http:{rest}', control).removeprefix('http:')}"
    return base + control if base.endswith("/") else f"{base}/{control}"


def parse_parameters(text: str) -> dict[str, str]:
    """Return the parameters of an fmtp attribute, without its payload type."""
    found: dict[str, str] = {}
    for item in text.split(";", MAX_PARAMETERS)[:MAX_PARAMETERS]:
        # Values are base64 as well: only the first sign divides.
        name, _, value = item.partition("=")
        if name.strip():
            found[name.strip().lower()] = value.strip()
    return found


class _Section:
    """The lines of one medium, or of the session."""

    def __init__(self, media: str) -> None:
        self._media = media.split()
        self.attributes: dict[str, str] = {}
        self._maps: dict[int, str] = {}
        self._parameters: dict[int, str] = {}

    def add(self, attribute: str) -> None:
        name, _, value = attribute.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in {"rtpmap", "fmtp"}:
            number, _, rest = value.partition(" ")
            if (payload_type := _integer(number)) is not None:
                where = self._maps if name == "rtpmap" else self._parameters
                where.setdefault(payload_type, rest.strip())
        else:
            self.attributes.setdefault(name, value)

    def track(self) -> Track | None:
        """Return the medium with the first of its formats, None where the line is none."""
        if len(self._media) < 4 or (payload_type := _integer(self._media[3])) is None:
            return None
        encoding, clock_rate, channels = _STATIC.get(payload_type, ("", 0, 1))
        if text := self._maps.get(payload_type):
            parts = text.split("/")
            encoding = parts[0].strip().upper()
            clock_rate = _integer(parts[1]) or clock_rate if len(parts) > 1 else clock_rate
            channels = _integer(parts[2]) or 1 if len(parts) > 2 else 1
        return Track(
            media=self._media[0].lower(),
            payload_type=payload_type,
            encoding=encoding,
            clock_rate=clock_rate if clock_rate <= _MAX_RATE else 0,
            channels=min(channels, _MAX_CHANNELS),
            fmtp=parse_parameters(self._parameters.get(payload_type, "")),
            control=self.attributes.get("control", ""),
        )


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    text = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n", MAX_LINES)[:MAX_LINES]:
        kind, equals, value = line.strip().partition("=")
        if equals and len(value) <= MAX_LINE_CHARACTERS:
            yield kind.strip().lower(), value.strip()


def _integer(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None
