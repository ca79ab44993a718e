"""What comes between frames though nobody asked for it."""

from collections.abc import Iterator
from itertools import count

from .traits import Junk

# Neither offered nor asked for by anybody.
_UNKNOWN_CHANNEL = 200
_PAYLOAD = b"\x80\x60" + bytes(range(62))
_UNKNOWN_KIND = 222
_ONE_IN = 5
"""Junk comes before each so-many-th frame."""


class Noise:
    """Gives the junk of one session, kind after kind."""

    def __init__(self, kinds: frozenset[Junk], rtcp_channel: int, uri: str) -> None:
        """Know what there may be.

        Args:
            kinds: of junk.
            rtcp_channel: a channel that the client did set up.
            uri: what the client watches.
        """
        self._kinds = sorted(kinds)
        self._channel = rtcp_channel
        self._uri = uri
        self._numbers: Iterator[int] = count(1)
        self._asked = 0

    def before_frame(self) -> bytes:
        """Give what comes before the next frame, mostly nothing."""
        number = next(self._numbers)
        if not self._kinds or number % _ONE_IN:
            return b""
        match self._kinds[number // _ONE_IN % len(self._kinds)]:
            case Junk.EMPTY_FRAMES:
                return _frame(self._channel, b"")
            case Junk.LINE_BREAKS:
                return b"\r\n\r\n"
            case Junk.UNKNOWN_CHANNELS:
                return _frame(_UNKNOWN_CHANNEL, _PAYLOAD)
            case Junk.UNKNOWN_REPORTS:
                return _frame(self._channel, bytes((0x80, _UNKNOWN_KIND, 0, 1)) + bytes(4))
            case Junk.REQUESTS:
                self._asked += 1
                return f"OPTIONS {self._uri} RTSP/1.0\r\nCSeq: {self._asked}\r\n\r\n".encode()
            case Junk.SHORT_FRAMES:
                return _frame(self._channel, b"\x80\x60\x00")


def _frame(channel: int, payload: bytes) -> bytes:
    return b"$" + bytes((channel,)) + len(payload).to_bytes(2) + payload
