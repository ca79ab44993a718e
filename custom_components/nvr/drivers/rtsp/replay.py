"""Replay of recordings as ONVIF defines it over RTSP (section 9 of the ONVIF notes; Streaming Specification, chapter 6).

What is recorded at a time is asked for by headers that RTSP does not have, and every picture carries when it was
taken in an extension of its packets. Servers take all of the headers or some of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .packet import RTP_HEAD_BYTES, is_rtp, ntp_time

FEATURE = "onvif-replay"

_PROFILE = 0xABAC
_EXTENSION_HEAD_BYTES = 4
_WORD = 4
_LEAST_WORDS = 3
_FLAGS_AT, _SEQUENCE_AT = 8, 9
_CLEAN, _ENDS, _DISCONTINUOUS, _TERMINAL = 0x80, 0x40, 0x20, 0x10
_HAS_EXTENSION = 0x10
_SOURCES = 0x0F


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayForm:
    """Which of the headers a server takes.

    ``requires``: it is told that it has to know replay, else it may play what is live or from the beginning.
    ``hurries``: it sends as fast as the connection takes it. ``chooses``: it leaves out all but key pictures where it
    is asked to.
    """

    requires: bool = True
    hurries: bool = True
    chooses: bool = True

    def setup_headers(self) -> Mapping[str, str]:
        """Return what goes with SETUP."""
        return {"Require": FEATURE} if self.requires else {}

    def play_headers(
        self,
        *,
        natural: bool = False,
        intra: bool = False,
        interval: timedelta | None = None,
        instead: bool = False,
    ) -> Mapping[str, str]:
        """Return what goes with PLAY beside the range.

        Args:
            natural: at the speed of life, which is what servers do that are asked for nothing.
            intra: key pictures alone, where this form can choose.
            interval: at most one of them in so much time of the recording.
            instead: of what is being played now, of which nothing more shall come.
        """
        headers = dict(self.setup_headers())
        if self.hurries and not natural:
            headers["Rate-Control"] = "no"
        if intra and self.chooses:
            every = "" if interval is None else f"/{interval // timedelta(milliseconds=1)}"
            headers["Frames"] = f"intra{every}"
        if instead:
            headers["Immediate"] = "yes"
        return headers


# Best first. Sound servers take the first; the others are for those that refuse a header instead of passing it over.
FORMS: Mapping[str, ReplayForm] = {
    "replay": ReplayForm(),
    "replay_all_frames": ReplayForm(chooses=False),
    "replay_natural_speed": ReplayForm(hurries=False, chooses=False),
    "fast": ReplayForm(requires=False, chooses=False),
    "plain": ReplayForm(requires=False, hurries=False, chooses=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayMark:
    """What the extension of a packet's head tells of its picture or sound.

    ``time`` is when it was taken, in UTC as the device counts it. ``clean``: it can be decoded without others.
    ``ends``: no footage follows it without a gap. ``discontinuous``: it does not follow the one that came before.
    ``terminal``: there is nothing more of this track. ``sequence`` is the last byte of the number of the PLAY that it
    answers; some servers leave it 0.
    """

    time: datetime
    clean: bool
    ends: bool
    discontinuous: bool
    terminal: bool
    sequence: int


def replay_mark(data: bytes, at: int = 0) -> ReplayMark | None:
    """Return what the extension of the packet of RTP tells that begins there.

    None for packets without one and where it makes no sense.
    """
    if not is_rtp(data, at) or not data[at] & _HAS_EXTENSION:
        return None
    head = at + RTP_HEAD_BYTES + (data[at] & _SOURCES) * _WORD
    body = head + _EXTENSION_HEAD_BYTES
    if len(data) < body or int.from_bytes(data[head : head + 2]) != _PROFILE:
        return None
    words = int.from_bytes(data[head + 2 : body])
    if words < _LEAST_WORDS or len(data) < body + words * _WORD:
        return None
    return _mark(data[body : body + _SEQUENCE_AT + 1])


# A picture has dozens of packets, and all say the same.
@lru_cache(maxsize=64)
def _mark(extension: bytes) -> ReplayMark | None:
    time = ntp_time(extension[:_FLAGS_AT])
    # A clock that was never set counts from nothing.
    if time is None or time < datetime(1970, 1, 1, tzinfo=UTC):
        return None
    flags = extension[_FLAGS_AT]
    return ReplayMark(
        time=time,
        clean=bool(flags & _CLEAN),
        ends=bool(flags & _ENDS),
        discontinuous=bool(flags & _DISCONTINUOUS),
        terminal=bool(flags & _TERMINAL),
        sequence=extension[_SEQUENCE_AT],
    )
