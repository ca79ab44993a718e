"""What a module of the face offers: its operations, and what they need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from aiohttp import web

from simulator.core.accounts import Right

from .device import Device
from .namespaces import NOTIFICATION, Service
from .xml import Document


@dataclass(frozen=True, kw_only=True)
class Call:
    """One message to the device.

    Attributes:
        namespace: of the body's one element: it says which service is meant.
        name: of that element: the operation.
        body: the element.
        header: what stands before it, if anything.
        request: how it came.
    """

    namespace: str
    name: str
    body: Element
    header: Element | None
    request: web.Request


type Handler = Callable[[Device, Call], Awaitable[Document]]
"""Gives what the answer says."""


@dataclass(frozen=True)
class Operation:
    """One operation of a service.

    Attributes:
        service: whose it is.
        name: as messages call it.
        handler: answers.
        right: users without it are refused.
        open: whether everybody may ask.
        namespace: of its messages, where that isn't the service's.
    """

    service: Service
    name: str
    handler: Handler
    right: Right | None = None
    open: bool = False
    namespace: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What its messages are told by."""
        return self.namespace or self.service.value, self.name


def notification(name: str, handler: Handler, right: Right | None = None) -> Operation:
    """Give an operation of events that isn't ONVIF's own."""
    return Operation(Service.EVENTS, name, handler, right, namespace=NOTIFICATION)
