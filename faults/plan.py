"""What is done, what goes wrong meanwhile, and when: a list that a seed decides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final, override

# A run is cut into rounds: at the end of each, Home Assistant is killed.
ROUND_CASES = 200
# A fault that hits the first request may hit a later one as well.
MOST_TIMES = 4


class Operation(StrEnum):
    """What somebody asks of Home Assistant."""

    CLIP = "clip"
    PLAY = "play"
    SEARCH = "search"
    POLL = "poll"
    PICTURE = "picture"
    SAVED_PICTURE = "saved picture"


# How many requests an operation makes as a rule; more than these can't go well before one is hit.
_REQUESTS: Final = {
    Operation.CLIP: 2,
    Operation.PLAY: 2,
    Operation.SEARCH: 1,
    Operation.POLL: 2,
    Operation.PICTURE: 1,
    Operation.SAVED_PICTURE: 1,
}


class Fault(StrEnum):
    """What goes wrong while it is done."""

    CUT = "cut"
    RESET = "reset"
    NO_ANSWER = "no answer"
    STALLED = "stalled"
    SLOW = "slow"
    SHORTENED = "shortened"
    LENGTHENED = "lengthened"
    CLAIMS_MORE = "claims more"
    CLAIMS_LESS = "claims less"
    GARBLED = "garbled"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    REBOOT = "reboot"
    UNPLUGGED = "unplugged"
    DISK_FULL = "disk full"
    NO_SESSION_LEFT = "453"
    SESSION_FORGOTTEN = "454"
    OTHER_SESSION = "another session"
    KILLED = "killed"


# Only sessions of RTSP know of these.
PLAYED: Final = (Fault.NO_SESSION_LEFT, Fault.SESSION_FORGOTTEN, Fault.OTHER_SESSION)
# Home Assistant dies for all at once; the others happen to one recorder.
SINGLE: Final = tuple(fault for fault in Fault if fault is not Fault.KILLED and fault not in PLAYED)
_FETCHING: Final = frozenset({Operation.CLIP, Operation.PLAY, Operation.SAVED_PICTURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault.

    Attributes:
        number: from 1; names the clip or picture that is made of it.
        operation: what is done.
        fault: what goes wrong.
        moment: how far into an answer or the operation, from 0 to 1.
        times: how many requests are hit.
        skip: how many requests go well before.
        draw: decides what remains, such as channel and time.
        anywhere: whether any request is hit that comes along, and not only one that the operation
            is about.
    """

    number: int
    operation: Operation
    fault: Fault
    moment: float
    times: int
    skip: int
    draw: int
    anywhere: bool = False

    def again(self, number: int) -> Case:
        """Return the same for another try under another number: of something else, and at once."""
        return replace(self, number=number, skip=0, draw=self.random.getrandbits(32), anywhere=True)

    @property
    def random(self) -> Random:
        """What decides the rest, always the same."""
        return Random(self.draw)

    @override
    def __str__(self) -> str:
        return (
            f"{self.number} {self.operation}, {self.fault}"
            f" at {self.moment:.2f} after {self.skip}, {self.times} times"
        )


@dataclass(frozen=True, slots=True)
class Round:
    """Cases that may come in any order, and those during which Home Assistant is killed."""

    cases: tuple[Case, ...]
    killed: tuple[Case, ...]


def faults_of(operation: Operation, *, played: bool) -> tuple[Fault, ...]:
    """Return what may happen to one recorder during an operation; ``played`` if its footage comes over RTSP."""
    return (*SINGLE, *PLAYED) if played and operation in _FETCHING else SINGLE


def each_once(seed: int, *, played: bool = False) -> list[Round]:
    """Return one round with every fault during every operation."""
    random = Random(seed)
    pairs = [(each, fault) for each in Operation for fault in faults_of(each, played=played)]
    # Those that take longest come first, so that nobody waits for them at the end.
    pairs.sort(key=lambda pair: (pair[0] is not Operation.CLIP, pair[1] is not Fault.STALLED))
    cases = [
        _case(number, operation, fault, random, simple=True)
        for number, (operation, fault) in enumerate(pairs, 1)
    ]
    return [Round(tuple(cases), _killed(len(cases), len(Operation), random))]


def drawn(seed: int, count: int, *, played: bool = False) -> list[Round]:
    """Return so many faults, in rounds."""
    random = Random(seed)
    return list(_rounds(count, random, played=played))


def _rounds(count: int, random: Random, *, played: bool) -> Iterator[Round]:
    number = 0
    while number < count:
        size = min(ROUND_CASES, count - number)
        killed = min(len(Operation), size)
        cases = []
        for place in range(1, size - killed + 1):
            operation = random.choice(list(Operation))
            fault = random.choice(faults_of(operation, played=played))
            cases.append(_case(number + place, operation, fault, random))
        yield Round(tuple(cases), _killed(number + len(cases), killed, random))
        number += size


def _killed(number: int, count: int, random: Random) -> tuple[Case, ...]:
    moment = random.random()
    operations = random.sample(list(Operation), count)
    return tuple(
        Case(
            number=number + place,
            operation=operation,
            fault=Fault.KILLED,
            moment=moment,
            times=1,
            skip=0,
            draw=random.getrandbits(32),
        )
        for place, operation in enumerate(operations, 1)
    )


def _case(
    number: int, operation: Operation, fault: Fault, random: Random, *, simple: bool = False
) -> Case:
    return Case(
        number=number,
        operation=operation,
        fault=fault,
        moment=random.random(),
        # Most faults pass; some stay for a while.
        times=1 if simple else random.choice([1, 1, 1, 2, 3, MOST_TIMES]),
        skip=0 if simple else random.randrange(_REQUESTS[operation]),
        draw=random.getrandbits(32),
    )
