"""Stills of now, as recorders send them: shared, fresh for a moment, and not always with an end."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from http import HTTPStatus
from time import monotonic

from .answer import Answer
from .errors import CannotConnectError, DeviceBusyError, DeviceFaultError, InvalidAnswerError

JPEG_START = b"\xff\xd8"
JPEG_SCAN = b"\xff\xda"
JPEG_END = b"\xff\xd9"
# Recorders fetch the picture from the camera; asking more often than this wins nothing and locks some.
FRESH_SECONDS = 1.0
RETRIES = 2
RETRY_PAUSE_SECONDS = 0.5


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


class SharedPictures[K: Hashable]:
    """Pictures by what they show; calls for one at the same time share one request."""

    def __init__(
        self, now: Callable[[], float] = monotonic, fresh_seconds: float | None = None
    ) -> None:
        """Initialize; ``now`` counts seconds, ``fresh_seconds`` says how long one may serve again."""
        self._now = now
        self._fresh_seconds = FRESH_SECONDS if fresh_seconds is None else fresh_seconds
        self._running: dict[K, asyncio.Task[bytes]] = {}
        self._fresh: dict[K, tuple[float, bytes]] = {}

    async def get(self, key: K, fetch: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return a picture that is under way or a moment old, else fetch it. Raises DriverError."""
        taken, picture = self._fresh.get(key, (float("-inf"), b""))
        if self._now() - taken < self._fresh_seconds:
            return picture
        if (task := self._running.get(key)) is None:
            task = asyncio.create_task(_fetched(fetch))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
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

    def _finish(self, key: K, task: asyncio.Task[bytes]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and task.exception() is None:
            self._fresh = {
                known: value
                for known, value in self._fresh.items()
                if self._now() - value[0] < self._fresh_seconds
            }
            self._fresh[key] = (self._now(), task.result())


class PatientPictures:
    """Asks again for a picture that broke off, and knows of which there is never more."""

    def __init__(self) -> None:
        """Initialize."""
        # Where pictures never have an end, so that asking again is of no use.
        self._without_end: set[str] = set()
        # Where they had one, so that what lacks it broke off.
        self._with_end: set[str] = set()

    async def take(
        self,
        name: str,
        ask: Callable[[], Awaitable[Answer]],
        read: Callable[[Answer], Awaitable[bytes]],
    ) -> bytes:
        """Return a picture that ``ask`` brings and ``read`` understands; ``name`` is where it comes from."""
        for _ in range(RETRIES):
            try:
                return await self._once(name, ask, read)
            except DeviceBusyError:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
        return await self._once(name, ask, read, last=True)

    async def _once(
        self,
        name: str,
        ask: Callable[[], Awaitable[Answer]],
        read: Callable[[Answer], Awaitable[bytes]],
        *,
        last: bool = False,
    ) -> bytes:
        """Ask for a picture; one without its end is taken at last, as some cameras leave it out.

        From a camera that did not leave it out before it is taken only when it came so time after time.
        """
        answer = await ask()
        try:
            picture = await read(answer)
        except DeviceFaultError:
            # What broke off comes whole the next time.
            if not (is_sent_without_end(answer) and (last or name in self._without_end)):
                raise
            if name in self._with_end:
                self._with_end.discard(name)
                raise
            self._without_end.add(name)
            return answer.body
        self._without_end.discard(name)
        self._with_end.add(name)
        return picture


async def _fetched(fetch: Callable[[], Awaitable[bytes]]) -> bytes:
    return await fetch()
