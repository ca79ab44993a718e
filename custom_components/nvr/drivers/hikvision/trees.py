"""Where a device keeps its resources: firmware up to 2013 has them outside of ``/ISAPI`` (section 1 of the notes)."""

from collections.abc import Iterator
import re

from .memory import TREE, DeviceMemory

ISAPI = "/ISAPI"
# By the name under which it is remembered.
TREES = {"isapi": ISAPI, "bare": "", "psia": "/PSIA"}
_OLD_YEAR = 2013
_BUILD = re.compile(r"build\s*(\d{2})\d{4}", re.IGNORECASE)
# What is asked once and essential is looked for in all trees; all else only on devices that are known to be old.
_ESSENTIAL = re.compile(
    r"/ISAPI/(?:System/deviceInfo|ContentMgmt/search|Streaming/channels/\d+/picture)$"
)
# PSIA's own path of the search ends in a slash (section 10).
_SLASHED = frozenset({"/PSIA/ContentMgmt/search"})


class Trees:
    """Remembers in which tree a device keeps what."""

    def __init__(self, memory: DeviceMemory) -> None:
        """Initialize."""
        self._memory = memory
        self._found: dict[str, str] = {}
        self._absent: set[str] = set()

    def path(self, path: str) -> str:
        """Return the path by which a resource is asked for first; paths are written as ISAPI has them."""
        plain, _, query = path.partition("?")
        tree = self._found.get(_kind(plain), self._usual)
        return _placed(plain, tree) + (f"?{query}" if query else "")

    def others(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the other trees, and the path there, in which a resource that is not found may be."""
        plain, _, query = path.partition("?")
        kind = _kind(plain)
        if not plain.startswith(ISAPI) or kind in self._absent:
            return
        if not (self.is_old or _ESSENTIAL.match(plain)):
            return
        tried = self._found.get(kind, self._usual)
        for tree in TREES:
            if tree != tried:
                yield tree, _placed(plain, tree) + (f"?{query}" if query else "")
        self._absent.add(kind)

    def keep(self, path: str, tree: str) -> None:
        """Note where a resource was found. Where the device says who it is, there is most of the rest."""
        plain = path.partition("?")[0]
        self._found[_kind(plain)] = tree
        self._absent.discard(_kind(plain))
        if plain.endswith("/System/deviceInfo"):
            self._memory.keep(TREE, tree)

    @property
    def is_old(self) -> bool:
        """Whether the device is of a time before ISAPI."""
        build = _BUILD.search(self._memory.firmware or "")
        return self._usual != "isapi" or (build is not None and 2000 + int(build[1]) <= _OLD_YEAR)

    @property
    def _usual(self) -> str:
        known = self._memory.text(TREE)
        return known if known in TREES else "isapi"


def _placed(path: str, tree: str) -> str:
    if not path.startswith(ISAPI):
        return path
    placed = TREES[tree] + path.removeprefix(ISAPI)
    return placed + "/" if placed in _SLASHED else placed


def _kind(path: str) -> str:
    return re.sub(r"\d+", "#", path)
