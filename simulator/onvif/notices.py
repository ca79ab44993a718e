"""How an event is told, whether it is found or pushed (section 7 of the notes)."""

from collections.abc import Mapping

from .topics import DIALECT, PREFIX
from .xml import Document


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
