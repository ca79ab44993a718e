"""The session description of a presentation (RFC 4566)."""

from simulator.footage.rtp import media_lines

from .presentation import Presentation
from .ranges import format_range


def describe(presentation: Presentation) -> str:
    """Give the SDP text."""
    lines = [
        "v=0",
        "o=- 1109162014219182 1109162014219192 IN IP4 127.0.0.1",
        f"s={presentation.title}",
        "t=0 0",
        "a=control:*",
        f"a=range:{format_range(presentation, None)}",
    ]
    for media, track in zip(media_lines(presentation.source), presentation.tracks, strict=False):
        lines += [*media, f"a=control:{track}"]
    return "\r\n".join([*lines, ""])
