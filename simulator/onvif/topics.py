"""Topics of events, and the filters by which clients ask for some of them (section 7 of the notes)."""

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element

from .xml import texts_of

DIALECT: Final = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
PREFIX: Final = "tns1:"
TRACK_STATE: Final = "RecordingHistory/Track/State"
RECORDING_STATE: Final = "RecordingHistory/Recording/State"
MOTION: Final = "RuleEngine/CellMotionDetector/Motion"
_SUBTREE: Final = "//."


def filter_of(body: Element) -> frozenset[str]:
    """Give the topics that a message asks for, without prefixes; none for all of them."""
    alternatives = (each for text in texts_of(body, "TopicExpression") for each in text.split("|"))
    return frozenset(filter(None, (_bare(each.strip()) for each in alternatives)))


def matches(topic: str, wanted: Iterable[str]) -> bool:
    """Say whether a topic is one of those that are asked for; without any all are."""
    asked = [*wanted]
    return not asked or any(_matches(topic, each) for each in asked)


def _matches(topic: str, wanted: str) -> bool:
    base = wanted.removesuffix(_SUBTREE)
    return topic == base or (base != wanted and topic.startswith(f"{base}/"))


def _bare(topic: str) -> str:
    """Take the prefixes off each step of a topic."""
    path = topic.removesuffix(_SUBTREE)
    tail = topic[len(path) :]
    return "/".join(step.rpartition(":")[2] for step in path.split("/")) + tail
