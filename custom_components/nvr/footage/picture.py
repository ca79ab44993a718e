"""A still picture of any instant of a recording."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import FootageError
from .part import FootagePart, instant_of, sends_whole, ticks_of, wall_of
from .transfer import conversation, part_order, stop_task
from .worker.wire import JsonObject, Kind
from .workers import Workers

# Enough for the longest groups of pictures seen, at the rates of main streams.
_MAX_BYTES = 6 << 20
_MAX_JPEG_BYTES = 16 << 20
_TAIL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and when it was taken (UTC).

    ``exact`` is False if the footage carries no clock that can be believed or read, so that ``instant`` is right to
    about a second only. ``first_wall`` is the device's wall clock at the first key picture seen, None
    where it says none.
    """

    jpeg: bytes
    instant: datetime
    exact: bool = True
    first_wall: datetime | None = None


async def make_picture(
    pool: Workers,
    part: FootagePart,
    instant: datetime,
    *,
    width: int | None = None,
    lead: timedelta = timedelta(),
    max_bytes: int | None = _MAX_BYTES,
) -> Picture:
    """Return what was on screen at ``instant``, at most ``width`` pixels wide.

    No more than about ``max_bytes`` are fetched, a few megabytes. Where they don't reach the instant,
    because the device sends the whole recording from its start, the newest picture in them is returned:
    look at its ``instant``. None stands for as much as it takes. ``lead`` is how much before the instant
    the transfer begins, for devices that begin at the key picture after.

    Raises:
        NoVideoError: there is no picture.
        FootageError: it can't be made.
        DriverError: what ``fetch`` raised, unchanged.
    """
    begin = max(part.start, instant - lead)
    async with pool.worker() as worker:
        await worker.start("picture", instant=ticks_of(instant), width=width, limit=max_bytes)

        async def send() -> None:
            sent = 0
            async with part.fetch(begin, min(part.end, instant + _TAIL)) as stream:
                await worker.send_part(**part_order(part, begin, whole=sends_whole(stream)))
                async for chunk in stream:
                    await worker.send_data(chunk)
                    sent += len(chunk)
                    if max_bytes is not None and sent > 2 * max_bytes:
                        break
            await worker.end_part()

        sending = asyncio.create_task(send())
        jpeg = bytearray()
        try:
            async with aclosing(conversation(worker, sending)) as messages:
                async for message in messages:
                    jpeg += message.data
                    if message.kind is Kind.RESULT:
                        return _picture(part, bytes(jpeg), message.values)
                    if len(jpeg) > _MAX_JPEG_BYTES:
                        raise worker.give_up()
                    if message.values.get("event") == "enough" and not sending.done():
                        await stop_task(sending)
                        await worker.end_part()
        finally:
            await stop_task(sending)
    raise FootageError("the worker did not finish")


def _picture(part: FootagePart, jpeg: bytes, values: JsonObject) -> Picture:
    taken, wall = values.get("instant"), values.get("first_wall")
    if not isinstance(taken, int):
        raise FootageError("the worker's report makes no sense")
    return Picture(
        jpeg=jpeg,
        instant=instant_of(taken),
        exact=values.get("exact") is True and part.current_clock().fine,
        first_wall=wall_of(wall) if isinstance(wall, int) else None,
    )
