"""RTSP messages on the wire (RFC 2326)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_LINE = 16 * 1024
MAX_HEADERS = 64
MAX_BODY = 64 * 1024
INTERLEAVED_MARK = b"$"
_VERSION = b"RTSP/1."

REASONS: Mapping[int, str] = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    456: "Header Field Not Valid for Resource",
    457: "Invalid Range",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    503: "Service Unavailable",
    551: "Option not supported",
}


class MessageError(Exception):
    """What came is no RTSP."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `CSeq` is added when it is sent; each challenge is a `WWW-Authenticate` of its own."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reason: str = ""
    challenges: Sequence[str] = ()

    def encode(self, cseq: str) -> bytes:
        """Give the bytes for the wire."""
        reason = self.reason or REASONS.get(self.status, "Error")
        lines = [f"RTSP/1.0 {self.status} {reason}", f"CSeq: {cseq}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"WWW-Authenticate: {challenge}" for challenge in self.challenges]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request, pass over frames and answers; None when the client has gone.

    Raises:
        MessageError: for bytes that are no RTSP, or too many of them.
    """
    try:
        while True:
            first = await reader.readexactly(1)
            if first == INTERLEAVED_MARK:
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:]))
                continue
            line = (first + await _read_line(reader)).strip()
            if line.startswith(_VERSION):
                # The client answers what the server asked.
                await _read_headers(reader)
            elif line:
                return await _read_request(line, reader)
    except asyncio.IncompleteReadError, ConnectionError:
        return None


async def _read_request(line: bytes, reader: asyncio.StreamReader) -> Request:
    try:
        method, uri, version = line.decode().split(" ")
    except ValueError as err:
        raise MessageError("bad request line") from err
    if not version.encode().startswith(_VERSION):
        raise MessageError("bad version")
    return Request(method, uri, await _read_headers(reader))


async def _read_headers(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read headers, and pass over the body that they announce."""
    headers: dict[str, str] = {}
    while line := (await _read_line(reader)).strip():
        name, colon, value = line.decode(errors="replace").partition(":")
        if not colon or len(headers) >= MAX_HEADERS:
            raise MessageError("bad header")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
        raise MessageError("bad length")
    await reader.readexactly(int(length))
    return headers


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as err:
        raise MessageError("line too long") from err
