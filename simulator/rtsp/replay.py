"""Replay by ONVIF: what a client asks for beyond RFC 2326, and how servers take it (section 9 of the notes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
import re

from .extension import Extension
from .presentation import RtspRefusal

OPTION = "onvif-replay"
BAD_REQUEST, NOT_IN_THIS_STATE, HEADER_NOT_VALID, OPTION_NOT_SUPPORTED = 400, 455, 456, 551
_INTRA = re.compile(r"intra(?:/(\d{1,9}))?")


class Without(StrEnum):
    """What a client gets that doesn't require replay."""

    PLAYS = "plays"
    """All the same. GStreamer's `rtspsrc` requires nothing by itself, not even in its ONVIF mode."""
    BEGINNING = "beginning"
    """The recording from its beginning, at the speed of life, and no extension."""
    LIVE = "live"
    REFUSED = "refused"


class RateControl(StrEnum):
    """What becomes of `Rate-Control: no`."""

    OBEYED = "obeyed"
    IGNORED = "ignored"
    """It is sent at the speed of life nevertheless."""
    REFUSED = "refused"


class Pictures(StrEnum):
    """Which pictures a client wants to have."""

    ALL = "all"
    INTRA = "intra"
    PREDICTED = "predicted"


@dataclass(frozen=True, kw_only=True)
class ReplayTraits:
    """How an ONVIF device replays; the defaults are the well-behaved ones.

    Attributes:
        supported: whether it can at all; else what requires it is refused.
        without: what a client gets that doesn't require it.
        rate_control: what becomes of a client's wish for speed.
        rate_refused_status: of the refusal, where that is what becomes of it.
        ranges: whether it begins where it was asked to; else always with the oldest.
        frames: whether pictures can be chosen; else all are sent.
        extension: which packets have it.
        sections: whether gaps and jumps are flagged.
        terminal: whether the last frames are flagged.
    """

    supported: bool = True
    without: Without = Without.PLAYS
    rate_control: RateControl = RateControl.OBEYED
    rate_refused_status: int = NOT_IN_THIS_STATE
    ranges: bool = True
    frames: bool = True
    extension: Extension = Extension.EVERY_PACKET
    sections: bool = True
    terminal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a PLAY asks for.

    Attributes:
        traits: how the device takes it.
        paced: whether it is sent at the speed at which it is to be shown; else as fast as it is read.
        pictures: which ones.
        interval: least time from picture to picture where only key frames are wanted.
        cseq: number of the request.
    """

    traits: ReplayTraits
    paced: bool = True
    pictures: Pictures = Pictures.ALL
    interval: timedelta = timedelta()
    cseq: int = 0


def requires_replay(headers: Mapping[str, str]) -> bool:
    """Say whether a request requires replay."""
    return OPTION in (tag.strip() for tag in headers.get("require", "").split(","))


def may_replay(traits: ReplayTraits, headers: Mapping[str, str], *, live: bool) -> bool:
    """Say whether a request is answered by a replay; else it is one as any other.

    Raises:
        RtspRefusal: the request requires what isn't there, or doesn't require what it has to.
    """
    if requires_replay(headers):
        if live or not traits.supported:
            raise unsupported()
        return True
    if not live and traits.without is Without.REFUSED:
        raise unsupported()
    return not live and traits.without is Without.PLAYS


def unsupported() -> RtspRefusal:
    """Give the refusal of whoever requires replay where there is none."""
    return RtspRefusal(OPTION_NOT_SUPPORTED, headers={"Unsupported": OPTION})


def read_replay(traits: ReplayTraits, headers: Mapping[str, str], scale: float) -> Replay:
    """Read what a PLAY asks for.

    Raises:
        RtspRefusal: the device knows no such thing.
    """
    paced = _paced(traits, headers.get("rate-control", "yes").strip().lower(), scale)
    pictures, interval = _pictures(headers.get("frames", Pictures.ALL).strip().lower())
    cseq = headers.get("cseq", "")
    return Replay(
        traits=traits,
        paced=paced,
        pictures=pictures if traits.frames else Pictures.ALL,
        interval=interval,
        cseq=int(cseq) if cseq.isascii() and cseq.isdecimal() else 0,
    )


def _paced(traits: ReplayTraits, text: str, scale: float) -> bool:
    if text not in ("yes", "no"):
        raise RtspRefusal(BAD_REQUEST)
    if text == "yes" or traits.rate_control is RateControl.IGNORED:
        return True
    if traits.rate_control is RateControl.REFUSED:
        raise RtspRefusal(traits.rate_refused_status)
    if abs(scale) != 1:
        raise RtspRefusal(HEADER_NOT_VALID)
    return False


def _pictures(text: str) -> tuple[Pictures, timedelta]:
    if match := _INTRA.fullmatch(text):
        return Pictures.INTRA, timedelta(milliseconds=int(match[1] or 0))
    try:
        return Pictures(text), timedelta()
    except ValueError as err:
        raise RtspRefusal(HEADER_NOT_VALID) from err
