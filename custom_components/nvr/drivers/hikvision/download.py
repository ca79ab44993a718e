"""Fetching the footage of a recording (section 13 of the notes)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
import re
from typing import override
from urllib.parse import quote
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from ..answer import EndedEarlyError, StalledError, Transfer
from ..clock import DeviceClock
from ..driver import Download
from ..errors import (
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from ..http import RecorderSession
from ..models import Recording, Right
from . import xml
from .faults import DeviceFaultError, Fault, RefusedRequestError, fault_of
from .memory import DOWNLOAD_BY_TIME, DOWNLOAD_VERB, DeviceMemory
from .transport import Request, Transport, document

PATH = "/ISAPI/ContentMgmt/download"
ERROR_BYTES = 64 * 1024
# What is sent may exceed what was announced a little; nothing legitimate is twice as much.
SIZE_FACTOR = 2
SIZE_SLACK = 64 * 1024 * 1024
MAX_BYTES = 16 * 1024**3
# How much of what was announced or searched may be wanting where a device goes silent at the end.
NEAR_END = 0.05
NEAR_END_BYTES = 64 * 1024
# MPEG_program_end_code.
PROGRAM_END = b"\x00\x00\x01\xb9"

_TIME = re.compile(r"(?P<name>starttime|endtime)=(?P<digits>[0-9TZtz:+-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verb:
    """One way to ask for a download."""

    name: str
    method: str
    attributes: str = ' version="1.0" xmlns="http://www.isapi.org/ver20/XMLSchema"'
    in_body: bool = True

    def request(self, uri: str) -> tuple[str, bytes | None]:
        """Return path and body."""
        if not self.in_body:
            return f"{PATH}?playbackURI={quote(uri, safe='')}", None
        body = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f"<downloadRequest{self.attributes}><playbackURI>{escape(uri)}</playbackURI>"
            "</downloadRequest>"
        )
        return PATH, body.encode()


VERBS = (
    Verb("post", "POST"),
    Verb("post_bare", "POST", attributes=""),
    Verb("get_body", "GET"),
    Verb("get_body_bare", "GET", attributes=""),
    Verb("get_query", "GET", in_body=False),
)


def read_by_time(root: Element) -> bool | None:
    """Read a DownloadAbility: whether the device cuts by time."""
    return next((xml.boolean(found) for found in xml.items(root, "isSupportDownloadbyTime")), None)


CAPABILITIES = Request(path=f"{PATH}/capabilities", decode=document(read_by_time))


class RunningDownload(Download):
    """Bytes of a recording as they arrive, bounded by what was announced."""

    def __init__(
        self, transfer: Transfer, first: bytes, chunks: AsyncIterator[bytes], expected: int | None
    ) -> None:
        """Initialize with the first chunk, which was read to see whether it is footage."""
        self._first = first
        self._chunks = chunks
        self._size = transfer.announced_bytes or expected
        self._sizes = [size for size in (transfer.announced_bytes, expected) if size]
        self._limit = max(self._sizes) * SIZE_FACTOR + SIZE_SLACK if self._sizes else MAX_BYTES
        self._received = 0
        self._whole = False
        self._truncated = False

    @property
    @override
    def size_bytes(self) -> int | None:
        return self._size

    @property
    @override
    def received_bytes(self) -> int:
        return self._received

    @property
    @override
    def whole(self) -> bool:
        return self._whole

    @property
    @override
    def truncated(self) -> bool:
        return self._truncated

    def mark_whole(self) -> None:
        """Note that the device does not cut by time."""
        self._whole = True

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        tail = b""
        chunk: bytes | None = self._first
        while chunk:
            self._received += len(chunk)
            if self._received > self._limit:
                raise InvalidAnswerError("the recorder sends more footage than there can be")
            tail = (tail + chunk)[-len(PROGRAM_END) :]
            yield chunk
            try:
                chunk = await anext(self._chunks, None)
            except EndedEarlyError:
                # Lengths are often overstated: what the footage covers tells whether anything is missing.
                chunk, self._truncated = None, True
            except StalledError:
                if tail != PROGRAM_END and not self._is_near_its_end:
                    raise
                chunk, self._truncated = None, True

    @property
    def _is_near_its_end(self) -> bool:
        return any(
            self._received >= size - max(size * NEAR_END, NEAR_END_BYTES) for size in self._sizes
        )


class Downloads:
    """Opens downloads, by the verb that this device takes."""

    def __init__(
        self, session: RecorderSession, transport: Transport, memory: DeviceMemory
    ) -> None:
        """Initialize."""
        self._session = session
        self._transport = transport
        self._memory = memory

    @asynccontextmanager
    async def open(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        clock: Callable[[], DeviceClock],
    ) -> AsyncIterator[Download]:
        """Open a download of [start, end) of a recording. Raises DriverError."""
        if not recording.token:
            raise NoFootageError("the recorder gave no address for this recording")
        by_time = await self.cuts_by_time()
        uri = recording.token
        if by_time:
            uri = cut(uri, start, end, clock())
        known = self._memory.text(DOWNLOAD_VERB)
        error: DriverError = NotSupportedError("the recorder takes no form of download")
        for verb in sorted(VERBS, key=lambda entry: entry.name != known):
            async with AsyncExitStack() as stack:
                path, body = verb.request(uri)
                transfer = await stack.enter_async_context(
                    self._session.transfer(verb.method, path, body=body)
                )
                try:
                    expected = None if by_time else recording.size_bytes
                    download = await self._begin(transfer, expected)
                except RefusedRequestError as err:
                    error = err
                    continue
                self._memory.keep(DOWNLOAD_VERB, verb.name)
                if not by_time:
                    download.mark_whole()
                yield download
                return
        raise error

    async def _begin(self, transfer: Transfer, expected: int | None) -> RunningDownload:
        """Return a download that has begun with footage. Raises DriverError for anything else."""
        chunks = aiter(transfer)
        first = await anext(chunks, b"")
        looks_like_error = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{")
        if transfer.status >= 400 or looks_like_error:
            body = bytearray(first)
            while len(body) < ERROR_BYTES and (chunk := await anext(chunks, b"")):
                body += chunk
            if transfer.status == HTTPStatus.FORBIDDEN:
                # A lock, not a word on this verb: other verbs would only count as more logins.
                self._session.judge_forbidden(bytes(body))
            fault = fault_of(transfer.status, bytes(body)) or Fault(
                transfer.status, word="no footage"
            )
            raise fault.error(PATH, Right.DOWNLOAD)
        if not first:
            raise RefusedRequestError("the recorder sent an empty download", Fault(transfer.status))
        return RunningDownload(transfer, first, chunks, expected)

    async def cuts_by_time(self) -> bool:
        """Return whether the device honours the span; asked once and kept."""
        known = self._memory.flag(DOWNLOAD_BY_TIME)
        if known is not None:
            return known
        try:
            found = await self._transport.send(CAPABILITIES)
        except NotSupportedError, InvalidAnswerError:
            found = None
        except NotPermittedError, DeviceFaultError:
            # Not said for all time; the download itself says whether it is allowed.
            return False
        # Without a word from the device the whole recording is what surely works.
        by_time = found is True
        self._memory.keep(DOWNLOAD_BY_TIME, by_time)
        return by_time


def cut(uri: str, start: datetime, end: datetime, device: DeviceClock) -> str:
    """Return a playback address for a part of its recording; all else in it stays as the device gave it.

    The digits are floored and ceiled to the seconds the device counts in, and stay inside the recording.
    """
    spans = {match["name"].lower(): match["digits"] for match in _TIME.finditer(uri)}
    first = _digits(spans.get("starttime", ""))
    last = _digits(spans.get("endtime", ""))
    if first is None or last is None:
        return uri
    wanted_first = device.to_device(start).replace(microsecond=0, fold=0)
    wanted_last = device.to_device(end).replace(microsecond=0, fold=0) + timedelta(seconds=1)
    begin = max(first, wanted_first)
    stop = min(last, wanted_last)
    if begin >= stop:
        # Digits around a clock change contradict each other: rather all of it.
        return uri
    new = {"starttime": begin, "endtime": stop}

    def rewritten(match: re.Match[str]) -> str:
        return f"{match['name']}={_like(match['digits'], new[match['name'].lower()])}"

    return _TIME.sub(rewritten, uri)


def _digits(text: str) -> datetime | None:
    compact = re.sub(r"[-:]", "", text)[:15]
    try:
        return datetime.strptime(compact.upper(), "%Y%m%dT%H%M%S")
    except ValueError:
        return None


def _like(text: str, moment: datetime) -> str:
    """Write digits in the form in which the device wrote its own."""
    form = "%Y-%m-%dT%H:%M:%S" if "-" in text else "%Y%m%dT%H%M%S"
    return moment.strftime(form) + ("Z" if text.upper().endswith("Z") else "")
