"""What travels over an RTSP connection: answers, requests of the server, and interleaved packets (RFC 2326).

Recorders put packets between the bytes of nothing: some leave a few bytes of junk between two packets when
they are short of memory, or when a file ends. So the parser finds its way back, within bounds.
"""

from dataclasses import dataclass, replace
import re

from multidict import CIMultiDict

from ..errors import InvalidAnswerError

MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 64
MAX_LINE_BYTES = 8 * 1024
MAX_BODY_BYTES = 256 * 1024
# The longest packet and its head; what is longer and makes no sense is no hiccup.
MAX_JUNK_BYTES = 128 * 1024

FRAME_MARK = 0x24
FRAME_HEAD_BYTES = 4
# The shortest packet of RTCP; one of RTP has 12.
_LEAST_PACKET = 8
_RTP_VERSION = 2

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(rb"RTSP/1\.\d +(\d{3})(?: +(.*))?\Z")
_REQUEST_LINE = re.compile(rb"([A-Z_]{3,20}) +(\S+) +RTSP/1\.\d\Z")
_ANSWER_MARK = b"RTSP/"
# A method, as far as it has arrived.
_METHOD = re.compile(rb"[A-Z_]{3,20} |[A-Z_]{1,20}\Z")
_CANDIDATE = re.compile(rb"[$A-Z]")
_LONGEST_END = 4
_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer to a request of ours."""

    status: int
    reason: str
    headers: CIMultiDict[str]
    body: bytes = b""

    @property
    def sequence(self) -> int | None:
        """Which request it answers, None where it doesn't say."""
        return sequence_of(self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRequest:
    """A request of the server, which wants an answer."""

    method: str
    url: str
    headers: CIMultiDict[str]
    body: bytes = b""


# Ten thousand of them may come in a second; one that is frozen takes 1.7 times as long to make (measured).
@dataclass(slots=True)
class Frame:
    """An interleaved packet as it arrived; ``raw`` begins with its mark, channel and length."""

    raw: bytes

    @property
    def channel(self) -> int:
        """The interleaved channel."""
        return self.raw[1]

    @property
    def payload(self) -> bytes:
        """The packet of RTP or RTCP."""
        return self.raw[FRAME_HEAD_BYTES:]


type Item = Response | ServerRequest | Frame


class MessageParser:
    """Takes bytes as they arrive and gives what has arrived whole.

    ``channels`` are those on which packets may come: what claims another is junk.
    """

    def __init__(self) -> None:
        """Initialize."""
        self.channels: set[int] = set()
        self._buffer = b""
        self._head: Response | ServerRequest | None = None
        self._searched = 0
        self._junk = 0
        self._lost = False

    def feed(self, data: bytes) -> list[Item]:
        """Return what is complete with these bytes.

        Raises InvalidAnswerError where bounds are broken or nothing makes sense for too long.
        """
        self._buffer += data
        found: list[Item] = []
        at, length = 0, len(self._buffer)
        while at < length:
            item, at, waits = self._next(at)
            if item is not None:
                found.append(item)
                self._junk = 0
                self._lost = False
            if waits:
                break
        self._buffer = self._buffer[at:]
        return found

    def _next(self, at: int) -> tuple[Item | None, int, bool]:
        """Return what stands at a place, where the next begins, and whether more bytes are needed."""
        if self._head is not None:
            return self._with_body(self._head, at)
        if self._buffer[at] == FRAME_MARK:
            return self._frame(at)
        if self._may_be_message(at):
            return self._message(at)
        return None, self._skip(at), False

    def _frame(self, at: int) -> tuple[Frame | None, int, bool]:
        buffer = self._buffer
        body = at + FRAME_HEAD_BYTES
        if len(buffer) > at + 1 and buffer[at + 1] not in self.channels:
            return None, self._skip(at), False
        # One more than the head: the packet's first byte, which tells it from junk.
        if len(buffer) <= body:
            return None, at, True
        length = buffer[at + 2] << 8 | buffer[at + 3]
        if self._lost and (length < _LEAST_PACKET or buffer[body] >> 6 != _RTP_VERSION):
            return None, self._skip(at), False
        end = body + length
        if len(buffer) < end:
            return None, at, True
        return Frame(buffer[at:end]), end, False

    def _may_be_message(self, at: int) -> bool:
        start = self._buffer[at : at + 24]
        if start.startswith(_ANSWER_MARK[: len(start)]):
            return True
        return _METHOD.match(start) is not None

    def _message(self, at: int) -> tuple[Item | None, int, bool]:
        found = _END_OF_HEAD.search(self._buffer, at + max(0, self._searched - _LONGEST_END))
        if found is None:
            return self._unfinished(at)
        self._searched = 0
        if found.start() - at > MAX_HEAD_BYTES:
            raise InvalidAnswerError("the head of the recorder's answer is too long")
        first, _, rest = self._buffer[at : found.start()].partition(b"\n")
        head = _head_of(first.rstrip(b"\r"), rest)
        if head is None:
            return None, self._skip(at), False
        self._head = head
        return self._with_body(head, found.end())

    def _unfinished(self, at: int) -> tuple[None, int, bool]:
        """Wait for the rest of a head, as long as it looks like one."""
        self._searched = len(self._buffer) - at
        line_end = self._buffer.find(b"\n", at, at + MAX_LINE_BYTES)
        if line_end < 0 and self._searched < MAX_LINE_BYTES:
            return None, at, True
        line = self._buffer[at : max(line_end, at)].rstrip(b"\r")
        if not _STATUS_LINE.match(line) and not _REQUEST_LINE.match(line):
            return None, self._skip(at), False
        if self._searched > MAX_HEAD_BYTES:
            raise InvalidAnswerError("the head of the recorder's answer is too long")
        return None, at, True

    def _with_body(self, head: Response | ServerRequest, at: int) -> tuple[Item | None, int, bool]:
        end = at + _body_bytes(head.headers)
        if len(self._buffer) < end:
            return None, at, True
        self._head = None
        return replace(head, body=self._buffer[at:end]), end, False

    def _skip(self, at: int) -> int:
        """Return where something may begin again."""
        found = _CANDIDATE.search(self._buffer, at + 1)
        to = found.start() if found else len(self._buffer)
        self._searched = 0
        self._lost = True
        self._junk += to - at
        if self._junk > MAX_JUNK_BYTES:
            raise InvalidAnswerError("the recorder sends what is no RTSP")
        return to


def parse_headers(text: bytes) -> CIMultiDict[str]:
    """Return the headers of a head. Lines that are none are left out, folded ones joined.

    Raises InvalidAnswerError where there are too many or one is too long.
    """
    headers: CIMultiDict[str] = CIMultiDict()
    lines = text.split(b"\n")
    if len(lines) > MAX_HEADERS:
        raise InvalidAnswerError("the recorder's answer has too many headers")
    last = ""
    for raw in lines:
        if len(raw) > MAX_LINE_BYTES:
            raise InvalidAnswerError("a header of the recorder's answer is too long")
        line = raw.decode("utf-8", "replace").rstrip("\r").replace("\r", " ")
        if line[:1] in (" ", "\t") and last:
            # Of several with one name, the last is the one that goes on.
            *before, value = headers.popall(last)
            headers.extend((last, one) for one in [*before, f"{value} {line.strip()}"])
            continue
        name, colon, value = line.partition(":")
        last = name.strip() if colon else ""
        if last:
            headers.add(last, value.strip())
    return headers


def sequence_of(headers: CIMultiDict[str]) -> int | None:
    """Return the CSeq of a message, None without a sensible one."""
    return _number(headers.get("CSeq", ""))


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else None


def _head_of(first: bytes, rest: bytes) -> Response | ServerRequest | None:
    if found := _STATUS_LINE.match(first):
        return Response(
            status=int(found[1]),
            reason=(found[2] or b"").decode("utf-8", "replace"),
            headers=parse_headers(rest),
        )
    if found := _REQUEST_LINE.match(first):
        return ServerRequest(
            method=found[1].decode(),
            url=found[2].decode("utf-8", "replace"),
            headers=parse_headers(rest),
        )
    return None


def _body_bytes(headers: CIMultiDict[str]) -> int:
    stated = headers.get("Content-Length")
    if stated is None:
        return 0
    length = _number(stated)
    if length is None or length > MAX_BODY_BYTES:
        raise InvalidAnswerError("the length of the recorder's answer makes no sense")
    return length
