"""Fetching the footage of a recording (section 13 of the notes)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
import logging
import re
from time import monotonic
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import REFUSAL_IDLE_SECONDS, StalledError, Transfer
from ..clock import DeviceClock
from ..driver import Download
from ..errors import (
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from ..http import RecorderSession
from ..models import Recording, Right
from ..running_download import NEAR, FootageSigns, RunningDownload, brings_all
from .download_verbs import (
    ADDRESSES,
    PATH,
    RARE_VERBS,
    USUAL_VERBS,
    WHOLE_ADDRESSES,
    Verb,
)
from .faults import Fault, RefusedRequestError, fault_of
from .footage_time import first_wall
from .memory import DOWNLOAD_ADDRESS, DOWNLOAD_BY_TIME, DOWNLOAD_VERB, DeviceMemory
from .transport import Document, Request, Transport

_LOGGER = logging.getLogger(__name__)

ERROR_BYTES = 64 * 1024
BUSY_PAUSES_SECONDS = (1.0, 2.0, 5.0)
# After all ways have failed on a device that took one before, that one alone is tried for so long.
SEARCH_AGAIN_SECONDS = 3600.0
# One recording may be refused for reasons of its own.
HOPELESS_RECORDINGS = 2
# MPEG_program_end_code.
PROGRAM_END = b"\x00\x00\x01\xb9"
SIGNS = FootageSigns(first_wall=first_wall, end=PROGRAM_END)

_TIME = re.compile(r"(?P<name>starttime|endtime)=(?P<digits>[0-9TZtz:+-]+)", re.IGNORECASE)
_SIGNED = re.compile(r"\d{4}-")
_SUFFIX = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)\Z")


def read_by_time(root: Element) -> bool | None:
    """Read a DownloadAbility: whether the device cuts by time."""
    return next((xml.boolean(found) for found in xml.items(root, "isSupportDownloadbyTime")), None)


def read_token(root: Element) -> str | None:
    """Read a token for one request."""
    return next((xml.text(found, "value") for found in xml.items(root, "Token")), None)


CAPABILITIES = Request(path=f"{PATH}/capabilities", decode=Document(read_by_time))
TOKEN = Request(path="/ISAPI/Security/token?format=json", decode=Document(read_token))


class Downloads:
    """Opens downloads, in the way that this device takes."""

    def __init__(
        self, session: RecorderSession, transport: Transport, memory: DeviceMemory
    ) -> None:
        """Initialize."""
        self._session = session
        self._transport = transport
        self._memory = memory
        self._has_tokens = True
        self._not_before = float("-inf")
        self._refusal: RefusedRequestError | None = None
        self._refused: set[str] = set()
        self._understates_until = float("-inf")

    @asynccontextmanager
    async def open(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        clock: Callable[[], DeviceClock],
    ) -> AsyncIterator[Download]:
        """Open a download of [start, end) of a recording; waits a little while the device is busy.

        Raises DriverError.
        """
        if not recording.token:
            raise NoFootageError("the recorder gave no address for this recording")
        self._raise_if_hopeless(recording.token)
        by_time = await self.cuts_by_time()
        uri = cut(recording.token, start, end, clock()) if by_time else recording.token
        async with AsyncExitStack() as stack:
            try:
                download = await self._patiently(
                    stack, uri, None if by_time else recording.size_bytes
                )
            except RefusedRequestError as err:
                self._refusal = err
                self._refused.add(recording.token)
                raise
            left_alone = uri == recording.token and start - recording.start > NEAR
            if not by_time or left_alone:
                download.mark_whole()
            elif uri != recording.token and await brings_all(
                download, recording, start, end, clock()
            ):
                _LOGGER.debug("The recorder sends whole recordings although it says that it cuts")
                self._memory.keep(DOWNLOAD_BY_TIME, False)
                download.mark_whole(recording.size_bytes)
            yield download

    def _raise_if_hopeless(self, token: str) -> None:
        """Raise the last refusal anew where all ways were refused lately, and none was ever taken."""
        if monotonic() >= self._not_before or self._memory.text(DOWNLOAD_VERB) is not None:
            self._refusal = None
            self._refused.clear()
        if self._refusal is None:
            return
        if token in self._refused or len(self._refused) >= HOPELESS_RECORDINGS:
            raise RefusedRequestError(str(self._refusal), self._refusal.fault)

    async def _patiently(
        self, stack: AsyncExitStack, uri: str, expected: int | None
    ) -> RunningDownload:
        """Open a download, and again where another one keeps the device busy: after 1, 2 and 5 seconds."""
        for pause in BUSY_PAUSES_SECONDS:
            try:
                return await self._start(stack, uri, expected)
            except DeviceFaultError:
                raise
            except DeviceBusyError:
                await asyncio.sleep(pause)
        return await self._start(stack, uri, expected)

    async def _start(
        self, stack: AsyncExitStack, uri: str, expected: int | None
    ) -> RunningDownload:
        """Open a download in the way that is remembered, or else in the first that works."""
        error: DriverError | None = None
        useless: set[str] = set()
        forbidden = False
        for name, address, verb in self._ways(uri, whole=expected is not None):
            if verb.name in useless or (verb.token and not self._has_tokens):
                continue
            if forbidden and not verb.token:
                continue
            async with AsyncExitStack() as attempt:
                try:
                    download = await self._try(attempt, verb, address, expected)
                except RefusedRequestError as err:
                    error = error or err
                    if not err.fault.is_malformed:
                        useless.add(verb.name)
                    continue
                except NotPermittedError as err:
                    # Said of the account, but also where a token is wanting.
                    if verb.token:
                        raise
                    error, forbidden = err, True
                    continue
                self._memory.keep(DOWNLOAD_VERB, verb.name)
                self._memory.keep(DOWNLOAD_ADDRESS, name)
                stack.push_async_exit(attempt.pop_all())
                return download
        if not forbidden:
            self._not_before = monotonic() + SEARCH_AGAIN_SECONDS
        raise error or NotSupportedError("the recorder takes no form of download")

    def _ways(self, uri: str, *, whole: bool) -> list[tuple[str, str, Verb]]:
        """Return forms of the address and verbs, the remembered ones first and alone where the others failed lately."""
        forms: dict[str, str] = {}
        for name, form in (WHOLE_ADDRESSES if whole else ADDRESSES).items():
            if form(uri) not in forms.values():
                forms[name] = form(uri)
        ways = [
            (name, address, verb)
            for verbs in (USUAL_VERBS, RARE_VERBS)
            for name, address in forms.items()
            for verb in verbs
        ]
        known_verb = self._memory.text(DOWNLOAD_VERB)
        known_address = self._memory.text(DOWNLOAD_ADDRESS)
        ways.sort(key=lambda way: (way[2].name != known_verb, way[0] != known_address))
        known = [way for way in ways if way[2].name == known_verb]
        if known and monotonic() < self._not_before:
            return known
        return ways

    async def _try(
        self, attempt: AsyncExitStack, verb: Verb, uri: str, expected: int | None
    ) -> RunningDownload:
        """Open a download in one way. Raises RefusedRequestError where another may do."""
        token = await self._token() if verb.token else None
        path, body = verb.request(uri, token)
        transfer = await attempt.enter_async_context(
            self._session.transfer(verb.method, path, body=body)
        )
        return await self._begin(transfer, expected)

    async def _token(self) -> str:
        """Return a token for one request. Raises RefusedRequestError where the device gives none."""
        try:
            token = await self._transport.send(TOKEN)
        except (NotSupportedError, NotPermittedError, InvalidAnswerError) as err:
            self._has_tokens = False
            raise RefusedRequestError("the recorder gives no tokens", Fault(0)) from err
        if token is None:
            self._has_tokens = False
            raise RefusedRequestError("the recorder gives no tokens", Fault(0))
        return token

    async def _begin(self, transfer: Transfer, expected: int | None) -> RunningDownload:
        """Return a download that has begun with footage. Raises DriverError for anything else."""
        chunks = aiter(transfer)
        refused = transfer.status >= HTTPStatus.BAD_REQUEST
        first = b"" if refused else await anext(chunks, b"")
        if refused or first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{"):
            transfer.idle_seconds = REFUSAL_IDLE_SECONDS
            body = bytearray(first)
            # Without a length, on a connection that stays open, silence is the end.
            with suppress(StalledError):
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
        download = RunningDownload(transfer, first, chunks, expected, SIGNS)
        download.on_understated = self._note_understated
        return download

    @property
    def proven(self) -> bool:
        """Whether a download from this device has ever begun."""
        return self._memory.text(DOWNLOAD_VERB) is not None

    @property
    def understates(self) -> bool:
        """Whether downloads were lately longer than announced, so that their ends are lost."""
        return monotonic() < self._understates_until

    def _note_understated(self) -> None:
        self._understates_until = monotonic() + SEARCH_AGAIN_SECONDS

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
    """Write digits in the form in which the device wrote its own, with what stands behind them."""
    form = "%Y-%m-%dT%H:%M:%S" if _SIGNED.match(text) else "%Y%m%dT%H%M%S"
    suffix = _SUFFIX.search(text)
    return moment.strftime(form) + (suffix[0] if suffix else "")
