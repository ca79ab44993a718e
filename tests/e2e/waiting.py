"""Waiting for what nothing announces."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

INTERVAL_S = 0.2
# Twice the pause after a refused login, and a poll that comes late.
LIMIT_S = 180.0


async def until(what: str, probe: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not await probe():
                await asyncio.sleep(INTERVAL_S)
    except TimeoutError:
        pytest.fail(f"not within {LIMIT_S:g} s: {what}")
