"""Traits of profiles and of the addresses of live pictures (section 6 of the notes)."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.onvif.tokens import CAMERA, Tokens


class HiddenCodec(StrEnum):
    """What Media1 makes of a codec that it doesn't know, which is H.265."""

    NO_ENCODING = "no encoding"
    """The encoder hasn't an `Encoding` (main streams of devices/onvif/dahua-nvr-12ch)."""
    NO_ENCODER = "no encoder"
    """The profile hasn't an encoder (sub streams there)."""
    H264 = "H264"
    """A lie."""
    PRIVATE = "private"
    """A word of its own."""


class Offline(StrEnum):
    """What becomes of the profiles of a channel whose camera is away."""

    LISTED = "listed"
    UNLISTED = "unlisted"


@dataclass(frozen=True, kw_only=True)
class MediaTraits:
    """How live pictures are offered.

    Attributes:
        tokens: what things are called.
        hidden_main: what Media1 tells of H.265 in main streams.
        hidden_sub: likewise in others.
        offline: what becomes of channels that are away.
        all_types: whether Media2 takes `All` for a type.
        snapshots: whether there are pictures.
        titles: whether the channels' names can be read, as what is written into their pictures.
    """

    tokens: Tokens = CAMERA
    hidden_main: HiddenCodec = HiddenCodec.NO_ENCODING
    hidden_sub: HiddenCodec = HiddenCodec.NO_ENCODING
    offline: Offline = Offline.LISTED
    all_types: bool = True
    snapshots: bool = True
    titles: bool = True
