"""Bringing the bytes of a recording from its recorder to a worker."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime

from .part import TICKS_PER_SECOND, FootagePart, duration_ticks, sends_whole, ticks_of
from .worker.wire import JsonValue, Kind
from .workers import Message, Worker

SETTLE_SECONDS = 60.0
"""A worker that has all bytes needs moments for the rest; one that says nothing for this long hangs."""

BROKEN_SECONDS = 2.0
"""How long a worker whose bytes broke off may take to say that it has enough; else the transfer's error counts."""


def part_order(
    part: FootagePart, begin: datetime, *, whole: bool, more: bool = False
) -> dict[str, JsonValue]:
    """Return what a worker has to know of a transfer that was asked to begin at ``begin``."""
    # A device that cuts sends its first key picture from near the instant asked for.
    first = part.start if whole else begin
    clock = part.current_clock()
    # Where nothing tells the time it is known to a second or so.
    clock_error = TICKS_PER_SECOND if clock.error is None else duration_ticks(clock.error)
    return {
        "offsets": [duration_ticks(offset) for offset in clock.offsets],
        "expected": ticks_of(clock.expected + (first - part.start)),
        "base": ticks_of(first),
        "reach": duration_ticks(first - part.start),
        "clock_error": clock_error,
        "loose": first > part.start,
        "more": more,
    }


async def conversation(worker: Worker, sending: asyncio.Task[None]) -> AsyncGenerator[Message]:
    """Yield what a worker says while bytes are sent to it and after.

    Raises what ``sending`` fails with, and WorkerHungError if the worker is silent after it has all bytes.
    """
    receiving: asyncio.Task[Message] | None = None
    try:
        while True:
            receiving = receiving or asyncio.create_task(worker.receive())
            sent, broken = sending.done(), failed(sending)
            await asyncio.wait(
                {receiving} if sent else {receiving, sending},
                # A worker that had enough says so although its bytes broke off.
                timeout=BROKEN_SECONDS if broken else SETTLE_SECONDS if sent else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if receiving.done():
                message, receiving = receiving.result(), None
                yield message
            elif broken or not sent:
                sending.result()
            else:
                raise worker.give_up()
    finally:
        if receiving is not None:
            await stop_task(receiving)


async def exchange_part(
    worker: Worker,
    part: FootagePart,
    span: tuple[datetime, datetime],
    *,
    more: bool,
    on_bytes: Callable[[int], None],
    on_event: Callable[[Message], None],
) -> Message:
    """Fetch a span, send it, and return what the worker says of it in the end.

    The transfer ends as soon as the worker has enough. Errors of ``fetch`` pass through.
    """

    async def send() -> None:
        async with part.fetch(*span) as stream:
            whole = sends_whole(stream)
            await worker.send_part(**part_order(part, span[0], whole=whole, more=more))
            async for chunk in stream:
                on_bytes(len(chunk))
                await worker.send_data(chunk)
        await worker.end_part()

    sending = asyncio.create_task(send())
    try:
        async with aclosing(conversation(worker, sending)) as messages:
            async for message in messages:
                if message.values.get("event") == "part":
                    return message
                if message.values.get("event") == "enough" and not sending.done():
                    await stop_task(sending)
                    await worker.end_part()
                on_event(message)
    finally:
        await stop_task(sending)
    raise worker.give_up()


def failed(task: asyncio.Task[None]) -> bool:
    """Return whether a task ended with an error of its own."""
    return task.done() and not task.cancelled() and task.exception() is not None


async def stop_task[T](task: asyncio.Task[T]) -> None:
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
