"""Requests as objects: which operation of which service, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element

from ..answer import DOCUMENT, Limits
from ..models import Right
from .service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Question[T]:
    """One thing to ask a device.

    ``arguments`` are the operation's, by their names: nested mappings and lists of texts, numbers, aware datetimes,
    spans as ``seconds`` writes them, and ``TopicFilter``. ``read`` gets the element that answers the operation. What
    is ``open`` has to be answered to strangers (section 3 of the notes). ``right`` is what the account needs for it.
    What ``repeats`` may be asked once more where the device hung up on it: nothing is lost by that.
    Where it is asked at another ``address`` than the service's, ``to`` is what the device calls that, and
    ``references`` are what it wants to see there: elements, as text.
    """

    service: Service
    operation: str
    read: Callable[[Element], T]
    arguments: Mapping[str, object] = field(default_factory=dict)
    open: bool = False
    limits: Limits = DOCUMENT
    right: Right = Right.SETTINGS
    repeats: bool = True
    address: str | None = None
    to: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicFilter:
    """The events that are wanted, by their topics, for example ``tns1:RecordingHistory/Track/State``."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a device answered, and true UTC around the moment at which it did."""

    tree: Element
    sent: datetime
    received: datetime


class Span(str):
    """A span of time as it is to be written."""

    __slots__ = ()


def seconds(count: int) -> Span:
    """Return a span as devices read it: some stumble over minutes (section 14 of the notes)."""
    return Span(f"PT{count}S")
