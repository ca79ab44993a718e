"""The bytes of one transfer as they come over the wire, and what they turn out to be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .dhav_container import find_frame
from .dhav_stream import DhavStream
from .faults import InvalidBytesError, NoPictureError
from .file_source import FileSource, is_mp4
from .media_head import HEAD_BYTES, has_head
from .program_stream import find_pack
from .recorder_stream import RecorderStream
from .rtp_container import MAGIC
from .rtp_stream import RtpStream
from .source import Source
from .timekeeper import Timekeeper
from .wire import JsonObject, JsonValue, Kind, Wire, decode_json

_MAX_TRANSFER_BYTES = 64 << 30
# Heads that devices put before footage have some kilobytes at most.
_MAX_LEADING_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PartOrder:
    """What the parent says of a transfer before its bytes. Times are UTC in ticks.

    ``base`` is when the first picture was taken if the footage doesn't say it. ``loose`` tells that this is
    only roughly so, because the device chose where to begin; ``reach`` is how far the recording's start lies
    before that. ``clock_error`` is by how much the offsets may be wrong.
    """

    offsets: tuple[int, ...]
    expected: int
    base: int
    loose: bool
    more: bool
    reach: int = 0
    clock_error: int = 0

    @classmethod
    def of_json(cls, values: JsonObject) -> Self:
        """Read an order. Raises ValueError for one that is not well formed."""
        offsets = values.get("offsets")
        if not isinstance(offsets, list):
            raise ValueError("offsets")  # noqa: TRY004 - one error for all that is no order
        return cls(
            tuple(integer(offset) for offset in offsets),
            integer(values.get("expected")),
            integer(values.get("base")),
            bool(values.get("loose")),
            bool(values.get("more")),
            integer(values.get("reach", 0)),
            integer(values.get("clock_error", 0)),
        )

    def timekeeper(self) -> Timekeeper:
        """Return the clock of this transfer."""
        return Timekeeper(self.offsets, self.expected, self.base, reach=self.reach)


def integer(value: JsonValue) -> int:
    """Return a JSON value that has to be a whole number. Raises ValueError."""
    if not isinstance(value, int):
        raise ValueError("not a whole number")  # noqa: TRY004 - one error for all that is no order
    return value


class PartInput:
    """Reads the bytes of one transfer up to its end."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.received = 0
        self.ended = False

    def read(self) -> bytes:
        """Return the next bytes, empty at the end of the transfer."""
        while not self.ended:
            kind, payload = self._wire.receive()
            if kind is Kind.END:
                self.ended = True
            elif kind is not Kind.DATA:
                raise ValueError("unexpected frame")
            elif payload:
                self.received += len(payload)
                if self.received > _MAX_TRANSFER_BYTES:
                    raise InvalidBytesError("the transfer is too large")
                return payload
        return b""

    def drain(self) -> None:
        """Pass over what is still on its way."""
        while self.read():
            pass


def open_source(stream: PartInput, folder: Path | None) -> Source:
    """Look at the first bytes and return the source that reads them.

    ``folder`` is where a file may be laid down that can't be read as it comes. Raises NoPictureError if there
    are no bytes.
    """
    head = b""
    while len(head) < HEAD_BYTES and (data := stream.read()):
        head += data
    if not head:
        raise NoPictureError("the recorder sent nothing")
    if is_mp4(head):
        return FileSource(stream.read, head, folder)
    if head.startswith(MAGIC):
        return RtpStream(stream.read, head)
    if has_head(head):
        return RecorderStream(stream.read, head)
    return _open_behind_head(stream, head)


def _open_behind_head(stream: PartInput, head: bytes) -> Source:
    """Return the source for what comes first behind a head that means nothing here, if there is one."""
    while True:
        frame, pack = find_frame(head), find_pack(head)
        if frame is not None and (pack is None or frame < pack):
            return DhavStream(stream.read, head[frame:])
        if pack is not None or len(head) > _MAX_LEADING_BYTES or not (data := stream.read()):
            return RecorderStream(stream.read, head)
        head += data


def wait_for_part(wire: Wire) -> PartOrder | None:
    """Return the next transfer's order, None when there are no more."""
    kind, payload = wire.receive()
    if kind is Kind.FINISH:
        return None
    if kind is not Kind.PART:
        raise ValueError("unexpected frame")
    return PartOrder.of_json(decode_json(payload))
