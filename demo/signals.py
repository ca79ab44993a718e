"""Ending in good order when somebody presses Ctrl-C."""

import asyncio
from collections.abc import Coroutine
import signal

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATUS_INTERRUPTED = 130


async def until_told(work: Coroutine[None, None, int]) -> int:
    """Do the work and return its exit status; tidy up like at its end when a signal asks for that."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in ENDING_SIGNALS:
        # Whoever is impatient and asks twice does not keep us from tidying up.
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return STATUS_INTERRUPTED
