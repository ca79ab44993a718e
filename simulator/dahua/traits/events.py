"""How firmwares differ in telling of events (section 11 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum

from .answers import LineEnd


class PartLength(StrEnum):
    """What the Content-Length of a part of the event stream says."""

    EXACT = "exact"
    WRONG = "wrong"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class EventTraits:
    """What is told of events, and how.

    Attributes:
        event_streams: so many at once; others are refused as if they had no session.
        event_code_lists: whether a client may name the codes that it wants; else it gets all or nothing.
        event_heartbeat: whether there are signs of life, as often as the client asks for.
        event_part_length: what a part's Content-Length says.
        event_line_end: what ends the lines around a part.
        event_extra_headers: whether parts have headers besides.
        event_chunk: so many bytes are sent at once; None for whole parts.
        event_data: whether it is told what is known of an event besides its code.
        event_extra_field: whether there is a field between index and data that nobody knows.
        event_broken_json: whether what is known besides is written badly, now and then.
        event_status_inside: whether the head of an HTTP answer comes in between, before every second part.
        event_index_base: the index of the first channel.
        event_noise: whether codes come that concern nobody.
        event_stalls_after: after so many parts it says nothing more and stays open; None for never.
        event_drops_after: after so many parts the connection ends; None for never.
        event_push: whether a session of RPC2 can have them pushed.
    """

    event_streams: int = 10
    event_code_lists: bool = True
    event_heartbeat: bool = True
    event_part_length: PartLength = PartLength.EXACT
    event_line_end: LineEnd = LineEnd.CRLF
    event_extra_headers: bool = False
    event_chunk: int | None = None
    event_data: bool = True
    event_extra_field: bool = False
    event_broken_json: bool = False
    event_status_inside: bool = False
    event_index_base: int = 0
    event_noise: bool = False
    event_stalls_after: int | None = None
    event_drops_after: int | None = None
    event_push: bool = True
