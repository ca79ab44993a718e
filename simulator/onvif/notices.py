"""How an event is told, whether it is found or pushed (section 7 of the notes)."""

from collections.abc import Mapping
from dataclasses import dataclass

from .topics import DIALECT, PREFIX
from .xml import Document

type Items = tuple[tuple[str, str], ...]
"""Names with values."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One thing that is told.

    Attributes:
        topic: what kind, without a prefix.
        source: where.
        data: what.
    """

    topic: str
    source: Items
    data: Items


def notice(
    topic: str, at: str, *, operation: str, source: Mapping[str, str], data: Mapping[str, str]
) -> Document:
    """Give the message that tells of an event.

    Args:
        topic: what kind of event, without a prefix.
        at: the instant, as the device writes it.
        operation: `Initialized` for how things stand, `Changed` for what happened.
        source: where.
        data: what.
    """
    return {
        "wsnt:Topic": {"@Dialect": DIALECT, "#text": f"{PREFIX}{topic}"},
        "wsnt:Message": {
            "tt:Message": {
                "@UtcTime": at,
                "@PropertyOperation": operation,
                "Source": _items(source),
                "Data": _items(data),
            }
        },
    }


def _items(named: Mapping[str, str]) -> Document:
    return {"SimpleItem": [{"@Name": name, "@Value": value} for name, value in named.items()]}
