"""Stills of now (section 8 of the notes)."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic

from ..answer import PICTURE, Answer
from ..errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
)
from ..models import Right
from .faults import RefusedRequestError
from .memory import SNAPSHOT_PATH, DeviceMemory
from .streams import CHANNEL_FACTOR
from .transport import Request, Transport, decode

JPEG_START = b"\xff\xd8"
JPEG_SCAN = b"\xff\xda"
JPEG_END = b"\xff\xd9"
# Recorders fetch the picture from the camera; asking more often than this wins nothing and locks some.
FRESH_SECONDS = 1.0
RETRIES = 2
RETRY_PAUSE_SECONDS = 0.5

_PATHS = {
    "streaming": "/ISAPI/Streaming/channels/{number}/picture",
    # Recorders that refuse the first for IP channels.
    "proxy": "/ISAPI/ContentMgmt/StreamingProxy/channels/{number}/picture",
    # Old cameras count channels here, not streams.
    "channel": "/ISAPI/Streaming/channels/{channel}/picture",
}


def read_picture(body: bytes) -> bytes:
    """Return a JPEG. Raises InvalidAnswerError where it is none, DeviceFaultError where it broke off.

    Coded pictures hold no markers (ISO/IEC 10918-1, B.1.1.5), so the end comes behind the last scan's
    beginning; an end before that is a thumbnail's. What devices append behind it harms nobody.
    """
    if not body.startswith(JPEG_START):
        raise InvalidAnswerError("the recorder sent no picture")
    if JPEG_END not in body[max(0, body.rfind(JPEG_SCAN)) :]:
        raise DeviceFaultError("the recorder sent a part of a picture")
    return body


def is_sent_without_end(answer: Answer) -> bool:
    """Whether a picture came in full, as far as the device says, and lacks nothing but its last marker."""
    body = answer.body
    return (
        answer.status == HTTPStatus.OK
        and answer.whole
        and body.startswith(JPEG_START)
        and JPEG_SCAN in body
    )


class Snapshots:
    """Fetches stills; calls for one picture at the same time share one request."""

    def __init__(
        self, transport: Transport, memory: DeviceMemory, now: Callable[[], float] = monotonic
    ) -> None:
        """Initialize."""
        self._transport = transport
        self._memory = memory
        self._now = now
        self._running: dict[int, asyncio.Task[bytes]] = {}
        self._forms: dict[int, str] = {}
        # Where pictures never have an end, so that asking again is of no use.
        self._without_end: set[str] = set()
        self._takes_size = True
        self._fresh: dict[int, tuple[float, bytes]] = {}

    async def fetch(self, number: int, size: tuple[int, int] | None = None) -> bytes:
        """Return a JPEG of a stream, scaled where the device feels like it. Raises DriverError."""
        taken, picture = self._fresh.get(number, (float("-inf"), b""))
        if self._now() - taken < FRESH_SECONDS:
            return picture
        if (task := self._running.get(number)) is None:
            task = asyncio.create_task(self._fetch(number, size))
            self._running[number] = task
            task.add_done_callback(lambda done: self._finish(number, done))
        # Who goes away does not take the picture from the others.
        await asyncio.wait({task})
        if task.cancelled():
            raise CannotConnectError("the driver has been closed")
        return task.result()

    async def close(self) -> None:
        """End what runs."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finish(self, number: int, task: asyncio.Task[bytes]) -> None:
        self._running.pop(number, None)
        if not task.cancelled() and task.exception() is None:
            self._fresh = {
                key: value
                for key, value in self._fresh.items()
                if self._now() - value[0] < FRESH_SECONDS
            }
            self._fresh[number] = (self._now(), task.result())

    async def _fetch(self, number: int, size: tuple[int, int] | None) -> bytes:
        # What works on one channel may be refused on another, so the others stay in reach.
        known = self._forms.get(number) or self._memory.text(SNAPSHOT_PATH)
        names = sorted(_PATHS, key=lambda name: name != known)
        error: DriverError | None = None
        for name in names:
            path = _PATHS[name].format(number=number, channel=number // CHANNEL_FACTOR)
            try:
                picture = await self._sized(path, size)
            except RefusedRequestError as err:
                error = error or err
            except DeviceFaultError as err:
                # What a model lacks may be answered like that, too.
                if name == known:
                    raise
                error = error or err
            else:
                self._forms[number] = name
                self._memory.keep(SNAPSHOT_PATH, name)
                return picture
        raise error or InvalidAnswerError("no picture")

    async def _sized(self, path: str, size: tuple[int, int] | None) -> bytes:
        """Ask for a picture of a size; most ignore the wish, some refuse it."""
        if size is None or not self._takes_size:
            return await self._patiently(path)
        wish = f"?videoResolutionWidth={size[0]}&videoResolutionHeight={size[1]}"
        try:
            return await self._patiently(path + wish)
        except RefusedRequestError as err:
            if not err.fault.is_malformed:
                raise
        picture = await self._patiently(path)
        self._takes_size = False
        return picture

    async def _patiently(self, path: str) -> bytes:
        for _ in range(RETRIES):
            try:
                return await self._once(path)
            except DeviceFaultError, DeviceBusyError:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
        return await self._once(path, last=True)

    async def _once(self, path: str, *, last: bool = False) -> bytes:
        """Ask for a picture; one without its end is taken at last, as some cameras leave it out."""
        request = Request(path=path, decode=read_picture, limits=PICTURE, right=Right.LIVE)
        plain = path.partition("?")[0]
        answer = await self._transport.exchange(request)
        try:
            picture = await decode(request, answer)
        except DeviceFaultError:
            # What broke off comes whole the next time.
            if not (is_sent_without_end(answer) and (last or plain in self._without_end)):
                raise
            self._without_end.add(plain)
            return answer.body
        self._without_end.discard(plain)
        return picture
