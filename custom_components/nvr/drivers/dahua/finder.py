"""The dialog of a file search, over CGI and over RPC2 (section 8 of the notes)."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import override

from ..answer import SEARCH, HungUpError
from ..budget import Budget
from ..driver import JsonValue
from ..errors import InvalidAnswerError
from ..models import Right, StreamName
from .cgi import Cgi
from .digits import write_digits
from .faults import ObjectLostError
from .items import Page, read_page
from .objects import End
from .pace import Ask
from .question import Call, CgiRequest, Heard
from .rpc import Rpc
from .tree import Tree, integer

SERVICE = "mediaFileFind"
# Devices take up to so many over CGI.
PAGE_SIZE = 100

_STREAMS = {StreamName.MAIN: "Main", StreamName.SUB: "Extra1", StreamName.THIRD: "Extra2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What to look for: ``channel`` as this family of requests counts it, times in the device's digits.

    ``newest_first`` is heard over RPC2 only.
    """

    channel: int
    start: datetime
    end: datetime
    stream: StreamName = StreamName.MAIN
    newest_first: bool = False


class Finder(ABC):
    """The calls of a file search in one family of requests."""

    name: str
    base: int
    """From which number on channels are counted here as a rule."""
    sorts: bool
    """Whether the newest can be asked for first."""

    @abstractmethod
    async def create(self, budget: Budget | None) -> int:
        """Make the object of a search and return its number."""

    @abstractmethod
    async def find(self, condition: Condition, number: int, budget: Budget | None) -> None:
        """Begin to search. Raises DriverError; a refusal may only mean that nothing is found."""

    @abstractmethod
    async def next(self, number: int, count: int, budget: Budget | None) -> Page:
        """Return the next page."""

    @property
    @abstractmethod
    def ends(self) -> tuple[End, ...]:
        """What ends the object of a search, in order."""


class CgiFinder(Finder):
    """Searches by ``mediaFileFind.cgi``."""

    name = "cgi"
    base = 1
    sorts = False

    def __init__(self, cgi: Cgi) -> None:
        """Initialize."""
        self._cgi = cgi

    @override
    async def create(self, budget: Budget | None) -> int:
        tree = await self._ask("factory.create", (), budget)
        return _number(integer(tree, "result"))

    @override
    async def find(self, condition: Condition, number: int, budget: Budget | None) -> None:
        args = [
            ("object", str(number)),
            ("condition.Channel", str(condition.channel)),
            ("condition.StartTime", write_digits(condition.start)),
            ("condition.EndTime", write_digits(condition.end)),
            ("condition.Types[0]", "dav"),
        ]
        # Cameras answer without a word on streams; what is asked without one is picked out of the answer.
        if condition.stream is not StreamName.MAIN:
            args.append(("condition.VideoStream", _STREAMS[condition.stream]))
        await self._ask("findFile", tuple(args), budget)

    @override
    async def next(self, number: int, count: int, budget: Budget | None) -> Page:
        args = (("object", str(number)), ("count", str(count)))
        try:
            heard = await self._hear("findNextFile", args, budget, moves_on=True)
        except HungUpError as err:
            raise ObjectLostError("nobody knows whether a page was sent") from err
        page = read_page(heard.tree)
        return page if heard.ended else replace(page, lacks=True)

    @property
    @override
    def ends(self) -> tuple[End, ...]:
        return tuple(partial(self._ending, action) for action in ("close", "destroy"))

    def _ending(self, action: str, number: int) -> Ask[object]:
        return partial(self._ask, action, (("object", str(number)),))

    async def _ask(
        self, action: str, args: tuple[tuple[str, str], ...], budget: Budget | None
    ) -> Tree:
        return (await self._hear(action, args, budget)).tree

    async def _hear(
        self,
        action: str,
        args: tuple[tuple[str, str], ...],
        budget: Budget | None,
        *,
        moves_on: bool = False,
    ) -> Heard:
        request = CgiRequest(
            module=SERVICE,
            action=action,
            args=args,
            limits=SEARCH,
            right=Right.PLAYBACK,
            moves_on=moves_on,
        )
        return await self._cgi.hear(request, budget)


class RpcFinder(Finder):
    """Searches by the calls that the device's own pages make."""

    name = "rpc"
    base = 0
    sorts = True

    def __init__(self, rpc: Rpc) -> None:
        """Initialize."""
        self._rpc = rpc

    @override
    async def create(self, budget: Budget | None) -> int:
        reply = await self._rpc.call(_call("factory.create"), budget)
        return _number(integer(reply.result))

    @override
    async def find(self, condition: Condition, number: int, budget: Budget | None) -> None:
        terms: JsonValue = {
            "Channel": condition.channel,
            "StartTime": write_digits(condition.start),
            "EndTime": write_digits(condition.end),
            "Types": ["dav"],
            "VideoStream": _STREAMS[condition.stream],
            "Events": ["*"],
            "Flags": None,
            "Dirs": None,
            "Order": "Descent" if condition.newest_first else "Ascent",
            "Redundant": "Exclusion",
        }
        await self._rpc.call(_call("findFile", {"condition": terms}, number), budget)

    @override
    async def next(self, number: int, count: int, budget: Budget | None) -> Page:
        reply = await self._rpc.call(_call("findNextFile", {"count": count}, number), budget)
        return read_page(reply.params)

    @property
    @override
    def ends(self) -> tuple[End, ...]:
        return tuple(partial(self._ending, verb) for verb in ("close", "destroy"))

    def _ending(self, verb: str, number: int) -> Ask[object]:
        return partial(self._rpc.call, _call(verb, None, number))


def _call(verb: str, params: JsonValue = None, number: int | None = None) -> Call:
    return Call(
        method=f"{SERVICE}.{verb}",
        params=params,
        object=number,
        limits=SEARCH,
        right=Right.PLAYBACK,
    )


def _number(number: int | None) -> int:
    """Return the number of an object. Raises InvalidAnswerError where there is none."""
    if number is None or number < 0:
        raise InvalidAnswerError("the recorder made no search")
    return number
