"""Bringing the bytes of a recording from its recorder to a worker."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from .part import FootagePart, duration_ticks, sends_whole, ticks_of
from .worker.wire import JsonValue, Kind
from .workers import Message, Worker

# The worker has all bytes; what it still does with them takes moments.
_SETTLE_SECONDS = 60.0


def part_order(
    part: FootagePart, begin: datetime, *, whole: bool, more: bool = False
) -> dict[str, JsonValue]:
    """Return what a worker has to know of a transfer that was asked to begin at ``begin``."""
    # A device that cuts sends its first key picture from near the instant asked for.
    first = part.start if whole else begin
    return {
        "offsets": [duration_ticks(offset) for offset in part.clock.offsets],
        "expected": ticks_of(part.clock.expected + (first - part.start)),
        "base": ticks_of(first),
        "loose": first > part.start,
        "more": more,
    }


async def send_recording(
    worker: Worker,
    part: FootagePart,
    span: tuple[datetime, datetime],
    *,
    more: bool,
    on_bytes: Callable[[int], None],
) -> None:
    """Fetch a span and send its bytes to the worker, to the end or until cancelled.

    Errors of ``fetch`` pass through.
    """
    async with part.fetch(*span) as stream:
        await worker.send_part(**part_order(part, span[0], whole=sends_whole(stream), more=more))
        async for chunk in stream:
            on_bytes(len(chunk))
            await worker.send_data(chunk)


async def exchange_part(
    worker: Worker,
    part: FootagePart,
    span: tuple[datetime, datetime],
    *,
    more: bool,
    on_bytes: Callable[[int], None],
    on_event: Callable[[Message], None],
) -> Message:
    """Send one transfer and return what the worker says of it, ending it as soon as the worker has enough."""
    sending = asyncio.create_task(send_recording(worker, part, span, more=more, on_bytes=on_bytes))
    receiving: asyncio.Task[Message] | None = None
    ended = False
    try:
        while True:
            receiving = receiving or asyncio.create_task(
                worker.receive(timeout=_SETTLE_SECONDS if ended else None)
            )
            await asyncio.wait(
                {receiving} if ended else {sending, receiving},
                return_when=asyncio.FIRST_COMPLETED,
            )
            if receiving.done():
                message, receiving = receiving.result(), None
                if message.values.get("event") == "part":
                    return message
                if message.values.get("event") == "enough":
                    await _stop(sending)
                on_event(message)
            if sending.done() and not ended:
                if not sending.cancelled():
                    sending.result()
                await worker.end_part()
                ended = True
    finally:
        await _stop(sending)
        if receiving is not None:
            await _stop(receiving)


async def _stop(task: asyncio.Task[None] | asyncio.Task[Message]) -> None:
    """End a task and wait for it; what it fails with in that is of no interest any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


async def result_of(
    worker: Worker, *, timeout: float, on_event: Callable[[Message], None]
) -> Message:
    """Wait for the job's result, passing events on."""
    while True:
        message = await worker.receive(timeout=timeout)
        if message.kind is Kind.RESULT:
            return message
        on_event(message)
