"""What comes back from a recorder, within bounds, and what it means when nothing does."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
import json
import re

from aiohttp import (
    ClientConnectorCertificateError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
    ClientSSLError,
    ServerDisconnectedError,
    StreamReader,
)
from aiohttp.http_exceptions import HttpProcessingError

from .certificate import OtherCertificateError
from .errors import (
    CannotConnectError,
    CertificateChangedError,
    CertificateError,
    InvalidAnswerError,
)

REFUSAL_BYTES = 64 * 1024
BULK_IDLE_SECONDS = 30.0
# Refusals are made up on the spot.
REFUSAL_IDLE_SECONDS = 2.0
# What belongs to a document comes without such a pause behind what looks like its end.
END_SECONDS = 1.0
# Of a document, to see whether it may end there; line ends follow.
ENDING_BYTES = 16
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"

_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much and how long an answer may be."""

    max_bytes: int
    seconds: float


DOCUMENT = Limits(max_bytes=2 * 1024 * 1024, seconds=15)
# Lists of 64 channels are some 100 kB; recorders take their time for them.
LIST = Limits(max_bytes=8 * 1024 * 1024, seconds=30)
SEARCH = Limits(max_bytes=4 * 1024 * 1024, seconds=40)
PICTURE = Limits(max_bytes=16 * 1024 * 1024, seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a recorder answered, whatever the status; ``requests`` is what it cost, challenges included.

    ``sent`` and ``received`` are true UTC around the moment at which the recorder made its answer. ``whole``
    says that it announced a length, and kept to it, ``cut`` that its connection ended before what it announced, as
    some recorders always have it; ``challenge`` is what a login of HTTP's own has to answer. What a 401 says is
    ``refused``, and no ``body``: logins by other means may go on with it.
    """

    status: int
    content_type: str
    body: bytes
    requests: int
    sent: datetime
    received: datetime
    whole: bool = False
    cut: bool = False
    challenge: str = ""
    refused: bytes = b""


class HungUpError(CannotConnectError):
    """The recorder closed the connection without an answer; it may have done what it was asked for, or not."""


class EndedEarlyError(CannotConnectError):
    """A transfer ended in good order, before all that the recorder had announced."""


class UnderstatedError(CannotConnectError):
    """A transfer goes on behind its announced end, where nothing of it can be read."""


class StalledError(CannotConnectError):
    """A transfer goes on without bytes."""


class Transfer:
    """The body of a bulk answer, to be read once.

    Raises EndedEarlyError, StalledError, UnderstatedError, or another CannotConnectError where the connection broke.
    """

    def __init__(self, response: ClientResponse) -> None:
        """Initialize."""
        self._response = response
        connection = response.connection
        self._protocol = None if connection is None else connection.protocol
        self.status = response.status
        self.content_type = response.content_type
        self.announced_bytes = response.content_length
        # How long silence is borne from here on; None stands for what is usual.
        self.idle_seconds: float | None = None

    async def read(self, limit: int) -> bytes:
        """Return at most ``limit`` bytes: the body of an error answer."""
        body = bytearray()
        async for chunk in self:
            body += chunk
            if len(body) >= limit:
                break
        return bytes(body[:limit])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the chunks as they arrive."""
        content = self._response.content
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    chunk = await _read_any(content)
            except TimeoutError as err:
                raise StalledError("the recorder stopped sending") from err
            except ClientPayloadError as err:
                if self._was_closed_in_order():
                    raise EndedEarlyError("the recorder sent less than it announced") from err
                raise CannotConnectError(f"the transfer was cut: {_name(err)}") from err
            except (ClientError, OSError) as err:
                raise CannotConnectError(f"the transfer was cut: {_name(err)}") from err
            if not chunk:
                break
            yield chunk
        if self._protocol is not None and isinstance(
            self._protocol.exception(), HttpProcessingError
        ):
            raise UnderstatedError("the recorder sends more than it announced")

    @property
    def was_reset(self) -> bool:
        """Whether the connection broke down at the end, rather than that the recorder closed it.

        To a body without a length both are its end; recorders do either after the last byte, too.
        """
        return self._protocol is not None and isinstance(self._protocol.exception(), OSError)

    @property
    def _patience(self) -> float:
        return BULK_IDLE_SECONDS if self.idle_seconds is None else self.idle_seconds

    def _was_closed_in_order(self) -> bool:
        """Return whether the recorder closed the connection, rather than that something broke it.

        aiohttp raises the same for the body; what it keeps of the connection differs.
        """
        connection = self._response.connection
        protocol = None if connection is None else connection.protocol
        return protocol is not None and isinstance(protocol.exception(), ServerDisconnectedError)


@contextmanager
def connection_errors() -> Iterator[None]:
    """Turn what aiohttp raises into our errors, without the address and its parts."""
    try:
        yield
    except ClientConnectorCertificateError as err:
        if isinstance(err.certificate_error, OtherCertificateError):
            other = err.certificate_error
            raise CertificateChangedError(
                "the recorder shows another certificate than the trusted one",
                trusted=other.trusted,
                seen=other.seen,
            ) from err
        raise CertificateError("the recorder's certificate can't be verified") from err
    except ClientSSLError as err:
        raise CannotConnectError("no TLS connection with the recorder") from err
    except TimeoutError as err:
        raise CannotConnectError("the recorder does not answer in time") from err
    except ServerDisconnectedError as err:
        raise HungUpError("the recorder closed the connection") from err
    except ClientResponseError as err:
        # Not HTTP, or a body behind a length of 0.
        raise InvalidAnswerError("the recorder's answer is no good HTTP") from err
    except (ClientError, OSError) as err:
        raise CannotConnectError(f"no connection: {_name(err)}") from err


def _name(err: BaseException) -> str:
    return type(err).__name__


async def read_bounded(
    response: ClientResponse, max_bytes: int, idle_seconds: float | None = None
) -> bytes:
    """Return the body of an answer. Raises InvalidAnswerError where it is too long, CannotConnectError.

    Where no length says so and the connection stays open, a document is over when it is complete and
    nothing follows; with ``idle_seconds``, whatever came by such a silence is all.
    """
    content = bytearray()
    try:
        while chunk := await _next(response, content, idle_seconds):
            content += chunk
            if len(content) > max_bytes:
                response.close()
                raise InvalidAnswerError("the recorder's answer is too long")
    except ClientPayloadError as err:
        # Recorders announce more than they send; whoever parses it sees whether something is missing.
        if not content:
            raise CannotConnectError("the recorder closed the connection") from err
    except (ClientError, OSError) as err:
        raise CannotConnectError(f"the answer was cut: {_name(err)}") from err
    return bytes(content)


async def _next(response: ClientResponse, content: bytearray, idle_seconds: float | None) -> bytes:
    """Return what follows in a body, nothing at its end."""
    seconds = idle_seconds or (END_SECONDS if _is_closed(content) else None)
    try:
        async with asyncio.timeout(seconds) as limit:
            return await _read_any(response.content)
    except TimeoutError:
        if not limit.expired():
            raise
        if idle_seconds is None and not _is_complete(content):
            return await _read_any(response.content)
        # Nobody can tell where the next answer on this connection would begin.
        response.close()
        return b""


async def _read_any(content: StreamReader) -> bytes:
    """Return what has come of a body, before saying that its connection ended.

    aiohttp says so at once, and what had come but wasn't read yet would be lost.
    """
    try:
        return await content.readany()
    except (ClientError, OSError) as err:
        # The only way to what it holds back; its signature doesn't know of taking an error back.
        content.set_exception(None)  # type: ignore[arg-type]
        unread = content.read_nowait()
        content.set_exception(err)
        if not unread:
            raise
        return unread


def _is_closed(content: bytearray) -> bool:
    """Whether a document may end here."""
    return content[-ENDING_BYTES:].rstrip().endswith((b">", b"}", b"]", JPEG_END))


def _is_complete(content: bytearray) -> bool:
    """Whether a document ends here: with the end of its root, or as JSON that can be read."""
    text = bytes(content).removeprefix(BOM_UTF8).strip()
    if text.startswith(JPEG_START):
        return text.endswith(JPEG_END)
    if text.startswith((b"{", b"[")):
        try:
            json.loads(text)
        except ValueError, RecursionError:
            return False
        return True
    root = _ROOT.search(text)
    return root is not None and text.lower().endswith(b"</%s>" % root[1].lower())


async def read_refused(response: ClientResponse) -> bytes:
    """Return the body of a refusal, as far as it matters."""
    try:
        return await read_bounded(response, REFUSAL_BYTES, REFUSAL_IDLE_SECONDS)
    except InvalidAnswerError, CannotConnectError:
        return b""
