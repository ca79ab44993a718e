"""A device as it was recorded: folders of answers instead of a device that answers.

Files are named after what was asked, ``configManager.getConfig.ChannelTitle.partial.txt`` or
``rpc2.mediaFileFind.findNextFile.params.json``, and hold lines of CGI or JSON; what a name doesn't say is told by
what the file holds. Several may be answers to the same, or parts of one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
import re
from typing import override

from ..budget import Budget
from ..errors import DriverError, InvalidAnswerError, NotSupportedError
from ..models import Right
from ..recorded_files import files_in, split_head
from .faults import cgi_fault
from .question import Call, CgiRequest, Heard, Question
from .transport import Transport
from .tree import Tree, as_text, at, read_answer

SUFFIXES = frozenset({".txt", ".json", ".csv", ".cgi", ".log", ""})
SEARCH = ("mediafilefind", "findnextfile")
MAX_PARTS = 1000

# What stands before the name of a call in a file's name.
_FAMILIES = frozenset(
    {"rpc2", "rpc", "rpc3", "cgi", "api", "cgi-api", "cgi-bin", "dhip", "dhip5000"}
)
# By these a file's name is told to be that of a call.
_SERVICES = frozenset(
    {
        "accesscontrol",
        "alarm",
        "coaxialcontrolio",
        "configmanager",
        "devstorage",
        "devvideoinput",
        "encode",
        "eventmanager",
        "global",
        "intervideomanager",
        "log",
        "logicdevicemanager",
        "magicbox",
        "mediafilefind",
        "netapp",
        "ptz",
        "recordmanager",
        "smddatafinder",
        "snapmanager",
        "storage",
        "storagedevice",
        "storagedevicemanager",
        "usermanager",
        "videotalkphone",
        "workdirectory",
    }
)
_CONFIG: tuple[str, ...] = ("configmanager", "getconfig")
# What was sent, or came by itself: no answers.
_NO_ANSWERS = frozenset({"request", "attach"})
_EVENT = "event-data"

# Which answer it is, by a key that no other one has.
_BY_KEY = {
    "sn": ("magicbox", "getserialno"),
    "version": ("magicbox", "getsoftwareversion"),
    "class": ("magicbox", "getdeviceclass"),
    "type": ("magicbox", "getdevicetype"),
    "name": ("magicbox", "getmachinename"),
    "vendor": ("magicbox", "getvendor"),
    "deviceType": ("magicbox", "getsysteminfo"),
    "serialNumber": ("magicbox", "getsysteminfo"),
    "updateSerial": ("magicbox", "getsysteminfo"),
    "items": SEARCH,
    "infos": SEARCH,
    "states": ("logicdevicemanager", "getcamerastate"),
    "list": ("storagedevice", "getdeviceallinfo"),
}
# How names of calls begin.
_CALLED = re.compile(r"(?:[Gg]et|[Ff]ind|[Ll]ist|[Ff]actory)(?=[A-Z]|$)")
# Keys that no other call's answer has.
_OWN_KEYS = frozenset({"sn", "deviceType", "serialNumber", "updateSerial"})
# The same is called otherwise over RPC2.
_ALIASES = {
    ("storage", "getdeviceallinfo"): ("storagedevice", "getdeviceallinfo"),
    ("devvideoinput", "factory.getcollect"): ("devvideoinput", "getcollect"),
    ("magicbox", "getsysteminfonew"): ("magicbox", "getsysteminfo"),
}
# Answers that are told apart by what was asked for in them.
_NAMED = frozenset({_CONFIG, ("eventmanager", "geteventindexes")})

_DISCOVERED = b'"deviceInfo"'

type Key = tuple[str, ...]


@dataclass(slots=True)
class Recorded:
    """What was heard, by what was asked: module, action, and the name of a table."""

    heard: dict[Key, list[Tree]] = field(default_factory=dict)
    refused: dict[Key, DriverError] = field(default_factory=dict)
    found: list[Tree] = field(default_factory=list)
    """What devices told of themselves when they were looked for."""
    slots: list[Mapping[str, str]] = field(default_factory=list)
    """Measured channels: rows of a table made by hand."""
    count: int = 0

    def add(self, key: Key, tree: Tree) -> None:
        """Take an answer."""
        self.heard.setdefault(key, []).append(tree)
        self.count += 1

    def answer(self, key: Key) -> Tree:
        """Return all that was heard for a key, put together."""
        merged: Tree = None
        for tree in self.heard.get(key, []):
            merged = _merged(merged, tree)
        return merged

    def refusal(self, *key: str) -> DriverError | None:
        """Return a refusal of what begins with a key, None where none was recorded."""
        return next((error for one, error in self.refused.items() if one[: len(key)] == key), None)

    def searches(self) -> Iterator[Tree]:
        """Yield the pages of all searches."""
        yield from self.heard.get(SEARCH, [])


class RecordedTransport(Transport):
    """Answers the driver's questions out of a recording."""

    def __init__(self, recorded: Recorded) -> None:
        """Initialize."""
        self._recorded = recorded

    @override
    async def exchange(self, question: Question[object], budget: Budget | None = None) -> Heard:
        refusal: DriverError | None = None
        for name, form in question.forms.items():
            key = _key_of(form)
            tree = self._recorded.answer(key)
            if tree is not None:
                now = datetime.now(UTC)
                return Heard(tree=_inside(tree, form.inside), sent=now, received=now, form=name)
            refusal = refusal or self._recorded.refused.get(key)
        raise refusal or NotSupportedError(f"{question.what}: nothing recorded")


def read_folder(folder: Path) -> Recorded:
    """Read all answers in a folder. Files that are no recorded answers are ignored.

    Raises OSError where the folder can't be read.
    """
    recorded = Recorded()
    for file, content in files_in(folder, _is_wanted):
        status, body = split_head(content)
        if file.suffix.lower() == ".csv":
            _read_table(body, recorded)
        else:
            _read_message(file, status, body, recorded)
    return recorded


def _is_wanted(name: Path) -> bool:
    """Tell by its name whether a file may hold an answer; one in dots may have no ending."""
    return name.suffix.lower() in SUFFIXES or _key_in(_words(name)) is not None


def _read_message(file: Path, status: int, body: bytes, recorded: Recorded) -> None:
    words = _words(file)
    key = _key_in(words)
    if _is_no_answer(words):
        # It tells whose device it is all the same.
        recorded.count += key is not None or words[0].casefold() == _EVENT
        return
    fault = cgi_fault(status, body, ".".join(words[:2]), Right.SETTINGS)
    if fault is not None:
        if status == HTTPStatus.OK:
            # Only the words were recorded.
            fault.args = (str(fault).replace(f"HTTP {HTTPStatus.OK:d} ", ""),)
        if key is not None:
            recorded.refused.setdefault(key, fault)
            recorded.count += 1
        return
    if _DISCOVERED in body:
        # What stands before is the head of a datagram.
        body = body[max(body.find(b"{"), 0) :]
    try:
        tree = read_answer(body)
    except InvalidAnswerError:
        return
    if isinstance(at(tree, "params", "deviceInfo"), dict):
        recorded.found.append(tree)
        recorded.count += 1
        return
    if _read_calls(tree, recorded):
        return
    tree = _unwrapped(tree)
    if key is None:
        tree = _without_others(words, tree)
    is_json = body.lstrip()[:1] in (b"{", b"[")
    for found_key, part in _told(key, tree, is_json=is_json):
        recorded.add(found_key, part)


def _is_no_answer(words: list[str]) -> bool:
    """Whether a file's name says that it holds no answer."""
    folded = [word.casefold() for word in words]
    return bool(_NO_ANSWERS.intersection(folded)) or folded[:1] == [_EVENT]


def _words(file: Path) -> list[str]:
    """Return the words of a file's name, without what says how it was asked; some have ``_`` for the dot."""
    name = file.name.removesuffix(file.suffix) if file.suffix.lower() in SUFFIXES else file.name
    words = _split(r"[./?&=\s]+|__+|(?<=\.cgi)_", name)
    if _key_in(words) is None and _key_in(others := _split(r"[./?&=\s_]+", name)) is not None:
        return others
    return words


def _split(at: str, name: str) -> list[str]:
    words = [word for word in re.split(at, name) if word]
    while words and words[0].casefold() in _FAMILIES:
        words = words[1:]
    return words


def _key_in(words: list[str]) -> Key | None:
    """Return what a file's name says was asked, None where it says nothing of the kind."""
    service, *rest = (word.casefold() for word in words) if words else [""]
    if service not in _SERVICES or not rest:
        return None
    if rest[0] == "cgi" and len(rest) > 1:
        rest = rest[1:]
    if rest[0] == "action" and len(rest) > 1:
        rest = rest[1:]
    action = ".".join(rest[:2]) if rest[0] == "factory" else rest[0]
    key = _ALIASES.get((service, action), (service, action))
    if key not in _NAMED:
        return key
    names = [word for word in words[-len(rest) :][1:] if word.casefold() not in ("name", "code")]
    return (*key, re.sub(r"\W.*", "", names[0])) if names else None


def _key_of(form: CgiRequest | Call) -> Key:
    """Return by what an answer to a request is found."""
    if isinstance(form, CgiRequest):
        service, action = form.module.casefold(), form.action.casefold()
        asked: Mapping[str, object] = dict(form.args)
    else:
        service, _, action = form.method.casefold().partition(".")
        asked = form.params if isinstance(form.params, Mapping) else {}
    key = _ALIASES.get((service, action), (service, action))
    if key not in _NAMED:
        return key
    return (*key, str(asked.get("name") or asked.get("code")))


def _told(key: Key | None, tree: Tree, *, is_json: bool) -> Iterator[tuple[Key, Tree]]:
    """Yield what an answer says, by what was asked; tables say themselves which they are."""
    table = at(tree, "table")
    if isinstance(table, dict) and (key is None or key[:2] == _CONFIG):
        named = {name: rows for name, rows in table.items() if isinstance(name, str)}
        if is_json and key is not None and len(key) > 2 and key[2] not in named:
            # RPC2 says the table's name in the question alone.
            yield key, {key[2]: table}
            return
        for name, rows in named.items():
            yield (*_CONFIG, name), {name: rows}
        return
    if isinstance(table, list) and key is not None and len(key) > 2:
        yield key, {key[2]: table}
        return
    if key is None and isinstance(tree, dict):
        key = next((known for name, known in _BY_KEY.items() if name in tree), None)
    if isinstance(inner := at(tree, "list"), dict | list):
        tree = inner
    if key is not None and key[:2] != _CONFIG and tree not in ({}, None):
        yield key, tree


def _without_others(words: list[str], tree: Tree) -> Tree:
    """Return what is told by what it holds: many calls answer a ``version`` or a ``name``, and a file may name one."""
    called = {word.casefold() for word in words if _CALLED.match(word)}
    if not called or not isinstance(tree, dict):
        return tree
    return {
        name: value
        for name, value in tree.items()
        if name not in _BY_KEY or name in _OWN_KEYS or _BY_KEY[name][1] in called
    }


def _inside(tree: Tree, path: tuple[str, ...]) -> Tree:
    """Return what a request looks for: tables are kept by their names, whichever way they were asked."""
    if path[:1] == ("table",):
        return next(iter(tree.values()), None) if isinstance(tree, dict) else None
    inner = at(tree, *path)
    return tree if inner is None else inner


def _unwrapped(tree: Tree) -> Tree:
    """Return what an answer of RPC2 holds."""
    if isinstance(tree, dict) and "params" in tree and {"result", "id"} & tree.keys():
        params, result = tree["params"], tree.get("result")
        if params is None:
            # Some put all there is into the result.
            return result if isinstance(result, dict | list) else {"result": result}
        return params
    return tree


def _read_calls(tree: Tree, recorded: Recorded) -> bool:
    """Take a file of many answers by the names of their calls; tells whether it is one."""
    if not isinstance(tree, dict):
        return False
    calls = [
        (name, value)
        for name, value in tree.items()
        if isinstance(name, str) and re.fullmatch(r"\w+\.[\w.]+(?:\(.*\))?", name)
    ]
    if not calls or len(calls) != len(tree):
        return False
    for name, value in calls[:MAX_PARTS]:
        key = _key_in(name.partition("(")[0].split("."))
        if key is not None and value is not None:
            wrapped: Tree = value if isinstance(value, dict | list) else {"value": value}
            recorded.add(key, _unwrapped(wrapped))
    return True


def _read_table(body: bytes, recorded: Recorded) -> None:
    """Take a table of measured channels."""
    lines = as_text(body).splitlines()[:MAX_PARTS]
    heads = [head.strip().casefold() for head in lines[0].split(",")] if lines else []
    if "index" not in heads:
        return
    for line in lines[1:]:
        row = dict(zip(heads, (cell.strip() for cell in line.split(",")), strict=False))
        index = row.get("index", "")
        if re.fullmatch(r"\d{1,3}", index, re.ASCII):
            recorded.slots.append(row)
    recorded.count += 1


def _merged(one: Tree, other: Tree) -> Tree:
    """Return two parts of an answer as one; what the first says stands."""
    if one is None:
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        both = dict(one)
        for key, value in other.items():
            both[key] = _merged(both[key], value) if key in both else value
        return both
    return one
