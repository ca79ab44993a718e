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
_IDENTITY = f"{ISAPI}/System/deviceInfo"
# Web servers that boot answer 404 for a moment; where something was once, it is looked for again after so many.
_MISSES_IN_DOUBT = 2
# PSIA's own path of the search ends in a slash (section 10).
_SLASHED = frozenset({"/PSIA/ContentMgmt/search"})


class Trees:
    """Remembers in which tree a device keeps what."""

    def __init__(self, memory: DeviceMemory) -> None:
        """Initialize."""
        self._memory = memory
        self._found: dict[str, str] = {}
        self._absent: set[str] = set()
        # How often what has worked was missing since.
        self._missed: dict[str, int] = {}

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
        if self._missed.get(kind, _MISSES_IN_DOUBT) < _MISSES_IN_DOUBT - 1:
            self._missed[kind] += 1
            return
        tried = self._found.get(kind, self._usual)
        for tree in TREES:
            if tree != tried:
                yield tree, _placed(plain, tree) + (f"?{query}" if query else "")
        self._absent.add(kind)

    def keep(self, path: str, tree: str) -> None:
        """Note where a resource was found. Where the device says who it is, there is most of the rest."""
        plain = path.partition("?")[0]
        if plain == _IDENTITY and tree != self._usual:
            if self._has_worked:
                # Many have it in several trees, and the rest in one.
                return
            self._found.clear()
            self._absent.clear()
            self._memory.keep(TREE, tree)
        self._found[_kind(plain)] = tree
        self._absent.discard(_kind(plain))
        self._missed[_kind(plain)] = 0

    def note_worked(self, path: str) -> None:
        """Note that a resource is where it was asked for."""
        kind = _kind(path.partition("?")[0])
        self._absent.discard(kind)
        self._missed[kind] = 0

    @property
    def _has_worked(self) -> bool:
        """Whether the device has said who it is in the usual tree, now or before a restart, and not missed it twice."""
        misses = self._missed.get(_kind(_IDENTITY))
        if misses is not None:
            return misses < _MISSES_IN_DOUBT - 1
        return self._memory.firmware is not None and self._memory.text(TREE) is None

    @property
    def is_moved(self) -> bool:
        """Whether the usual tree is another than ISAPI's."""
        return self._usual != "isapi"

    @staticmethod
    def tells_identity(path: str) -> bool:
        """Whether a resource says who the device is, so that its tree is settled by it."""
        return path == _IDENTITY

    @property
    def is_old(self) -> bool:
        """Whether the device is of a time before ISAPI."""
        build = _BUILD.search(self._memory.firmware or "")
        return self.is_moved or (build is not None and 2000 + int(build[1]) <= _OLD_YEAR)

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
