"""What is said of a transfer that fails while its worker talks."""

import asyncio
from typing import cast

import pytest

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.footage import transfer
from custom_components.nvr.footage.transfer import conversation
from custom_components.nvr.footage.worker.wire import Kind
from custom_components.nvr.footage.workers import Message, Worker


class Talker:
    """A worker that says what it is given, and then waits for bytes."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError


async def fail() -> None:
    raise CannotConnectError("cut")


async def test_an_error_beside_a_message_is_the_transfers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BROKEN_SECONDS", 0.01)
    sending = asyncio.create_task(fail())
    await asyncio.wait({sending})
    talker = Talker(Message(Kind.EVENT, {"event": "began"}))
    heard = 0

    async def listen() -> None:
        nonlocal heard
        async for _ in conversation(cast(Worker, talker), sending):
            heard += 1

    with pytest.raises(CannotConnectError):
        await listen()
    assert heard == 1
