"""A Home Assistant to which nobody has added anything, and recorders on its network that it may find."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import asdict, dataclass, field, replace
from ipaddress import IPv4Address
import socket
from typing import Any, Final

from demo.browser import Browser
from demo.check import BROKEN
from demo.entry import Entry
from demo.frontend import Frontend
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.process import ProcessError
from demo.recorders import RecorderPlan, SimulatedRecorder
from demo.steps.adding import Adding, AddingError
from demo.steps.channels import with_pictures
from demo.steps.languages import LANGUAGES, complete_languages
from demo.steps.live import fetch_still
from demo.vendors import Vendor

FIRST_ADDRESS: Final = IPv4Address("127.0.0.11")
"""Of the first recorder: all of 127.0.0.0/8 is this machine itself, without anybody's permission."""
PASSWORD: Final = "camera-1234"
"""One that people can type."""
MOST_CLICKS: Final = 3
DASHBOARD: Final = "/config/integrations/dashboard"


def names_of(vendors: Iterable[Vendor]) -> list[str]:
    """Return the personalities on the network: each maker's recorder, and a camera with a card."""
    makers = [*vendors]
    return [vendor.first for vendor in makers] + [f"{vendor.name}/camera" for vendor in makers]


def on_the_network(names: Iterable[str], password: str | None = None) -> list[RecorderPlan]:
    """Return plans for recorders that are found, each at an address of its own.

    Args:
        names: of the personalities.
        password: of all of them; None for the one with which they are checked.
    """
    plans = [
        RecorderPlan(name=name, personality=name, host=str(FIRST_ADDRESS + place))
        for place, name in enumerate(names)
    ]
    if password is None:
        return plans
    return [replace(plan, password=password) for plan in plans]


def ensure_addresses() -> None:
    """See that this machine has the addresses of recorders.

    Raises:
        ProcessError: it hasn't.
    """
    with socket.socket() as sock:
        try:
            sock.bind((str(FIRST_ADDRESS), 0))
        except OSError as err:
            raise ProcessError(f"recorders need addresses such as {FIRST_ADDRESS}: {err}") from err


@dataclass
class EmptyReport:
    """What was seen. Nothing is ok with a problem.

    Attributes:
        clicks: the most that a recorder took, from opening it among those that were found.
        recorders_found: how many of those on the network.
        recorders_expected: how many there are.
        recorders_added: how many were added by clicks.
        pictures: of their cameras, seen before they were added.
        cameras: of them, that show what happens now.
        languages: in how many the pages are there.
    """

    ok: bool = False
    clicks: int | None = None
    recorders_found: int | None = None
    recorders_expected: int = 0
    recorders_added: int = 0
    pictures: int = 0
    cameras: int = 0
    languages: int | None = None
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)


class EmptyCheck:
    """A person's way from nothing to cameras, one step after the other; what fails keeps no other from being tried.

    Attributes:
        report: what came out so far.
    """

    def __init__(
        self, installation: Installation, report: EmptyReport, say: Callable[[str], None]
    ) -> None:
        """Check an installation without entries."""
        self.report = report
        self._installation = installation
        self._say = say
        report.recorders_expected = len(installation.recorders)

    async def run(self) -> None:
        """Carry out all steps and put into the report what came out."""
        async with Browser.run() as browser:
            frontend = Frontend(await browser.page(), self._installation.home_assistant.url)
            await self._step("logging in", frontend.log_in(ACCOUNT))
            adding = Adding(frontend)
            await self._step("looking for recorders", self._find(adding))
            for recorder in self._firsts():
                await self._step(f"adding {recorder.name}", self._add(adding, recorder))
            await self._step("reading languages", self._languages())
        self.report.ok = not self.report.problems

    async def _step(self, name: str, work: Coroutine[None, None, None]) -> None:
        self._say(name)
        try:
            await work
        except (*BROKEN, AddingError) as err:
            first_line = str(err).partition("\n")[0]
            self.report.problems.append(f"{name}: {type(err).__name__} {first_line}")

    def _firsts(self) -> Iterable[SimulatedRecorder]:
        """Return a recorder of each maker."""
        firsts: dict[str, SimulatedRecorder] = {}
        for recorder in self._installation.recorders.values():
            firsts.setdefault(recorder.plan.vendor.name, recorder)
        return firsts.values()

    async def _find(self, adding: Adding) -> None:
        found = await adding.find()
        missing = [
            recorder.name
            for recorder in self._installation.recorders.values()
            if sum(adding.names(each, recorder) for each in found) != 1
        ]
        self.report.recorders_found = self.report.recorders_expected - len(missing)
        self._expect(not missing, f"not found, or not once: {', '.join(missing)} in {found}")
        await adding.leave()

    async def _add(self, adding: Adding, recorder: SimulatedRecorder) -> None:
        report = self.report
        await adding.find()
        added = await adding.add(recorder)
        report.clicks = max(report.clicks or 0, added.clicks)
        self._expect(
            added.clicks <= MOST_CLICKS, f"{recorder.name} took {added.clicks} clicks to add"
        )
        report.pictures += added.seen.pictures
        self._expect(added.seen.pictures > 0, f"{recorder.name} showed no picture")
        self._expect(
            not added.seen.broken, f"{recorder.name} lacks {added.seen.broken} of its pictures"
        )
        api = self._installation.api
        entry = await Entry.wait_ready(api, recorder.title)
        report.recorders_added += 1
        for channel in with_pictures(recorder):
            if (camera := entry.cameras.get(channel.name)) is None:
                report.problems.append(f"{recorder.name} lacks the camera of {channel.name}")
                continue
            still = await fetch_still(api, camera.entity_id, channel)
            report.problems += still.faults
            report.cameras += 1

    async def _languages(self) -> None:
        spoken = await complete_languages(self._installation.api)
        self.report.languages = len(spoken)
        self._expect(len(spoken) == len(LANGUAGES), f"incomplete: {set(LANGUAGES) - spoken}")

    def _expect(self, fulfilled: bool, otherwise: str) -> None:
        if not fulfilled:
            self.report.problems.append(otherwise)
