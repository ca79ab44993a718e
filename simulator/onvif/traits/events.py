"""Traits of events and of subscriptions to them (sections 7 and 14 of the notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from .box import Hosts


class Lifetime(StrEnum):
    """How it is understood how long a subscription is to last."""

    HONOURED = "honoured"
    ABSOLUTE = "absolute"
    """Only by the instant at which it ends: by a span it ends at once."""


class Reference(StrEnum):
    """How a client says which subscription it means."""

    ADDRESS = "address"
    PARAMETER = "parameter"
    """By what it was given to repeat in the header: the address is that of all."""


class MotionTopic(StrEnum):
    """By which topic motion is told."""

    CELL = "cell"
    ALARM = "alarm"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class EventTraits:
    """How events are told.

    Attributes:
        claims_pull_points: whether it says that it can be asked for messages, which it can.
        subscriptions: so many at once.
        longest_life: of a subscription that isn't renewed.
        lifetime: how it is understood how long one is to last.
        pulling_extends: whether one lasts longer when it is asked for messages.
        reference: how a client says which one it means.
        subscription_hosts: which host the address of one names.
        motion_topic: by which topic motion is told.
        one_source: whether all channels are told by the first one's token.
        longest_pull: an answer waits so long for a message at most.
        unsubscribes_all: whether who ends one ends those of all.
    """

    claims_pull_points: bool = True
    subscriptions: int = 8
    longest_life: timedelta = timedelta(hours=1)
    lifetime: Lifetime = Lifetime.HONOURED
    pulling_extends: bool = True
    reference: Reference = Reference.ADDRESS
    subscription_hosts: Hosts = Hosts.ASKED
    motion_topic: MotionTopic = MotionTopic.CELL
    one_source: bool = False
    longest_pull: timedelta = timedelta(seconds=60)
    unsubscribes_all: bool = False
