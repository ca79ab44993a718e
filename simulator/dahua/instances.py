"""Instances of RPC2's services, and what those found that have none: calls name both by a number."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from .errors import Code, RpcRefusal
from .grammar import Json

_KEPT: Final = 512
_LISTS_KEPT: Final = 64
_FIRST: Final = 2_499_970_352


@dataclass(frozen=True)
class Instance:
    """One instance of a service, and what it was made for."""

    service: str
    name: str = ""


class Lists:
    """What was found by services that give a token for it; the oldest go when there are too many."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: OrderedDict[tuple[str, int], list[Json]] = OrderedDict()
        self._next = 1

    def keep(self, service: str, rows: list[Json]) -> int:
        """Keep what a service found, and give the token for it."""
        token, self._next = self._next, self._next + 1
        self._kept[service, token] = rows
        while len(self._kept) > _LISTS_KEPT:
            self._kept.popitem(last=False)
        return token

    def find(self, service: str, token: int) -> list[Json] | None:
        """Give what a service found, None if the token is none of its."""
        return self._kept.get((service, token))

    def drop(self, service: str, token: int) -> bool:
        """Forget what a service found, and say whether it was known."""
        return self._kept.pop((service, token), None) is not None

    def clear(self) -> None:
        """Forget all, as a reboot does."""
        self._kept.clear()


class Instances:
    """Those that were made; the oldest go when there are too many."""

    def __init__(self) -> None:
        """Start with none."""
        self._made: OrderedDict[int, Instance] = OrderedDict()
        self._next = _FIRST

    def make(self, service: str, name: str = "") -> int:
        """Make one, and give its number."""
        number, self._next = self._next, self._next + 8
        self._made[number] = Instance(service, name)
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return number

    def find(self, service: str, number: int | None) -> Instance:
        """Give an instance of a service.

        Raises:
            RpcRefusal: there is none of that number.
        """
        instance = None if number is None else self._made.get(number)
        if instance is None or instance.service != service:
            raise RpcRefusal(Code.NO_OBJECT)
        return instance

    def destroy(self, service: str, number: int | None) -> None:
        """Take one away.

        Raises:
            RpcRefusal: there is none of that number.
        """
        self.find(service, number)
        if number is not None:
            del self._made[number]

    def clear(self) -> None:
        """Take all away, as a reboot does."""
        self._made.clear()
