"""The answers of a recorded device, by their paths."""

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
import re
from typing import Final
from xml.etree.ElementTree import Element

from .document import items, local, read, text_of, wrapped, write

XML_TYPE: Final = 'application/xml; charset="UTF-8"'
JSON_TYPE: Final = "application/json"
SEARCH: Final = "contentmgmt/search"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded answer; a refusal may have no body."""

    status: int
    body: bytes = b""
    content_type: str = XML_TYPE

    @property
    def refuses(self) -> bool:
        """Whether the device said no."""
        return self.status != HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class _List:
    """A list that can be asked for as a whole and item by item."""

    path: str
    root: str
    item: str
    item_path: str

    def pattern(self) -> re.Pattern[str]:
        """Give what the paths of its items look like."""
        return re.compile(self.item_path.format(r"(\d+)"))


_INPUTS = "system/video/inputs/channels"
_PROXIES = "contentmgmt/inputproxy/channels"
_PROXY_STREAMS = "contentmgmt/streamingproxy/channels"
_STORAGE = "contentmgmt/storage"
_STREAMS = "streaming/channels"
_TIME, _TIME_FIELDS = "system/time", ("localTime", "timeZone")
_ACCESSES = "security/adminaccesses"
_LISTS = (
    _List(_PROXIES, "InputProxyChannelList", "InputProxyChannel", _PROXIES + "/{}"),
    _List(
        f"{_PROXIES}/status",
        "InputProxyChannelStatusList",
        "InputProxyChannelStatus",
        _PROXIES + "/{}/status",
    ),
    _List(_INPUTS, "VideoInputChannelList", "VideoInputChannel", _INPUTS + "/{}"),
    _List(_PROXY_STREAMS, "StreamingChannelList", "StreamingChannel", _PROXY_STREAMS + "/{}"),
    _List(f"{_STORAGE}/hdd", "hddList", "hdd", _STORAGE + "/hdd/{}"),
    _List(f"{_STORAGE}/nas", "nasList", "nas", _STORAGE + "/nas/{}"),
    _List(_ACCESSES, "AdminAccessProtocolList", "AdminAccessProtocol", _ACCESSES + "/{}"),
)
# Streams were asked for one by one by clients that wanted to know which there are: their list is what
# the device said it is, and not put together. The other way is safe.
_TAKEN_OUT = (
    *_LISTS,
    _List(_STREAMS, "StreamingChannelList", "StreamingChannel", _STREAMS + "/{}"),
)


@dataclass(slots=True)
class Recording:
    """What was recorded of a device.

    Attributes:
        name: what it is called.
        events: messages that it sent by itself.
        stream: an excerpt of its event stream, as it came.
    """

    name: str
    events: list[bytes] = field(default_factory=list)
    stream: bytes = b""
    _answers: dict[str, list[tuple[str, Answer]]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the answers."""
        return sum(map(len, self._answers.values()))

    def add(self, path: str, answer: Answer) -> None:
        """Take an answer to a path, which may have a query."""
        path, _, query = path.partition("?")
        self._answers.setdefault(key_of(path), []).append((query, answer))

    def answer(self, path: str, query: str = "") -> Answer | None:
        """Give the answer to a path, None where the device was never asked.

        A path may have been asked several times: the same query counts first, then what is no refusal.
        Lists and their items stand in for each other.
        """
        key = key_of(path)
        found = self._recorded(key, query)
        if found is None or found.refuses:
            return self._put_together(key) or found or self._taken_out(key)
        return found

    def answers(self, path: str) -> list[Answer]:
        """Give all answers to a path."""
        return [answer for _, answer in self._answers.get(key_of(path), [])]

    @property
    def absent(self) -> int:
        """The status by which the device says most often that it doesn't have something."""
        told = Counter(
            answer.status
            for answers in self._answers.values()
            for _, answer in answers
            if answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
        )
        return max(told, key=told.__getitem__, default=HTTPStatus.FORBIDDEN)

    def _recorded(self, key: str, query: str = "") -> Answer | None:
        answers = self._answers.get(key, [])
        best = min(answers, key=lambda each: (each[0] != query, each[1].refuses), default=None)
        return None if best is None else best[1]

    def _put_together(self, key: str) -> Answer | None:
        """Give a list made of its items, where those were asked for."""
        if key == _STORAGE:
            return self._storage()
        if key == _TIME:
            return self._time()
        for each in _LISTS:
            if each.path == key and (parts := self._items(each)):
                return Answer(HTTPStatus.OK, wrapped(each.root, parts))
        return None

    def _time(self) -> Answer | None:
        """Give the time made of its fields, each of which is a text of its own."""
        fields = {name: self._recorded(f"{_TIME}/{name.lower()}") for name in _TIME_FIELDS}
        known = "".join(
            f"<{name}>{answer.body.decode(errors='replace').strip()}</{name}>"
            for name, answer in fields.items()
            if answer is not None and not answer.refuses
        )
        return Answer(HTTPStatus.OK, f"<Time>{known}</Time>".encode()) if known else None

    def _storage(self) -> Answer | None:
        lists = [self.answer(f"{_STORAGE}/{kind}") for kind in ("hdd", "nas")]
        roots = [read(each.body) for each in lists if each is not None and not each.refuses]
        parts = [root for root in roots if root is not None]
        return Answer(HTTPStatus.OK, wrapped("storage", parts)) if parts else None

    def _items(self, each: _List) -> list[Element]:
        found = []
        for key in sorted(self._answers, key=_by_number):
            answer = self._recorded(key)
            if answer is None or answer.refuses or not each.pattern().fullmatch(key):
                continue
            root = read(answer.body)
            if root is not None and local(root) == each.item:
                found.append(root)
        return found

    def _taken_out(self, key: str) -> Answer | None:
        """Give an item out of its list, where that was asked for."""
        for each in _TAKEN_OUT:
            asked = each.pattern().fullmatch(key)
            answer = self._recorded(each.path) if asked else None
            root = read(answer.body) if answer is not None else None
            if asked is None or root is None:
                continue
            for item in items(root, each.item):
                if text_of(item, "id") == asked[1]:
                    return Answer(HTTPStatus.OK, write(item))
        return None


def key_of(path: str) -> str:
    """Give a path as all its spellings have it in common."""
    return path.strip("/ ").casefold().removeprefix("isapi/")


def _by_number(key: str) -> tuple[str, list[int]]:
    return _NUMBER.sub("", key), [int(number) for number in _NUMBER.findall(key)]
