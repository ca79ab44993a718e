"""How firmwares differ in what they tell of events (section 15 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum


class PartLength(StrEnum):
    """What the Content-Length of one part of the event stream says."""

    EXACT = "exact"
    ABSENT = "absent"
    WRONG = "wrong"


class Boundary(StrEnum):
    """How the head of the event stream names the line between its parts."""

    PLAIN = "boundary"
    QUOTED = '"boundary"'
    DASHED = "--boundary"
    """The dashes are part of the name there, and the lines have no more of them."""
    OTHER = "MIME_boundary"


class TriggerList(StrEnum):
    """How it is told which events are watched for."""

    LIST = "list"
    WRAPPED = "wrapped"
    """In an EventNotification, as a DS-2CD2532F-IWS does."""
    ABSENT = "absent"
    """Only one by one, and by the channels' capabilities."""


@dataclass(frozen=True, kw_only=True)
class EventTraits:
    """How events are told.

    Attributes:
        heartbeat_s: seconds between signs of life; None without any.
        event_repeat_s: seconds between repeats while an event lasts; None without any.
        tells_event_end: whether `inactive` is sent.
        repeats_as_duration: whether repeats come as `duration` events that name the first.
        buffered_events: so many old events are sent to who connects.
        marks_buffered: whether those say that they are late.
        event_pictures: whether a picture follows the beginning of a smart event.
        event_part_length: what Content-Length says of a part.
        event_boundary: how the head names the line between parts.
        event_stalls_after: after so many parts nothing comes any more, and nothing closes.
        event_drops_after: after so many parts the connection ends.
        event_streams: so many at once.
        event_slot_s: for so long the slot of a client that went stays taken.
        event_ip_base: IP channels are called by their number plus this (32 on older hybrids).
        event_dyn_channel: whether `dynChannelID` is told too.
        event_protocol_type: whether the protocol's element is `protocolType` (DS-8632N-I8).
        empty_post_count: whether `activePostCount` is empty.
        event_declaration: whether each document begins with an XML declaration.
        event_json: whether events are told as JSON.
        notifies_center: whether events are linked to `center`; none is told otherwise.
        trigger_list: how it is told which events are watched for.
    """

    heartbeat_s: float | None = 10.0
    event_repeat_s: float | None = 1.0
    tells_event_end: bool = True
    repeats_as_duration: bool = False
    buffered_events: int = 0
    marks_buffered: bool = False
    event_pictures: bool = False
    event_part_length: PartLength = PartLength.EXACT
    event_boundary: Boundary = Boundary.PLAIN
    event_stalls_after: int | None = None
    event_drops_after: int | None = None
    event_streams: int = 4
    event_slot_s: float = 0.0
    event_ip_base: int = 0
    event_dyn_channel: bool = False
    event_protocol_type: bool = False
    empty_post_count: bool = False
    event_declaration: bool = False
    event_json: bool = False
    notifies_center: bool = True
    trigger_list: TriggerList = TriggerList.LIST
