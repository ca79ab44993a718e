"""The RTP header extension of replays (RFC 3550, 5.3.1; section 9 of the ONVIF notes)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from .reports import ntp

PROFILE = 0xABAC
_OTHER_PROFILE = 0xBEDE
_RTP_HEAD = 12
_HAS_EXTENSION = 0x10
_WORD = 4
_CLEAN, _END, _DISCONTINUITY, _TERMINAL = 0x80, 0x40, 0x20, 0x10
_LOW_BYTE = 0xFF
# A JPEG extension without a table: the mark that it begins with, and nothing said.
_JPEG = bytes.fromhex("ffff0000")
# Words that no packet has room for.
_TOO_MANY = 0x0FFF


class Extension(StrEnum):
    """Which packets of a replay have the extension, and what is wrong with it."""

    EVERY_PACKET = "every packet"
    FIRST_PACKET = "first packet"
    """Of each access unit alone, which is the least that is wanted."""
    WITH_JPEG = "with JPEG"
    """A JPEG extension follows in it: it is longer than three words."""
    NONE = "none"
    SHORT = "short"
    """Two words: the time, and none of the flags."""
    OVERLONG = "overlong"
    """It says that it is longer than the packet."""
    OTHER_PROFILE = "other profile"
    """Its number is another standard's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the extension says of a frame besides its time.

    Attributes:
        clean: it can be decoded without others.
        ends: it is the last of its track before a gap, in the order in which frames are sent.
        broken: it doesn't follow the frame that was sent before.
        terminal: it is the last of its track that this PLAY sends.
        cseq: number of the PLAY that sends it.
    """

    clean: bool = False
    ends: bool = False
    broken: bool = False
    terminal: bool = False
    cseq: int = 0


def extended(
    packets: Sequence[bytes], mark: Mark, filmed: timedelta, extension: Extension
) -> Iterator[bytes]:
    """Put the extension into the packets of a frame.

    Args:
        packets: RTP packets without an extension.
        mark: what it says.
        filmed: what the device's clock showed, since 1900.
        extension: how it is done.
    """
    last = len(packets) - 1
    alone = extension is Extension.FIRST_PACKET
    written: dict[tuple[bool, bool], bytes] = {}
    for place, packet in enumerate(packets):
        if extension is Extension.NONE or (place and alone):
            yield packet
            continue
        ends = place == 0, place == last or alone
        if ends not in written:
            written[ends] = _written(_part_of(mark, *ends), filmed, extension)
        head = bytes((packet[0] | _HAS_EXTENSION,)) + packet[1:_RTP_HEAD]
        yield head + written[ends] + packet[_RTP_HEAD:]


def _part_of(mark: Mark, first: bool, last: bool) -> Mark:
    """Give what the extension of one packet says: a break in the first one, an end in the last one."""
    return replace(
        mark,
        broken=mark.broken and first,
        ends=mark.ends and last,
        terminal=mark.terminal and last,
    )


def _written(mark: Mark, filmed: timedelta, extension: Extension) -> bytes:
    flags = (
        mark.clean * _CLEAN
        | mark.ends * _END
        | mark.broken * _DISCONTINUITY
        | mark.terminal * _TERMINAL
    )
    content = ntp(filmed)
    if extension is not Extension.SHORT:
        content += bytes((flags, mark.cseq & _LOW_BYTE, 0, 0))
    if extension is Extension.WITH_JPEG:
        content += _JPEG
    words = _TOO_MANY if extension is Extension.OVERLONG else len(content) // _WORD
    profile = _OTHER_PROFILE if extension is Extension.OTHER_PROFILE else PROFILE
    return profile.to_bytes(2) + words.to_bytes(2) + content
