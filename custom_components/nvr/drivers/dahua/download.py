"""Fetching the footage of a recording over HTTP (section 10 of the notes)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
import logging
from time import monotonic

from ..answer import REFUSAL_IDLE_SECONDS, StalledError, Transfer
from ..clock import DeviceClock
from ..driver import Download
from ..errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotSupportedError,
)
from ..memory import DeviceMemory
from ..models import Recording, Right
from ..running_download import FootageSigns, RunningDownload, brings_all
from .cgi import Cgi
from .digits import read_digits
from .download_ways import (
    BY_FILE_RPC,
    BY_TIME,
    WAYS,
    AskedSpan,
    file_path,
    time_path,
)
from .faults import cgi_fault
from .footage_time import first_wall, last_wall
from .memory import DOWNLOAD_BY_TIME, DOWNLOAD_WAY
from .multipart import file_in, is_multipart
from .rpc import Rpc

_LOGGER = logging.getLogger(__name__)

SIGNS = FootageSigns(first_wall=first_wall)
ERROR_BYTES = 64 * 1024
# Enough to tell footage from words.
HEAD_BYTES = 16
# Some firmware accepts a request and never sends a byte; others begin at once.
FIRST_SECONDS = 10.0
# In so long a download has begun, or said why not, however slowly its words come.
HEAD_SECONDS = 40.0
BUSY_PAUSES_SECONDS = (1.0, 2.0, 5.0)
# After a way has failed the others go first for so long.
AVOID_SECONDS = 3600.0

# Recordings and what is cut out of them end within a group of pictures.
SLACK = timedelta(seconds=5)
# A transfer may break off once.
TIMES_SHORT = 2
MAX_SHORT = 64

# What a way may fail with where another may not.
_ANOTHER_MAY = (
    NotSupportedError,
    NoFootageError,
    DeviceFaultError,
    InvalidAnswerError,
    CannotConnectError,
)
_MARKS = (b"DHAV", b"DAHUA", b"DHII")


class Downloads:
    """Opens downloads, in the way that this device takes."""

    def __init__(
        self, cgi: Cgi, rpc: Rpc, memory: DeviceMemory, now: Callable[[], float] = monotonic
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._cgi = cgi
        self._rpc = rpc
        self._memory = memory
        self._now = now
        self._avoided_until: dict[str, float] = {}
        # By recordings, how many times in a row a part of it ended early.
        self._short: dict[str, int] = {}

    @property
    def proven(self) -> bool:
        """Whether a download from this device has ever begun."""
        return self._memory.text(DOWNLOAD_WAY) is not None

    @property
    def understates(self) -> bool:
        """Whether all ways were lately longer than announced: what is cut by time announces no length."""
        return False

    async def cuts_by_time(self) -> bool:
        """Return whether the device honours the span."""
        known = self._memory.text(DOWNLOAD_WAY)
        return (
            known in (None, BY_TIME)
            and self._memory.flag(DOWNLOAD_BY_TIME) is not False
            and not self._is_avoided(BY_TIME)
        )

    @asynccontextmanager
    async def open(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        clock: Callable[[], DeviceClock],
    ) -> AsyncIterator[Download]:
        """Open a download of [start, end) of a recording, or of all of it. Raises DriverError."""
        span = AskedSpan.of(recording, start, end, clock())
        async with AsyncExitStack() as stack:
            way, download = await self._begun(stack, recording, span)
            if way != BY_TIME:
                download.mark_whole(None if recording.open else recording.size_bytes)
            elif await brings_all(download, recording, start, end, clock()):
                _LOGGER.debug("The recorder sends whole recordings although a part was asked for")
                self._memory.keep(DOWNLOAD_BY_TIME, False)
                download.mark_whole(recording.size_bytes)
            if way == BY_TIME and not (download.whole or recording.open or span.ambiguous):
                download.ends_early = lambda ending: self._is_short(recording.token, span, ending)
            yield download

    def _is_short(self, token: str, span: AskedSpan, ending: bytes) -> bool:
        """Tell by the last frame whether a part ended before what was asked for; nobody announces its length."""
        wall = last_wall(ending)
        if wall is None or wall >= span.end - SLACK:
            self._short.pop(token, None)
            return False
        _LOGGER.debug("The recorder stopped at %s, asked for until %s", wall, span.end)
        self._short[token] = self._short.pop(token, 0) + 1
        while len(self._short) > MAX_SHORT:
            self._short.pop(next(iter(self._short)))
        return True

    async def _begun(
        self, stack: AsyncExitStack, recording: Recording, span: AskedSpan
    ) -> tuple[str, RunningDownload]:
        """Return a download that has begun, by the first way that brings any footage."""
        errors: list[DriverError] = []
        for way, path in self._ways(recording, span):
            async with AsyncExitStack() as attempt:
                try:
                    download = await self._patiently(attempt, way, path, recording)
                except _ANOTHER_MAY as err:
                    _LOGGER.debug("No download by %s: %s", way, err)
                    errors.append(err)
                    if _is_gone(errors):
                        break
                    continue
                self._note_begun(way, errors)
                stack.push_async_exit(attempt.pop_all())
                return way, download
        raise _worst(errors)

    def _ways(self, recording: Recording, span: AskedSpan) -> list[tuple[str, str]]:
        """Return ways and addresses, the one that worked before those that lately did not."""
        known = self._memory.text(DOWNLOAD_WAY)
        paths: dict[str, str] = {}
        for way in WAYS:
            if way == BY_FILE_RPC and self._rpc.available is not True:
                continue
            if way == BY_TIME:
                path: str | None = time_path(span, read_digits(recording.start_device))
            else:
                path = file_path(way, recording.token)
            if path is not None:
                paths[way] = path
        order = sorted(
            paths,
            key=lambda way: (
                self._is_avoided(way),
                # Digits that name two moments cut nothing out; a file is what it is.
                way == BY_TIME and (span.ambiguous or self._is_always_short(recording.token)),
                way != known,
                WAYS.index(way),
            ),
        )
        return [(way, paths[way]) for way in order]

    async def _patiently(
        self, attempt: AsyncExitStack, way: str, path: str, recording: Recording
    ) -> RunningDownload:
        """Open a download, and again where another one keeps the device busy: after 1, 2 and 5 seconds."""
        for pause in BUSY_PAUSES_SECONDS:
            try:
                return await self._try(attempt, way, path, recording)
            except DeviceFaultError:
                raise
            except DeviceBusyError:
                await attempt.aclose()
                await asyncio.sleep(pause)
        return await self._try(attempt, way, path, recording)

    async def _try(
        self, attempt: AsyncExitStack, way: str, path: str, recording: Recording
    ) -> RunningDownload:
        """Open a download in one way. Raises DriverError for anything but footage."""
        transfer = await attempt.enter_async_context(self._transfer(way, path))
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                return await self._begin(attempt, transfer, way, recording)
        except TimeoutError as err:
            raise StalledError("the recorder sends next to nothing") from err

    async def _begin(
        self, attempt: AsyncExitStack, transfer: Transfer, way: str, recording: Recording
    ) -> RunningDownload:
        """Return a download that has begun with footage. Raises DriverError for anything else."""
        chunks = aiter(transfer)
        transfer.idle_seconds = FIRST_SECONDS
        first = await _head(chunks, b"")
        transfer.idle_seconds = None
        if transfer.status < HTTPStatus.BAD_REQUEST and is_multipart(transfer.content_type, first):
            parts = file_in(first, chunks)
            attempt.push_async_callback(parts.aclose)
            chunks = parts
            first = await _head(chunks, b"")
        if transfer.status >= HTTPStatus.BAD_REQUEST or _is_text(first):
            first = await _words(transfer, first, chunks)
            if transfer.status >= HTTPStatus.BAD_REQUEST or _MARKS[0] not in first:
                raise _refusal(transfer, first, way)
        if not first:
            raise NoFootageError("the recorder sent an empty download")
        expected = None if way == BY_TIME or recording.open else recording.size_bytes
        download = RunningDownload(transfer, first, chunks, expected, SIGNS)
        download.on_understated = download.on_stalled = lambda: self._avoid(way)
        return download

    def _transfer(self, way: str, path: str) -> AbstractAsyncContextManager[Transfer]:
        return self._rpc.transfer(path) if way == BY_FILE_RPC else self._cgi.transfer(path)

    def _note_begun(self, way: str, errors: list[DriverError]) -> None:
        """Remember which way works, and that those before it did not."""
        known = self._memory.text(DOWNLOAD_WAY)
        # What failed for the moment, or of this recording alone, goes first again the next time.
        hopeless = all(isinstance(err, NotSupportedError | StalledError) for err in errors)
        if (errors and hopeless and known != way) or (known is None and way == BY_TIME):
            self._memory.keep(DOWNLOAD_WAY, way)

    def _is_always_short(self, token: str) -> bool:
        return self._short.get(token, 0) >= TIMES_SHORT

    def _avoid(self, way: str) -> None:
        self._avoided_until[way] = self._now() + AVOID_SECONDS

    def _is_avoided(self, way: str) -> bool:
        return self._now() < self._avoided_until.get(way, float("-inf"))


async def _head(chunks: AsyncIterator[bytes], first: bytes) -> bytes:
    """Return the beginning of what comes: enough to tell what it is, or all there is."""
    while len(first) < HEAD_BYTES and (chunk := await anext(chunks, b"")):
        first += chunk
    return first


def _is_text(first: bytes) -> bool:
    """Tell words from footage: devices answer 200 and say why not."""
    head = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:HEAD_BYTES]
    if not head or head.startswith(_MARKS):
        return False
    return all(letter in b"\t\r\n" or 0x20 <= letter < 0x7F for letter in head)


async def _words(transfer: Transfer, first: bytes, chunks: AsyncIterator[bytes]) -> bytes:
    """Return the words of an answer, or what looks like them up to the footage behind: a head of letters."""
    transfer.idle_seconds = REFUSAL_IDLE_SECONDS
    body = bytearray(first)
    # Without a length, on a connection that stays open, silence is the end.
    with suppress(StalledError):
        while len(body) < ERROR_BYTES and _MARKS[0] not in body:
            if not (chunk := await anext(chunks, b"")):
                break
            body += chunk
    transfer.idle_seconds = None
    return bytes(body)


def _refusal(transfer: Transfer, body: bytes, way: str) -> DriverError:
    """Return our error for an answer in words."""
    if transfer.status == HTTPStatus.NOT_FOUND and way != BY_TIME:
        return NoFootageError("the recorder has no such file")
    # Words are a refusal also where the status says that all is well.
    status = max(transfer.status, HTTPStatus.BAD_REQUEST)
    fault = cgi_fault(status, body, f"download by {way}", Right.DOWNLOAD)
    return fault or NotSupportedError("the recorder sent no footage")


def _is_gone(errors: list[DriverError]) -> bool:
    """Tell by two failures of a kind that it is the device that can't be reached."""
    lost = [
        err
        for err in errors
        if isinstance(err, CannotConnectError) and not isinstance(err, StalledError)
    ]
    return len(lost) > 1


def _worst(errors: list[DriverError]) -> DriverError:
    """Return which failure to tell: that there is nothing says most, then what may be otherwise in a moment."""
    if not errors:
        return NoFootageError("the recorder gave no way to fetch this recording")
    for kind in (NoFootageError, DeviceBusyError, CannotConnectError, InvalidAnswerError):
        for err in errors:
            if isinstance(err, kind):
                return DeviceFaultError(str(err)) if isinstance(err, StalledError) else err
    return errors[0]
