"""A device as it was recorded: folders of answers instead of a device that answers.

Two forms are read: ``isapi-responses.json`` with XML turned into dictionaries, and raw messages in files that are
named after their path, with ``_`` or ``.`` for the slash and a remark behind ``__``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
import json
from pathlib import Path
import re
from typing import override
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import Answer
from ..driver import JsonValue
from ..errors import InvalidAnswerError, NotSupportedError
from ..recorded_files import files_in, split_head
from .faults import fault_of
from .transport import Request, Transport

SUFFIXES = frozenset({".xml", ".json", ".txt", ""})
SEARCH = "contentmgmt/search"

# By these words a file name is told to be a path.
_TREES = frozenset(
    {"contentmgmt", "event", "image", "ptzctrl", "security", "smart", "streaming", "system"}
)
# What a message is, where its file's name doesn't say.
_ROOTS = {
    "deviceinfo": "system/deviceinfo",
    "devicestatus": "system/status",
    "time": "system/time",
    "inputproxychannellist": "contentmgmt/inputproxy/channels",
    "inputproxychannelstatuslist": "contentmgmt/inputproxy/channels/status",
    "videoinputchannellist": "system/video/inputs/channels",
    "streamingchannellist": "streaming/channels",
    "storage": "contentmgmt/storage",
    "hddlist": "contentmgmt/storage/hdd",
    "adminaccessprotocollist": "security/adminaccesses",
    "cmsearchresult": SEARCH,
}
# The same for single items, which hold their number.
_ITEM_ROOTS = {
    "inputproxychannel": "contentmgmt/inputproxy/channels/{}",
    "inputproxychannelstatus": "contentmgmt/inputproxy/channels/{}/status",
    "videoinputchannel": "system/video/inputs/channels/{}",
    "streamingchannel": "streaming/channels/{}",
    "hdd": "contentmgmt/storage/hdd/{}",
    "nas": "contentmgmt/storage/nas/{}",
}
_EVENT = "eventnotificationalert"
# Lists that can be put together from answers for single items.
_LISTS = {
    "contentmgmt/inputproxy/channels": (
        "InputProxyChannelList",
        r"contentmgmt/inputproxy/channels/\d+",
    ),
    "contentmgmt/inputproxy/channels/status": (
        "InputProxyChannelStatusList",
        r"contentmgmt/inputproxy/channels/\d+/status",
    ),
    "system/video/inputs/channels": (
        "VideoInputChannelList",
        r"system/video/inputs/channels/\d+",
    ),
    "contentmgmt/storage": ("storage", r"contentmgmt/storage/(?:hdd|nas)(?:/\d+)?"),
    "contentmgmt/streamingproxy/channels": (
        "StreamingChannelList",
        r"contentmgmt/streamingproxy/channels/\d+",
    ),
    "system/workingstatus": ("WorkingStatus", r"system/workingstatus/chanstatus(?:/\d+)?"),
    "security/adminaccesses": ("AdminAccessProtocolList", r"security/adminaccesses/\d+"),
    "system/time": ("Time", r"system/time/(?:localtime|timezone)"),
}
# Streams are put together elsewhere: where they are listed, the list is the truth; where they are not, a single
# answer may be an echo of another stream.
_SINGLE_STREAM = re.compile(r"streaming/channels/(\d{1,6})")


@dataclass(slots=True)
class Recorded:
    """Answers by path; a path may have been asked several times (searches are)."""

    answers: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    events: int = 0
    """How many messages there are that the device sent by itself."""

    def add(self, path: str, status: int, body: bytes) -> None:
        """Take an answer."""
        self.answers.setdefault(_normal(path), []).append((status, body))

    def get(self, path: str) -> tuple[int, bytes] | None:
        """Return the best answer for a path: one that is no refusal, else any."""
        entries = self.answers.get(_normal(path), [])
        return min(entries, key=lambda entry: (is_refusal(entry), entry[0]), default=None)

    @property
    def count(self) -> int:
        """How many messages of such a device there are."""
        return sum(map(len, self.answers.values())) + self.events

    def stream_numbers(self) -> list[int]:
        """Return the ids of all streams that were asked for one by one."""
        found = map(_SINGLE_STREAM.fullmatch, self.answers)
        return sorted({int(match[1]) for match in found if match is not None})

    def searches(self) -> Iterator[bytes]:
        """Yield all answers to searches."""
        for status, body in self.answers.get(SEARCH, []):
            if status == HTTPStatus.OK:
                yield body


class RecordedTransport(Transport):
    """Answers the driver's requests out of a recording."""

    def __init__(self, recorded: Recorded) -> None:
        """Initialize."""
        self._recorded = recorded

    @override
    async def exchange(self, request: Request[object]) -> Answer:
        path = request.path.partition("?")[0]
        found = self._recorded.get(path)
        if found is None or is_refusal(found):
            found = self._assembled(_normal(path)) or found
        if found is None:
            raise NotSupportedError(f"{path}: nothing recorded")
        now = datetime.now(UTC)
        return Answer(
            status=found[0], content_type="", body=found[1], requests=1, sent=now, received=now
        )

    def _assembled(self, path: str) -> tuple[int, bytes] | None:
        """Return a list made of its single items, None where none is recorded."""
        if path not in _LISTS:
            return None
        name, pattern = _LISTS[path]
        parts: list[Element] = []
        for key in sorted(self._recorded.answers, key=_by_number):
            if not re.fullmatch(pattern, key):
                continue
            answer = self._recorded.get(key)
            if answer is None or is_refusal(answer):
                continue
            if (part := _part(key, answer[1])) is not None:
                parts.append(part)
        if not parts:
            return None
        root = Element(name)
        root.extend(parts)
        return HTTPStatus.OK, xml.to_bytes(root)


def read_folder(folder: Path) -> Recorded:
    """Read all answers in a folder. Files that are no recorded answers are ignored.

    Raises OSError where the folder can't be read.
    """
    recorded = Recorded()
    for file, content in files_in(folder, _is_wanted):
        if file.suffix.lower() != ".json" or not _read_json(content, recorded):
            _read_message(file, content, recorded)
    return recorded


def is_refusal(answer: tuple[int, bytes]) -> bool:
    """Whether an answer says no, whatever its status."""
    status, body = answer
    return status != HTTPStatus.OK or fault_of(status, body) is not None


def _is_wanted(name: Path) -> bool:
    """Tell by its name whether a file may hold an answer."""
    return name.suffix.lower() in SUFFIXES or _path_of(name) is not None


def _read_json(content: bytes, recorded: Recorded) -> bool:
    """Take a file of many answers; tells whether it is one. A single answer may be JSON as well."""
    try:
        entries = list(_entries(json.loads(content)))
    except ValueError, RecursionError:
        return True
    for path, entry in entries:
        status = entry.get("status_code")
        if isinstance(status, bool) or not isinstance(status, int):
            status = None
        response = entry.get("response")
        if isinstance(response, Mapping) and response:
            name, value = next(iter(response.items())) if len(response) == 1 else ("json", response)
            try:
                body = xml.to_bytes(xml.from_json(name, value))
            except InvalidAnswerError, ValueError:
                continue
            recorded.add(path, HTTPStatus.OK if status is None else status, body)
        elif isinstance(response, str):
            recorded.add(path, HTTPStatus.OK if status is None else status, response.encode())
        elif status is not None:
            recorded.add(path, status, b"")
        elif "error" in entry:
            recorded.add(path, HTTPStatus.INTERNAL_SERVER_ERROR, b"")
    return bool(entries)


def _entries(data: JsonValue) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """Yield path and entry of a recording; anything else holds none."""
    if not isinstance(data, Mapping):
        return
    inner = data.get("data", data)
    tree = inner.get("ISAPI", inner) if isinstance(inner, Mapping) else None
    if not isinstance(tree, Mapping):
        return
    for path, entry in tree.items():
        if isinstance(entry, Mapping) and entry.keys() & {"response", "status_code", "error"}:
            yield path, entry


def _read_message(file: Path, content: bytes, recorded: Recorded) -> None:
    status, content = split_head(content)
    path = _path_of(file)
    if path is None:
        try:
            root = xml.parse(content)
        except InvalidAnswerError:
            return
        path = _path_in(root)
        recorded.events += xml.local(root).casefold() == _EVENT
    if path is not None:
        recorded.add(path, status, content)


def _path_of(file: Path) -> str | None:
    """Return the path that a file's name, with its folders, stands for."""
    *folders, name = file.parts
    # A name in dots may have no ending, and the last of its words then looks like one.
    stem = name.removesuffix(file.suffix) if file.suffix.lower() in SUFFIXES else name
    for part in stem.split("__"):
        words = [word for word in re.split(r"[./]|_" if "." not in part else r"\.", part) if word]
        words = [*folders, *words]
        for at, word in enumerate(words):
            if word.casefold() in _TREES:
                return "/".join(words[at:])
    return None


def _path_in(root: Element) -> str | None:
    """Return the path that answers of this kind come from."""
    name = xml.local(root).casefold()
    number = xml.integer(root, "id")
    if name in _ITEM_ROOTS and number is not None:
        return _ITEM_ROOTS[name].format(number)
    return _ROOTS.get(name)


def _part(key: str, body: bytes) -> Element | None:
    """Return a single item as an element of the list."""
    if key.startswith("system/time/"):
        # The plain text of one field.
        part = Element("localTime" if key.endswith("localtime") else "timeZone")
        part.text = body.decode(errors="replace").strip()
        return part
    try:
        return xml.parse(body)
    except InvalidAnswerError:
        return None


def _normal(path: str) -> str:
    path = path.partition("?")[0].strip("/ ").casefold()
    return path.removeprefix("get ").lstrip("/").removeprefix("isapi/")


def _by_number(key: str) -> tuple[str, int]:
    numbers = re.findall(r"\d+", key)
    return re.sub(r"\d+", "", key), int(numbers[-1][:9]) if numbers else 0
