"""Searches while single answers of a recorder are damaged on their way, whatever it speaks.

A search is right, or says that it is not: it never ends as though less had been recorded than there is. What is learned
from a damaged answer and remembered must not make a later search, of which nothing is damaged, find less either.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import override
from unittest.mock import patch

from aiohttp import ClientSession, web

from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver, Memory
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.models import Connection, Recording
from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.personality import Listing, Options
from simulator.core.web_face import WebFace
from simulator.faces import PERSONALITIES

from .conftest import Clock
from .fake_web import client
from .paired import EXACT, PASSWORD, USER

# Behind the newest recording, which may grow meanwhile, and many recordings back.
LATEST = timedelta(hours=2)
LENGTH = timedelta(hours=8)
# Rounds of polling after which what was damaged has been asked for again.
ROUNDS = 8
ROUND_SECONDS = 60
_LINE_END = b"\r\n"


class Damage(StrEnum):
    """What is done to an answer at a place in it."""

    CUT = "cut"
    RESET = "reset"
    GARBLED = "garbled"
    SHORTENED = "shortened"
    CLAIMS_LESS = "claims less"
    DROPPED = "dropped"
    FAILS = "500"


# Those that leave something of the answer.
PLACED = (Damage.CUT, Damage.RESET, Damage.GARBLED, Damage.SHORTENED, Damage.CLAIMS_LESS)
PLACES = (-1.0, 0.0, 0.1, 0.5, 0.87, 1.0)


class Phase(StrEnum):
    """When it happens."""

    SET_UP = "set-up"
    FIRST_SEARCH = "first search"
    LATER_SEARCH = "later search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The size of an answer that nothing happened to."""

    path: str
    head: int
    body: int
    values: tuple[int, ...] = ()
    """Where in the body a line or a value ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that goes wrong: to so many answers, from the one with this number on.

    ``place`` is a part of the body, or -1 for the middle of the head.
    """

    phase: Phase
    number: int
    damage: Damage
    place: float
    times: int = 1

    @override
    def __str__(self) -> str:
        """Name it."""
        return f"{self.phase} #{self.number} {self.damage} at {self.place:g}, {self.times} time(s)"

    def fault(self, told: Sequence[Told]) -> Fault:
        """Return it in the simulator's words."""
        answer = told[self.number]
        hit = Fault(skip=self.number, count=self.times, unsigned=True)
        at = answer.head // 2
        if self.place >= 0:
            at = answer.head + _near(answer, self.place)
        left = max(1, answer.head + answer.body - at)
        match self.damage:
            case Damage.CUT | Damage.RESET:
                return replace(hit, cut_at=at, reset=self.damage is Damage.RESET)
            case Damage.GARBLED:
                return replace(hit, garbage_at=max(0, at - 1), garbage=min(64, left + 1))
            case Damage.SHORTENED:
                return replace(hit, shorten=min(left, answer.body))
            case Damage.CLAIMS_LESS:
                return replace(hit, claim=-min(left, answer.body))
            case Damage.DROPPED:
                return replace(hit, drop=True)
            case Damage.FAILS:
                return replace(hit, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _near(answer: Told, place: float) -> int:
    """Return a place in a body: at its very end one byte is missing, elsewhere a line or value ends if any does."""
    if place >= 1:
        return max(answer.body - 1, 0)
    at = int(answer.body * place)
    return max((end for end in answer.values if end <= at), default=at) if place == 0.5 else at


class Trial:
    """One recorder with a driver that has asked nothing yet, and a span to search."""

    def __init__(
        self, name: str, box: RecorderBox, http: ClientSession, span: tuple[datetime, datetime]
    ) -> None:
        """Initialize."""
        self.box = box
        self.span = span
        self.told: list[Told] = []
        self._vendor = name.partition("/")[0]
        self._http = http
        self._connection = Connection(
            host=box.host, port=box.http_port, username=USER, password=PASSWORD
        )
        self.driver = self._make({})
        numbers = sorted(channel.number for channel in box.recorder.channels.values())
        # Not the first: it has a neighbour on both sides that it may be taken for.
        self.channel = numbers[min(1, len(numbers) - 1)]

    async def found(self) -> list[Recording]:
        """Search."""
        start, end = self.span
        return [entry async for entry in self.driver.search(self.channel, start, end)]

    async def renewed(self) -> None:
        """Put another driver into its place, with what it has learned, as after a restart."""
        memory = self.driver.memory
        await self.driver.close()
        self.driver = self._make(memory)

    def _make(self, memory: Memory) -> Driver:
        return make_driver(self._vendor, self._connection, self._http, dict(memory))


@asynccontextmanager
async def trial(name: str, span: tuple[datetime, datetime]) -> AsyncIterator[Trial]:
    """Plug in a personality, note the sizes of its answers, and make a driver for it."""
    personality = PERSONALITIES[name](Options(user=USER, password=PASSWORD))
    face = personality.face
    assert isinstance(face, WebFace)
    sizes: list[Told] = []
    sign = face.sign

    def noting(response: web.StreamResponse) -> None:
        sign(response)
        sizes.append(_told(response))

    with patch.object(face, "sign", noting):
        async with RecorderBox(personality) as box, client() as http:
            made = Trial(name, box, http, span)
            made.told = sizes
            try:
                yield made
            finally:
                box.recorder.faults.clear()
                await made.driver.close()


def _told(response: web.StreamResponse) -> Told:
    head = len(f"HTTP/1.1 {response.status} {response.reason}") + 2 * len(_LINE_END)
    head += sum(len(name) + len(value) + 4 for name, value in response.headers.items())
    body = response.body if isinstance(response, web.Response) else None
    content = bytes(body) if isinstance(body, bytes | bytearray) else b""
    ends = tuple(
        at + 1 for at, byte in enumerate(content) if byte in b"\n,}]>" and at + 1 < len(content)
    )
    return Told(path="", head=head, body=len(content) or response.content_length or 0, values=ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unharmed:
    """What a recorder has and how many answers it takes, when nothing goes wrong."""

    name: str
    span: tuple[datetime, datetime]
    recordings: tuple[Recording, ...]
    told: dict[Phase, tuple[Told, ...]]

    def cases(
        self,
        phases: Sequence[Phase] = tuple(Phase),
        damages: Sequence[Damage] = tuple(Damage),
        places: Sequence[float] = PLACES,
        times: Sequence[int] = (1, 2, 4),
    ) -> Iterator[Case]:
        """Yield all that can go wrong in single answers."""
        for phase in phases:
            for number, answer in enumerate(self.told[phase]):
                for damage in damages:
                    at = places if damage in PLACED and answer.body else (-1.0,)
                    for place in at if damage in PLACED else (0.0,):
                        for count in times:
                            yield Case(
                                phase=phase, number=number, damage=damage, place=place, times=count
                            )

    def missed(self, found: Sequence[Recording]) -> str | None:
        """Return how what was found differs from what there is, None where it doesn't."""
        if len(found) != len(self.recordings):
            return f"found {len(found)} of {len(self.recordings)} recordings"
        for one, other in zip(found, self.recordings, strict=True):
            apart = max(abs(one.start - other.start), abs(one.end - other.end))
            if apart > EXACT or one.kinds != other.kinds:
                return (
                    f"found {one.start} {sorted(one.kinds)}, is {other.start} {sorted(other.kinds)}"
                )
        return None


async def unharmed(name: str) -> Unharmed:
    """Search a recorder of which nothing goes wrong."""
    latest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - LATEST
    span = latest - LENGTH, latest
    told: dict[Phase, tuple[Told, ...]] = {}
    async with trial(name, span) as made:
        await made.driver.connect()
        told[Phase.SET_UP] = _taken(made.told)
        found = await made.found()
        told[Phase.FIRST_SEARCH] = _taken(made.told)
        again = await made.found()
        told[Phase.LATER_SEARCH] = _taken(made.told)
        assert found == again
        expected = made.box.recorder.schedule.recordings(made.channel, 1, *span)
        # Some tell of footage alone, however it is cut into recordings.
        each = PERSONALITIES[name](Options()).face.told.listing is Listing.EACH
        assert len(found) == len(list(expected)) > 1 if each else found
    return Unharmed(name=name, span=span, recordings=tuple(found), told=told)


def _taken(told: list[Told]) -> tuple[Told, ...]:
    taken = tuple(told)
    told.clear()
    return taken


async def wrongs(truth: Unharmed, case: Case, clock: Clock) -> list[str]:
    """Let something go wrong, and return which searches found something else without saying so."""
    async with trial(truth.name, truth.span) as made:
        faults = made.box.recorder.faults
        fault = case.fault(truth.told[case.phase])
        if case.phase is Phase.SET_UP:
            faults.add(fault)
        try:
            await made.driver.connect()
        except DriverError:
            faults.clear()
            # Somebody sets it up again; whatever pause a login costs is over then.
            await made.renewed()
            await made.driver.connect()
        if case.phase is Phase.SET_UP:
            faults.clear()
        else:
            if case.phase is Phase.LATER_SEARCH:
                await made.found()
            faults.add(fault)
        wrong = await _judged(made, truth, f"{case}")
        faults.clear()
        for _ in range(ROUNDS):
            clock.now += ROUND_SECONDS
            with suppress(DriverError):
                await made.driver.poll()
        wrong += await _judged(made, truth, f"{case}, after polls")
        await made.renewed()
        await made.driver.connect()
        # Nothing is wrong any more, so nothing may be left of it.
        missed = truth.missed(await made.found())
        return wrong if missed is None else [*wrong, f"{case}, after a restart: {missed}"]


async def _judged(made: Trial, truth: Unharmed, when: str) -> list[str]:
    try:
        missed = truth.missed(await made.found())
    except DriverError:
        missed = None
    return [] if missed is None else [f"{when}: {missed}"]
