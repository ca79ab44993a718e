"""Breaks things at many recorders side by side, and looks at what becomes of it."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from aiohttp import ClientError

from demo.entry import Entry
from demo.installation import Installation
from faults.disk import SmallDisk
from faults.growth import Growth, settled
from faults.injection import going_wrong
from faults.ledger import Ledger
from faults.leftovers import kept_jobs, orphans, part_files, saved, stuck_jobs, unforeseen
from faults.operations import Home, Outcome, perform
from faults.plan import Case, Fault, Operation, Round
from faults.recovery import BUSY, RecoveryError, make_room, recover
from faults.report import Report

# The longest of all: a clip whose recorder stalls at each of three attempts.
OPERATION_LIMIT_S = 300.0
# A recorder that takes its time keeps the operations in the middle when Home Assistant is killed.
DELAY_S = 0.4
KILLED_WITHIN_S = 2.5
# What happens to everybody, whether they ask for something or not.
AROUND = frozenset({Fault.UNPLUGGED, Fault.DISK_FULL})
# What was asked for a moment ago is answered without the recorder: then the fault is tried again.
TRIES = 5
PAUSE_S = 1.5
# Numbers of operations that nothing happens to, and of such tries.
UNHARMED: Final = 1_000_000
AGAIN: Final = 2_000_000
# Home Assistant that dies drops connections, in the middle of answers, too.
GONE = (ClientError, OSError, TypeError)

type Say = Callable[[str], None]


@dataclass
class Run:
    """One run over an installation; what came of it stands in the report."""

    installation: Installation
    disk: SmallDisk
    report: Report
    say: Say
    ledger: Ledger = field(default_factory=Ledger)
    growth: Growth = field(default_factory=Growth)
    homes: list[Home] = field(default_factory=list)
    _unharmed: int = UNHARMED
    _again: int = AGAIN

    async def run(self, rounds: Sequence[Round]) -> None:
        """Carry out all rounds and look at what is left."""
        self.report.disk_filled = self.disk.folder is not None
        await self._add_recorders()
        for one in rounds:
            await self._break(one)
        await self._prove("after all")
        await self._look()
        self.report.finished = True

    async def _add_recorders(self) -> None:
        self.say("adding the recorders")
        api = self.installation.api
        for recorder in self.installation.recorders.values():
            entry = await Entry.add(api, recorder)
            self.homes.append(Home(api, recorder, entry, self.ledger))

    async def _break(self, one: Round) -> None:
        """Let one life of Home Assistant go on under faults, and end it."""
        await self._prove("before a round")
        before = await settled(self.installation)
        waiting = deque(one.cases)

        async def lane(home: Home) -> None:
            while waiting:
                await self._case(home, waiting.popleft())

        await _all(lane(home) for home in self.homes)
        await self._prove("after a round")
        self.report.stuck_jobs += await self._stuck()
        self.growth.note(before, await settled(self.installation, before))
        await self._kill(one.killed)

    async def _case(self, home: Home, case: Case) -> None:
        """Let it go wrong; again, with something else, while the operation needs no request."""
        self.report.faults += 1
        count = self.report.by_fault
        count[case.fault] = count.get(case.fault, 0) + 1
        tries = 1
        while not (hit := await self._hit(home, case)) and tries < TRIES:
            await asyncio.sleep(PAUSE_S)
            while self.disk.full:
                # Then nothing is saved for anybody, whose recorder isn't asked for it either.
                await asyncio.sleep(PAUSE_S)
            self._again += 1
            case = case.again(self._again)
            tries += 1
        self.report.faults_hit += hit
        self.report.tried_again += tries - 1

    async def _hit(self, home: Home, case: Case) -> bool:
        """Let it go wrong and be well again; return whether a request came along to be hit."""
        before = await home.recorder.hits()
        async with going_wrong(case, home.recorder, self.disk):
            outcome = await self._operation(home, case)
        hit = case.fault in AROUND or await home.recorder.hits() > before
        came = "done" if outcome.done else f"not done {outcome.reason}".rstrip()
        self.say(f"{home.recorder.name}: {case}: {'' if hit else 'not hit, '}{came}")
        # First, as without room no footage comes back either.
        await self._make_room(home, case, outcome)
        if not hit:
            # Nothing happened to this recorder. What was not done may lack the disk that another case has filled.
            return False
        try:
            if await recover(home, case, done=outcome.done):
                self._note_restart(home, case)
        except RecoveryError as error:
            self._problem(home, case, str(error))
        return True

    async def _make_room(self, home: Home, case: Case, outcome: Outcome) -> bool:
        """Restart a recorder that refuses because it has no place left for a search."""
        if outcome.done or BUSY not in outcome.reason:
            return False
        try:
            if not await make_room(home, case):
                return False
        except RecoveryError as error:
            self._problem(home, case, str(error))
            return False
        self._note_restart(home, case)
        return True

    def _note_restart(self, home: Home, case: Case) -> None:
        self.say(f"{home.recorder.name}: {case}: no place left for a search, restarted")
        self.report.restarted += 1

    async def _operation(self, home: Home, case: Case) -> Outcome:
        try:
            async with asyncio.timeout(OPERATION_LIMIT_S):
                outcome = await perform(home, case)
        except TimeoutError:
            self._problem(home, case, "it did not end")
            return Outcome(done=False)
        except LookupError as error:
            self._problem(home, case, f"{type(error).__name__} {error}")
            return Outcome(done=False)
        for wrong in outcome.wrong:
            self._problem(home, case, wrong)
        self.report.operations_done += outcome.done
        return outcome

    async def _prove(self, when: str) -> None:
        """Let nothing go wrong: everything has to be done, at every recorder."""
        self.say(f"{when}: everything works")

        async def lane(home: Home) -> None:
            for operation in Operation:
                self._unharmed += 1
                case = Case(
                    number=self._unharmed,
                    operation=operation,
                    fault=Fault.SLOW,
                    moment=0.0,
                    times=0,
                    skip=0,
                    draw=self._unharmed,
                )
                outcome = await self._operation(home, case)
                if await self._make_room(home, case, outcome):
                    outcome = await self._operation(home, case)
                if not outcome.done:
                    self._problem(home, case, f"{when} it does not work: {outcome.reason}")

        await _all(lane(home) for home in self.homes)

    async def _kill(self, cases: Sequence[Case]) -> None:
        """Kill Home Assistant while all these operations are under way, and start it again."""
        if not cases:
            return
        self.say("killing Home Assistant")
        home_assistant = self.installation.home_assistant
        for home in self.homes:
            await home.recorder.spoil(delay_s=DELAY_S)
        pairs = list(zip(cases, cycle(self.homes), strict=False))
        async with asyncio.TaskGroup() as group:
            for case, home in pairs:
                group.create_task(self._interrupted(home, case))
            await asyncio.sleep(cases[0].moment * KILLED_WITHIN_S)
            await home_assistant.kill()
        self.report.orphans += await orphans(home_assistant)
        for home in self.homes:
            await home.recorder.heal()
        await home_assistant.start()
        for home in self.homes:
            await Entry.wait_ready(self.installation.api, home.entry.title)

    async def _interrupted(self, home: Home, case: Case) -> None:
        count = self.report.by_fault
        count[case.fault] = count.get(case.fault, 0) + 1
        self.report.faults += 1
        self.report.faults_hit += 1
        try:
            await self._operation(home, case)
        except GONE:
            self.say(f"{home.recorder.name}: {case}: interrupted")

    async def _stuck(self) -> int:
        return await stuck_jobs(self.installation.api, [home.entry for home in self.homes])

    async def _look(self) -> None:
        """Look at what is left, while Home Assistant runs and after it was stopped."""
        self.say("looking at what is left")
        report, home_assistant = self.report, self.installation.home_assistant
        report.stuck_jobs += await self._stuck()
        clips, pictures = saved(home_assistant, ".mp4"), saved(home_assistant, ".jpg")
        for file in (*clips, *pictures):
            self.ledger.problems += await self.ledger.check(file)
        report.clips_visible, report.pictures_visible = len(clips), len(pictures)
        report.clips_broken = len(self.ledger.broken)
        await home_assistant.stop()
        report.orphans += await orphans(home_assistant)
        report.stuck_jobs += kept_jobs(home_assistant)
        left = part_files(home_assistant)
        report.part_files = len(left)
        errors = unforeseen(home_assistant.logs())
        report.unforeseen_errors = len(errors)
        report.tasks_grown = self.growth.tasks
        report.sockets_grown = self.growth.sockets
        report.memory_grown_mb = self.growth.memory_mb
        report.problems = [
            *self.ledger.problems,
            *(f"{path} stayed" for path in left),
            *(self.growth.details),
            *errors,
        ]

    def _problem(self, home: Home, case: Case, text: str) -> None:
        problem = f"{home.recorder.name}: {case}: {text}"
        self.say(f"WRONG {problem}")
        self.ledger.problems.append(problem)


async def _all(works: Iterable[Coroutine[None, None, None]]) -> None:
    """Do all at the same time; one that fails ends the others."""
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)
