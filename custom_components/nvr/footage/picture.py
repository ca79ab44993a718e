"""A still picture of any instant of a recording."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import FootageError
from .part import FootagePart, instant_of, sends_whole, ticks_of
from .transfer import conversation, part_order, stop_task
from .worker.wire import Kind
from .workers import WorkerPool

# Enough for the longest groups of pictures seen, at the rates of main streams.
_MAX_BYTES = 6 << 20
_MAX_JPEG_BYTES = 16 << 20
_TAIL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and when it was taken (UTC)."""

    jpeg: bytes
    instant: datetime


async def make_picture(
    pool: WorkerPool, part: FootagePart, instant: datetime, *, width: int | None = None
) -> Picture:
    """Return what was on screen at ``instant``, at most ``width`` pixels wide.

    Only a few megabytes are fetched. Where they don't reach the instant, because the device sends the
    whole recording from its start, the newest picture in them is returned: look at its ``instant``.

    Raises:
        NoVideoError: there is no picture.
        FootageError: it can't be made.
        DriverError: what ``fetch`` raised, unchanged.
    """
    begin = max(part.start, instant)
    async with pool.worker() as worker:
        await worker.start("picture", instant=ticks_of(instant), width=width, limit=_MAX_BYTES)

        async def send() -> None:
            sent = 0
            async with part.fetch(begin, min(part.end, instant + _TAIL)) as stream:
                await worker.send_part(**part_order(part, begin, whole=sends_whole(stream)))
                async for chunk in stream:
                    await worker.send_data(chunk)
                    sent += len(chunk)
                    if sent > 2 * _MAX_BYTES:
                        break
            await worker.end_part()

        sending = asyncio.create_task(send())
        jpeg = bytearray()
        try:
            async with aclosing(conversation(worker, sending)) as messages:
                async for message in messages:
                    jpeg += message.data
                    if message.kind is Kind.RESULT:
                        return Picture(bytes(jpeg), _taken(message.values.get("instant")))
                    if len(jpeg) > _MAX_JPEG_BYTES:
                        raise worker.give_up()
                    if message.values.get("event") == "enough" and not sending.done():
                        await stop_task(sending)
                        await worker.end_part()
        finally:
            await stop_task(sending)
    raise FootageError("the worker did not finish")


def _taken(value: object) -> datetime:
    if not isinstance(value, int):
        raise FootageError("the worker's report makes no sense")
    return instant_of(value)
