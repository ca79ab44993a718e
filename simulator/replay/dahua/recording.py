"""The answers of a recorded Dahua device: texts of CGI, answers of RPC2, events, and what searches found."""

from dataclasses import dataclass, field
from http import HTTPStatus
import re
from typing import Final

from simulator.dahua.grammar import Json

from .search import Page

_TABLE: Final = "table."
_KEY_ENDS: Final = re.compile(r"[.\[=]")
_CONFIG: Final = ("configManager", "getConfig")
_SYSTEM_INFO: Final = ("magicBox", "getSystemInfo")
# What getSystemInfo tells has an action of its own, with a key of its own.
_TOLD_TWICE: Final = {
    ("magicBox", "getSerialNo"): ("serialNumber", "sn"),
    ("magicBox", "getDeviceType"): ("deviceType", "type"),
}
_PARAMETER: Final = re.compile(r"param in name=(\S+)")


@dataclass(frozen=True, slots=True)
class Text:
    """One answer of CGI.

    Attributes:
        lines: without their ends.
        status: of HTTP.
        about: what was asked for, such as the name of a table; the file's name says it.
    """

    lines: tuple[str, ...]
    status: HTTPStatus = HTTPStatus.OK
    about: tuple[str, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether the device said no, whatever the status."""
        return (
            self.status != HTTPStatus.OK
            or self.lines[:1] == ("Error",)
            or any(line.startswith("Error") for line in self.lines[:1])
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of RPC2.

    Attributes:
        params: of it.
        result: of it.
        about: what was asked for, such as the name of a table.
        error: the code of one; None for none.
    """

    params: Json
    result: bool | int | str = True
    about: tuple[str, ...] = ()
    error: int | None = None


@dataclass(slots=True)
class Recording:
    """What was recorded of a device.

    Attributes:
        name: what it is called.
        texts: answers of CGI, by module and action.
        replies: answers of RPC2, by method.
        bare: answers of CGI's JSON, by method.
        parts: of its event stream.
        pages: what searches by CGI found.
        lists: what searches by RPC2 found.
    """

    name: str
    texts: dict[tuple[str, str], list[Text]] = field(default_factory=dict)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    bare: dict[str, list[Reply]] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    lists: list[Page] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the answers."""
        found = len(self.parts) + len(self.pages) + len(self.lists)
        texts = sum(map(len, self.texts.values()))
        return (
            found
            + texts
            + sum(len(each) for known in (self.replies, self.bare) for each in known.values())
        )

    @property
    def speaks_rpc(self) -> bool:
        """Whether anything was asked of it by RPC2."""
        return bool(self.replies or self.lists)

    def speaks_of(self, service: str) -> bool:
        """Say whether any method of a service was asked for by RPC2."""
        return any(method.startswith(f"{service}.") for method in self.replies)

    def text(self, module: str, action: str, query: dict[str, str]) -> Text | None:
        """Give the answer of an action, None where the device was never asked."""
        known = self.texts.get((module, action), [])
        if (module, action) == _CONFIG:
            return _table(known, query.get("name", ""))
        asked = {value.casefold() for value in query.values()}
        found = [each for each in known if {word.casefold() for word in each.about} <= asked]
        if found:
            return min(found, key=lambda each: each.refuses)
        return self._told_twice(module, action)

    def refusal(self, module: str, action: str) -> Text | None:
        """Give how the device once refused an action, None where it never did."""
        known = self.texts.get((module, action), [])
        return next((text for text in known if text.refuses), None)

    def reply(self, method: str, params: dict[str, Json]) -> Reply | None:
        """Give the answer of a method, None where the device was never asked."""
        asked = {str(value).casefold() for value in params.values()}
        for reply in self.replies.get(method, []):
            if {word.casefold() for word in reply.about} <= asked:
                return reply
        return None

    def _told_twice(self, module: str, action: str) -> Text | None:
        """Give out of getSystemInfo what it tells as well."""
        names = _TOLD_TWICE.get((module, action))
        if names is None:
            return None
        for text in self.texts.get(_SYSTEM_INFO, []):
            for line in text.lines:
                key, _, value = line.partition("=")
                if key == names[0]:
                    return Text((f"{names[1]}={value}",))
        return None


def _table(known: list[Text], name: str) -> Text | None:
    """Give a table of settings, or the part of it that a name with a key behind it stands for."""
    table = _KEY_ENDS.split(name, maxsplit=1)[0]
    for text in known:
        said = _PARAMETER.search(text.lines[0]) if text.lines else None
        if said is not None and said[1] == name:
            return text
    wanted = f"{_TABLE}{name}"
    for text in known:
        if not text.refuses and text.about[:1] == (table,):
            lines = tuple(
                line
                for line in text.lines
                if line.startswith(wanted) and _KEY_ENDS.match(line[len(wanted) :])
            )
            if lines:
                return Text(lines)
    return None
