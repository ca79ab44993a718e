"""Events by Notify: the device asks a client's own web server (section 7 of the notes)."""

import asyncio
from collections.abc import Iterable
import contextlib
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from simulator.core.accounts import Right

from .device import Device
from .errors import Refusal
from .operation import Call, Operation, notification
from .pull_point import begun, reference, subscribed, wait
from .subscriptions import Subscription
from .xml import CONTENT_TYPE, Document, envelope, first, text_of

_LOOKS_EVERY: Final = timedelta(seconds=1)
_GIVES_UP_AFTER: Final = aiohttp.ClientTimeout(total=5)


def operations() -> Iterable[Operation]:
    """Give the operations."""
    yield notification("Subscribe", subscribe, Right.LIVE)


async def subscribe(device: Device, call: Call) -> Document:
    """Begin a subscription whose messages are sent to an address of the client's."""
    consumer = first(call.body, "ConsumerReference")
    address = None if consumer is None else text_of(consumer, "Address")
    if address is None or urlsplit(address).scheme not in {"http", "https"}:
        raise Refusal.invalid("InvalidArgVal", "The consumer reference is no address")
    subscription = begun(device, call)
    task = asyncio.create_task(_push(device, subscription, address))
    subscription.stack.callback(task.cancel)
    return {**reference(device, call, subscription, "wsnt"), **subscribed(device, subscription)}


async def _push(device: Device, subscription: Subscription, address: str) -> None:
    """Send what there is to tell until the subscription ends."""
    async with aiohttp.ClientSession(timeout=_GIVES_UP_AFTER) as http:
        while subscription.ends > device.recorder.now():
            await wait(device, subscription, _LOOKS_EVERY)
            messages = [*subscription.messages]
            subscription.messages.clear()
            if messages:
                await _send(device, http, address, messages)
    device.subscriptions.end(subscription)


async def _send(
    device: Device, http: aiohttp.ClientSession, address: str, messages: list[Document]
) -> None:
    content: Document = {"wsnt:Notify": {"wsnt:NotificationMessage": messages}}
    body = envelope(content, device.firmware)
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with http.post(address, data=body, headers={"Content-Type": CONTENT_TYPE}):
            pass
