"""Searching in the way that a device takes, on the channel that is meant (sections 6 and 8 of the notes)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
import logging

from ..errors import DeviceBusyError, DeviceFaultError, DriverError, NotSupportedError
from ..memory import DeviceMemory
from ..models import StreamName
from .faults import ObjectLostError, RefusedRequestError
from .finder import Condition, Finder
from .items import Item
from .memory import SEARCH_BASE, SEARCHED_BY
from .objects import DeviceObjects
from .pace import AT_ONCE, Pace
from .paging import Found, Pages

_LOGGER = logging.getLogger(__name__)

BASES = (1, 0)
# More than one, to see in which order they come, and as some make no sense.
FEW = 10
ENOUGH_FOR_ORDER = 2

type Ask = Callable[[Finder, Condition], Awaitable[Found]]


class Asking:
    """Asks for files, by the family of requests and by the number of the channel that this device takes."""

    def __init__(
        self,
        finders: Callable[[], tuple[Finder, ...]],
        memory: DeviceMemory,
        alone: Callable[[], bool],
    ) -> None:
        """Initialize; ``finders`` returns the families, the better one first.

        ``alone`` tells whether the device has a single channel, which can't be taken for another.
        """
        self._finders = finders
        self._memory = memory
        self._alone = alone
        self.objects = DeviceObjects()
        self._pages = Pages(self.objects, memory)

    async def all(self, wanted: Condition, growing: datetime, pace: Pace = AT_ONCE) -> list[Item]:
        """Return all files that a condition asks for, its channel counted from 0.

        Raises DriverError; DeviceBusyError where the device has no search left.
        """
        found = await self._ask(
            self._families(),
            wanted,
            _confirmed(lambda finder, condition: self._pages.all(finder, condition, growing, pace)),
        )
        return list(found.items)

    async def sparsely(self, wanted: Condition) -> Found:
        """Return files that a condition asks for, up to a day of very many."""
        return await self._ask(self._families(), wanted, _confirmed(self._pages.sparsely))

    async def first(self, wanted: Condition, pace: Pace = AT_ONCE) -> Item | None:
        """Return the first file that a condition asks for, None where there is none."""
        found = await self._ask(
            self._families(),
            wanted,
            lambda finder, condition: self._pages.first(finder, condition, FEW, pace),
        )
        return min(found.items, key=lambda item: item.start, default=None)

    async def last(self, wanted: Condition, pace: Pace = AT_ONCE) -> Item | None:
        """Return the last file, None where there is none. Raises NotSupportedError where that can't be asked for."""
        found = await self._ask(
            self._sorting(),
            replace(wanted, newest_first=True),
            lambda finder, condition: self._pages.first(
                finder, condition, FEW, pace, enough=ENOUGH_FOR_ORDER
            ),
        )
        items = found.items
        if len(items) > 1 and items[0].start < items[-1].start:
            raise NotSupportedError("the recorder sorts as it likes")
        return max(items, key=lambda item: item.end, default=None)

    @property
    def sorts(self) -> bool:
        """Whether the last file can be asked for."""
        return bool(self._sorting())

    def _sorting(self) -> list[Finder]:
        """Return the families of which the last file can be asked, if it is they that are used."""
        return [finder for finder in self._families()[:1] if finder.sorts]

    async def _ask(self, finders: list[Finder], wanted: Condition, ask: Ask) -> Found:
        """Ask by the families in turn, until one takes it."""
        known = self._memory.text(SEARCHED_BY)
        error: DriverError | None = None
        refused = False
        for finder in finders:
            try:
                found = await self._on_channel(finder, wanted, _once_more(ask))
            except (NotSupportedError, DeviceFaultError) as err:
                # No object was made: this family is not served, or all of its objects are in use.
                _LOGGER.debug("No search over %s: %s", finder.name, err)
                error = error or err
                continue
            if found.taken and known is None and (error is None or _is_final(error)):
                self._memory.keep(SEARCHED_BY, finder.name)
            if found.taken or finder.name == known:
                return _of_stream(found, wanted.stream)
            refused = True
        if refused:
            # How some devices say that there is nothing.
            return Found(taken=False)
        if error is not None and known is not None:
            raise DeviceBusyError("the recorder begins no search at present") from error
        raise error or NotSupportedError("the recorder offers no such search")

    def _families(self) -> list[Finder]:
        """Return the families, the one that was taken before first."""
        known = self._memory.text(SEARCHED_BY)
        return sorted(self._finders(), key=lambda finder: finder.name != known)

    async def _on_channel(self, finder: Finder, wanted: Condition, ask: Ask) -> Found:
        """Ask by the number under which this device knows the channel; learn it by what is answered.

        Only what an answer says of itself decides, never that there is none: a wrong number brings the neighbour.
        """
        index = wanted.channel
        known = self._known_base(finder)
        base = finder.base if known is None else known
        found = await ask(finder, replace(wanted, channel=index + base))
        if known is not None:
            return found if self._alone() else _labelled(found, index)
        if index in _labels(found):
            self._keep_base(finder, finder.base)
            return _labelled(found, index)
        other_base = next(base for base in BASES if base != finder.base)
        other = await ask(finder, replace(wanted, channel=index + other_base))
        if index in _labels(other):
            self._keep_base(finder, other_base)
            return _labelled(other, index)
        if self._alone() and (found.items or other.items):
            # There is no neighbour to take it for.
            self._keep_base(finder, finder.base if found.items else other_base)
            return found if found.items else other
        if not found.items and index + other_base - finder.base in _labels(other):
            # The neighbour's: the usual number was right, and there is nothing.
            self._keep_base(finder, finder.base)
            return replace(found, taken=True)
        if found.items and not _labels(found):
            # Nothing to go by.
            return found
        return Found(taken=found.taken or other.taken)

    def _known_base(self, finder: Finder) -> int | None:
        kept = self._memory.text(SEARCH_BASE.format(finder.name))
        return next((base for base in BASES if str(base) == kept), None)

    def _keep_base(self, finder: Finder, base: int) -> None:
        self._memory.keep(SEARCH_BASE.format(finder.name), str(base))


def _once_more(ask: Ask) -> Ask:
    """Return what asks again where the device lost the search on the way: its session came to an end."""

    async def asked(finder: Finder, condition: Condition) -> Found:
        try:
            return await ask(finder, condition)
        except ObjectLostError:
            return await ask(finder, condition)

    return asked


def _confirmed(ask: Ask) -> Ask:
    """Return what asks again where the device refuses, which may only mean that there is nothing.

    It refuses a number, too, that was cut or garbled on its way.
    """

    async def asked(finder: Finder, condition: Condition) -> Found:
        found = await ask(finder, condition)
        return found if found.taken else await ask(finder, condition)

    return asked


def _is_final(error: DriverError) -> bool:
    """Tell whether an error is the device's word on what it serves; a session may be wanting for a moment."""
    return isinstance(error, RefusedRequestError)


def _labels(found: Found) -> set[int]:
    """Return of which channels an answer says that it is."""
    return {item.channel for item in found.items if item.channel is not None}


def _labelled(found: Found, index: int) -> Found:
    """Return what is said to be of a channel, or of none: some devices don't heed which one was asked for."""
    items = tuple(item for item in found.items if item.channel in (index, None))
    return replace(found, items=items)


def _of_stream(found: Found, stream: StreamName) -> Found:
    items = tuple(item for item in found.items if item.stream is stream)
    return replace(found, items=items)
