"""Files that come as a part of a multipart answer, behind a small part of JSON (section 10 of the notes)."""

from collections.abc import AsyncGenerator, AsyncIterator
import re

from ..errors import InvalidAnswerError

MAX_HEAD = 64 * 1024
# One part in front of the file has been seen.
MAX_PARTS = 16
_LENGTH = re.compile(rb"(?im)^content-length:\s*(\d{1,15})\s*$")
_WORDS = re.compile(rb"(?im)^content-type:\s*(?:application/json|text/)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DASHES = b"--"


def is_multipart(content_type: str, first: bytes) -> bool:
    """Tell whether an answer is one, by what it says or by how it begins."""
    return content_type.startswith("multipart/") or first.lstrip().startswith(_DASHES)


async def file_in(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield the bytes of the file in a multipart answer. Raises InvalidAnswerError where there is none.

    The file ends where the next boundary stands, or by the length that its part announces.
    """
    reader = _Reader(first, chunks)
    boundary = (await reader.line()).strip()
    if not boundary.startswith(_DASHES) or len(boundary) <= len(_DASHES):
        raise InvalidAnswerError("a multipart answer without a boundary")
    for _ in range(MAX_PARTS):
        head = await reader.head()
        if not _WORDS.search(head):
            length = _LENGTH.search(head)
            left = None if length is None else int(length[1])
            async for chunk in reader.body(boundary, left):
                yield chunk
            return
        await reader.skip_to(boundary)
    raise InvalidAnswerError("a multipart answer of words alone")


class _Reader:
    """Reads a stream of chunks by lines, heads and bodies."""

    def __init__(self, first: bytes, chunks: AsyncIterator[bytes]) -> None:
        """Initialize."""
        self._held = first
        self._chunks = chunks

    async def line(self) -> bytes:
        """Return the first line that holds anything."""
        while (end := self._held.lstrip(b"\r\n").find(b"\n")) < 0:
            await self._more()
        text = self._held.lstrip(b"\r\n")
        self._held = text[end + 1 :]
        return text[:end]

    async def head(self) -> bytes:
        """Return the headers of a part."""
        while (end := _HEAD_END.search(self._held)) is None:
            await self._more()
        head, self._held = self._held[: end.start()], self._held[end.end() :]
        return head

    async def skip_to(self, boundary: bytes) -> None:
        """Pass over the rest of a part, and the boundary."""
        while (at := self._held.find(boundary)) < 0:
            await self._more()
        self._held = self._held[at + len(boundary) :]
        if self._held.startswith(_DASHES):
            raise InvalidAnswerError("a multipart answer without a file")

    async def body(self, boundary: bytes, left: int | None) -> AsyncIterator[bytes]:
        """Yield what comes before the boundary, or so many bytes."""
        end = b"\r\n" + boundary
        while True:
            held = self._held
            if left is not None:
                part, self._held = held[:left], held[left:]
                left -= len(part)
            elif (at := held.find(end)) >= 0:
                part, left = held[:at], 0
            else:
                # The boundary may be cut in two.
                keep = max(len(held) - len(end) + 1, 0)
                part, self._held = held[:keep], held[keep:]
            if part:
                yield part
            if left == 0:
                return
            chunk = await anext(self._chunks, b"")
            if not chunk:
                if left is None:
                    yield self._held
                return
            self._held += chunk

    async def _more(self) -> None:
        chunk = await anext(self._chunks, b"") if len(self._held) < MAX_HEAD else b""
        if not chunk:
            raise InvalidAnswerError("a multipart answer without a file")
        self._held += chunk
