"""The session description of a presentation (RFC 4566)."""

from urllib.parse import urlsplit, urlunsplit

from simulator.footage.program_stream import RTP, imkh_head
from simulator.footage.rtp import media_lines

from .presentation import Presentation
from .ranges import format_range
from .traits import Control, RtspTraits

METADATA_TYPE = 107
_METADATA_LINES = (
    f"m=application 0 RTP/AVP {METADATA_TYPE}",
    f"a=rtpmap:{METADATA_TYPE} vnd.onvif.metadata/90000",
)


def describe(presentation: Presentation, uri: str, traits: RtspTraits) -> str:
    """Give the SDP text for what was asked for by an address."""
    absolute = traits.control is Control.ABSOLUTE
    lines = [
        "v=0",
        "o=- 1109162014219182 1109162014219192 IN IP4 127.0.0.1",
        f"s={presentation.title}",
        "e=NONE",
        "t=0 0",
        f"a=control:{uri if absolute else '*'}",
        f"a=range:{_whole(presentation, traits)}",
    ]
    media = media_lines(presentation.source)
    kinds = list(range(len(media)))
    if traits.metadata_track:
        media.append([*_METADATA_LINES])
        kinds.append(len(presentation.tracks) - 1)
    for kind, track_lines in zip(kinds, media, strict=True):
        name = presentation.tracks[kind]
        lines += [*track_lines, f"a=control:{_within(uri, name) if absolute else name}"]
        if presentation.tokens is not None:
            lines.append(f"a=x-onvif-track:{presentation.tokens[kind]}")
    if traits.media_header:
        head = imkh_head(presentation.source, container=RTP).hex().upper()
        lines += [f"a=Media_header:MEDIAINFO={head};", "a=appversion:1.0"]
    return "\r\n".join([*lines, ""])


def _whole(presentation: Presentation, traits: RtspTraits) -> str:
    exact = traits.replay is not None
    return format_range(presentation, None, clock=traits.clock_range, exact=exact)


def _within(uri: str, track: str) -> str:
    """Give a track's whole address; the query stays behind it."""
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{track}"))
