"""The frames that a worker and its parent exchange over the worker's standard input and output.

A frame is one byte of kind, four bytes of length and that many bytes. Both sides block or wait when the
other one is slow: the pipes are the only buffer.
"""

from collections.abc import Mapping
from enum import Enum
import json
import struct
from typing import BinaryIO, cast

type JsonValue = str | int | float | bool | list["JsonValue"] | Mapping[str, "JsonValue"] | None
type JsonObject = dict[str, JsonValue]

MAX_FRAME_BYTES = 1 << 20
HEADER = struct.Struct(">cI")


class Kind(Enum):
    """What a frame is. The value is its first byte."""

    # From the parent.
    HELLO = b"H"
    JOB = b"J"
    PART = b"P"
    DATA = b"D"
    END = b"E"
    FINISH = b"F"
    ABORT = b"X"
    # From the worker.
    READY = b"R"
    EVENT = b"V"
    RESULT = b"O"
    BYTES = b"B"
    FAILED = b"!"
    ABORTED = b"A"


class WireClosedError(Exception):
    """The other side is gone."""


class JobAbortedError(Exception):
    """The parent no longer wants the result of the job."""


def encode(kind: Kind, payload: bytes = b"") -> bytes:
    """Return a frame. Raises ValueError if the payload is larger than a frame may be."""
    if len(payload) > MAX_FRAME_BYTES:
        raise ValueError("frame too large")
    return HEADER.pack(kind.value, len(payload)) + payload


def encode_json(kind: Kind, payload: Mapping[str, JsonValue]) -> bytes:
    """Return a frame that holds a JSON object."""
    return encode(kind, json.dumps(payload).encode())


def decode_header(header: bytes) -> tuple[Kind, int]:
    """Return kind and length. Raises ValueError for anything that is no header."""
    kind, length = cast("tuple[bytes, int]", HEADER.unpack(header))
    if length > MAX_FRAME_BYTES:
        raise ValueError("frame too large")
    return Kind(kind), length


def decode_json(payload: bytes) -> JsonObject:
    """Return the JSON object of a frame. Raises ValueError for anything else."""
    value = json.loads(payload)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error for all that is no frame of ours
    return value


class Wire:
    """The worker's side: blocking, one job at a time."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer

    def receive(self) -> tuple[Kind, bytes]:
        """Wait for the next frame. Raises WireClosedError at the end, JobAbortedError for ``ABORT``."""
        kind, length = decode_header(self._read(HEADER.size))
        payload = self._read(length)
        if kind is Kind.ABORT:
            raise JobAbortedError
        return kind, payload

    def _read(self, size: int) -> bytes:
        data = self._reader.read(size)
        if len(data) < size:
            raise WireClosedError
        return data

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Send a frame and wait until the pipe has taken it."""
        try:
            self._writer.write(encode(kind, payload))
            self._writer.flush()
        except BrokenPipeError as error:
            raise WireClosedError from error

    def send_json(self, kind: Kind, payload: Mapping[str, JsonValue]) -> None:
        """Send a frame that holds a JSON object."""
        self.send(kind, json.dumps(payload).encode())

    def event(self, name: str, **values: JsonValue) -> None:
        """Tell the parent that something happened."""
        self.send_json(Kind.EVENT, {"event": name, **values})
