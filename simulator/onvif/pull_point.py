"""Events by PullPoint: a client subscribes, and asks for messages again and again (section 7 of the notes)."""

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from simulator.core.accounts import Right
from simulator.core.events import Change

from .addresses import subscription_address
from .device import Device
from .errors import Refusal
from .happenings import going_on, of_change, properties
from .namespaces import Service
from .notices import Happening, notice
from .operation import Call, Operation, notification
from .subscriptions import Subscription, until
from .times import read_duration
from .topics import filter_of
from .traits.events import Lifetime, Reference
from .xml import Document, first, text_of

_ID: Final = "SubscriptionId"
_USUAL: Final = timedelta(seconds=60)
_MOST: Final = 1000
# How things stand is looked at so often: events themselves come at once.
_LOOKS_EVERY_S: Final = 0.25


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.EVENTS
    yield Operation(service, "CreatePullPointSubscription", subscribe, Right.LIVE)
    yield Operation(service, "PullMessages", pull, Right.LIVE)
    yield Operation(service, "SetSynchronizationPoint", synchronize, Right.LIVE)
    yield notification("Renew", renew, Right.LIVE)
    yield notification("Unsubscribe", unsubscribe, Right.LIVE)


async def subscribe(device: Device, call: Call) -> Document:
    """Begin a subscription, which is told at once how things stand."""
    subscription = begun(device, call)
    return {**reference(device, call, subscription, "tev"), **subscribed(device, subscription)}


def begun(device: Device, call: Call) -> Subscription:
    """Begin a subscription.

    Raises:
        Refusal: there are too many.
    """
    firmware, now = device.firmware, device.recorder.now()
    number = device.subscriptions.make_room(firmware.subscriptions, now)
    stack = ExitStack()
    subscription = Subscription(
        number=number,
        topics=filter_of(call.body),
        ends=now,
        changes=stack.enter_context(device.recorder.events.listen()),
        stack=stack,
    )
    _lengthen(device, subscription, text_of(call.body, "InitialTerminationTime"))
    device.subscriptions.add(subscription)
    initialize(device, subscription)
    return subscription


def reference(
    device: Device, call: Call, subscription: Subscription, prefix: str
) -> dict[str, Document]:
    """Tell a client by what to call its subscription."""
    by_address = device.firmware.reference is Reference.ADDRESS
    number = subscription.number if by_address else None
    address = subscription_address(device, call.request, number)
    if by_address:
        told: Document = {"wsa:Address": address}
    else:
        repeated = {f"ext:{_ID}": subscription.number}
        told = {"wsa:Address": address, "wsa:ReferenceParameters": repeated}
    return {f"{prefix}:SubscriptionReference": told}


def _lengthen(device: Device, subscription: Subscription, asked: str | None) -> None:
    """Let a subscription last for a span or up to an instant, as a client wrote it."""
    firmware, now = device.firmware, device.recorder.now()
    span = read_duration(asked)
    if span is not None and firmware.lifetime is Lifetime.ABSOLUTE:
        subscription.ends = now
        return
    instant = None if span is not None else device.instant(asked)
    if asked is not None and span is None and instant is None:
        raise Refusal.invalid("InvalidArgVal", "The termination time is unacceptable")
    subscription.ends = until(instant if span is None else span, now, firmware.longest_life)
    subscription.life = subscription.ends - now


def subscribed(device: Device, subscription: Subscription, prefix: str = "wsnt") -> dict[str, str]:
    """Tell what the time is, and when a subscription ends."""
    return {
        f"{prefix}:CurrentTime": device.written(device.recorder.now()),
        f"{prefix}:TerminationTime": device.written(subscription.ends),
    }


def initialize(device: Device, subscription: Subscription) -> None:
    """Let a subscription be told how everything stands."""
    states = [*properties(device), *going_on(device)]
    subscription.told.clear()
    subscription.news(states)
    _tell(device, subscription, states, "Initialized")


def _tell(
    device: Device, subscription: Subscription, found: Iterable[Happening], operation: str
) -> None:
    at = device.written(device.recorder.now())
    for each in found:
        if subscription.wants(each):
            source, data = dict(each.source), dict(each.data)
            told = notice(each.topic, at, operation=operation, source=source, data=data)
            subscription.messages.append(told)


def named(device: Device, call: Call) -> Subscription:
    """Give the subscription that a call means.

    Raises:
        Refusal: there is none.
    """
    if device.firmware.reference is Reference.ADDRESS:
        text = call.request.path.rpartition("/")[2]
    else:
        told = None if call.header is None else first(call.header, _ID)
        text = "" if told is None else (told.text or "")
    number = int(text) if text.isascii() and text.isdecimal() else None
    return device.subscriptions.find(number, device.recorder.now())


async def pull(device: Device, call: Call) -> Document:
    """Give messages, as soon as there is one."""
    subscription = named(device, call)
    firmware = device.firmware
    told = read_duration(text_of(call.body, "Timeout"))
    asked = _USUAL if told is None else told
    limit = text_of(call.body, "MessageLimit") or ""
    most = min(int(limit), _MOST) if limit.isascii() and limit.isdecimal() else _MOST
    await wait(device, subscription, min(asked, firmware.longest_pull))
    now = device.recorder.now()
    if firmware.pulling_extends:
        subscription.ends = max(subscription.ends, now + subscription.life)
    count = min(len(subscription.messages), max(1, most))
    messages = [subscription.messages.popleft() for _ in range(count)]
    return {**subscribed(device, subscription, "tev"), "wsnt:NotificationMessage": messages}


async def wait(device: Device, subscription: Subscription, longest: timedelta) -> None:
    """Wait until there is something to tell, or for so long."""
    loop = asyncio.get_running_loop()
    over = loop.time() + longest.total_seconds()
    while True:
        _tell(device, subscription, subscription.news(properties(device)), "Changed")
        while not subscription.changes.empty():
            _take(device, subscription, subscription.changes.get_nowait())
        left = over - loop.time()
        if subscription.messages or left <= 0:
            return
        try:
            async with asyncio.timeout(min(left, _LOOKS_EVERY_S)):
                change = await subscription.changes.get()
        except TimeoutError:
            continue
        _take(device, subscription, change)


def _take(device: Device, subscription: Subscription, change: Change) -> None:
    _tell(device, subscription, of_change(device, change), "Changed")


async def synchronize(device: Device, call: Call) -> Document:
    """Tell once more how everything stands."""
    initialize(device, named(device, call))
    return {}


async def renew(device: Device, call: Call) -> Document:
    """Let a subscription last longer."""
    subscription = named(device, call)
    _lengthen(device, subscription, text_of(call.body, "TerminationTime"))
    told = subscribed(device, subscription)
    return {name: told[name] for name in ("wsnt:TerminationTime", "wsnt:CurrentTime")}


async def unsubscribe(device: Device, call: Call) -> Document:
    """End a subscription."""
    subscription = named(device, call)
    if device.firmware.unsubscribes_all:
        device.subscriptions.clear()
    device.subscriptions.end(subscription)
    return {}
