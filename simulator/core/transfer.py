"""How long answers of footage are begun and cut in pieces, whoever sends them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from aiohttp import web

from .web_face import Unframed

# So much is made and sent at once.
_PIECE: Final = 512 * 1024
# By so much a device is off.
_OFF_BY: Final = 1024 * 1024


class Length(StrEnum):
    """What a transfer's Content-Length says."""

    EXACT = "exact"
    ABSENT = "absent"
    CHUNKED = "chunked"
    OVERSTATED = "overstated"
    UNDERSTATED = "understated"
    ZERO = "zero"


_LIES: Final[Mapping[Length, Callable[[int], int]]] = {
    Length.OVERSTATED: lambda size: size + _OFF_BY,
    Length.UNDERSTATED: lambda size: max(0, size - size // 3),
    Length.ZERO: lambda _size: 0,
}


def begin(length: Length, size: int, content_type: str | None) -> web.StreamResponse:
    """Begin an answer of so many bytes, as long as it is to be said.

    Args:
        length: what is said.
        size: what is true.
        content_type: None for none.
    """
    response = web.StreamResponse()
    match length:
        case Length.EXACT:
            response.content_length = size
        case Length.CHUNKED:
            response.enable_chunked_encoding()
        case Length.ABSENT:
            response = Unframed()
        case lie:
            response = Unframed()
            response.headers["Content-Length"] = str(_LIES[lie](size))
    # Without a type the library would write one of its own; the faces take an empty one away.
    response.headers["Content-Type"] = content_type or ""
    return response


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join what comes in small chunks."""
    piece = bytearray()
    for chunk in chunks:
        piece += chunk
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
