"""What a device tells in events of how it is now: inputs without a signal, jobs, disks (section 7 of the notes).

Whoever begins to listen is told the present state of everything first. So it is asked like a question: a place to
listen is made, emptied once, and given back, as devices have few of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, tostring

from .. import xml
from ..answer import LIST
from ..errors import InvalidAnswerError
from .question import Question, TopicFilter, seconds
from .service import Service
from .values import MAX_TOKEN, moment

SIGNAL_LOSS = "VideoSource/SignalLoss"
JOB_STATE = "RecordingConfig/JobState"
STORAGE_FAILURE = "Device/HardwareFailure/StorageFailure"
TOPICS = TopicFilter(tuple(f"tns1:{topic}" for topic in (SIGNAL_LOSS, JOB_STATE, STORAGE_FAILURE)))

MAX_PROPERTIES = 2000
MAX_ITEMS = 32
MAX_REFERENCES = 16
MESSAGES_AT_ONCE = 500
# Should giving it back fail, it ends by itself.
LASTS_SECONDS = 60
LASTS = timedelta(seconds=LASTS_SECONDS)
WAITS_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """A place to listen: its address as the device names it, and what it wants to see in every request there."""

    address: str
    references: tuple[str, ...] = ()
    lasts: timedelta | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ends at once: some devices misread for how long it is wanted (section 14 of the notes)."""
        return self.lasts is not None and self.lasts < LASTS / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One thing that is so now; ``topic`` has no prefixes, names of items are as the device writes them."""

    topic: str
    source: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def token(self) -> str | None:
        """What it is a property of, where it is one thing."""
        return next(iter(self.source.values()), None)

    def is_on(self, *names: str) -> bool | None:
        """Return the truth of the item by one of these names, None where there is none."""
        for name in names:
            match self.data.get(name, "").casefold():
                case "true" | "1":
                    return True
                case "false" | "0":
                    return False
        return None


def read_listening(answer: Element) -> Listening:
    """Read CreatePullPointSubscription. Raises InvalidAnswerError where it names no address."""
    reference = xml.find(answer, "SubscriptionReference")
    address = None if reference is None else xml.text(reference, "Address")
    if reference is None or address is None:
        raise InvalidAnswerError("the device names no place to listen")
    wanted = xml.find(reference, "ReferenceParameters")
    parameters = [] if wanted is None else list(wanted)[:MAX_REFERENCES]
    now, end = (moment(answer, name) for name in ("CurrentTime", "TerminationTime"))
    return Listening(
        address=address,
        lasts=None if now is None or end is None else end - now,
        references=tuple(map(_alone, parameters)),
    )


def read_properties(answer: Element) -> tuple[Property, ...]:
    """Read PullMessages."""
    return tuple(_properties(answer))


def listen(now: datetime | None = None) -> Question[Listening]:
    """Return the question for a place to listen; with the device's ``now`` its end is named, else how long it lasts."""
    end: str = seconds(LASTS_SECONDS)
    if now is not None:
        text = (now.astimezone(UTC) + LASTS).replace(microsecond=0, tzinfo=None).isoformat()
        end = f"{text}Z"
    return Question(
        service=Service.EVENTS,
        operation="CreatePullPointSubscription",
        arguments={"Filter": TOPICS, "InitialTerminationTime": end},
        read=read_listening,
    )


def pull(place: Listening, address: str) -> Question[tuple[Property, ...]]:
    """Return the question for all that there is; ``address`` is the safe one."""
    return Question(
        service=Service.EVENTS,
        operation="PullMessages",
        arguments={"Timeout": seconds(WAITS_SECONDS), "MessageLimit": MESSAGES_AT_ONCE},
        read=read_properties,
        limits=LIST,
        # It is told once.
        repeats=False,
        address=address,
        to=place.address,
        references=place.references,
    )


def give_back(place: Listening, address: str) -> Question[None]:
    """Return what gives a place back."""
    return Question(
        service=Service.EVENTS,
        operation="Unsubscribe",
        read=lambda answer: None,
        address=address,
        to=place.address,
        references=place.references,
    )


def _alone(element: Element) -> str:
    """Return an element as text, without what stands behind it."""
    element.tail = None
    return tostring(element, encoding="unicode")


def _properties(answer: Element) -> Iterator[Property]:
    for one in xml.children(answer, "NotificationMessage")[:MAX_PROPERTIES]:
        topic = xml.text(one, "Topic")
        message = xml.find(one, "Message", "Message")
        if topic is None or message is None:
            continue
        yield Property(
            topic="/".join(part.rpartition(":")[2] for part in topic.split("/"))[:MAX_TOKEN],
            source=dict(_items(message, "Source")),
            data=dict(_items(message, "Data")),
            deleted=(message.get("PropertyOperation") or "") == "Deleted",
        )


def _items(message: Element, part: str) -> Iterator[tuple[str, str]]:
    place = xml.find(message, part)
    for item in [] if place is None else xml.children(place, "SimpleItem")[:MAX_ITEMS]:
        name, value = item.get("Name"), item.get("Value")
        if name is not None and value is not None:
            yield name[:MAX_TOKEN], value.strip()[:MAX_TOKEN]
