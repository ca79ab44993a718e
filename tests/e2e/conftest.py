"""One Home Assistant for all of these tests: a start costs as much as most of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from demo.browser import Browser
from demo.entry import Entry
from demo.frontend import Frontend
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.personalities import shown
from demo.recorders import SimulatedRecorder
from demo.secrets import SecretSearch
from demo.steps.adding import Adding
from demo.steps.secrecy import watch_arguments
from demo.vendors import VENDORS, Vendor
from scripts.provision.layout import ROOT

FOLDER = Path(__file__).parent
LOGS_OF_FAILURES = ROOT / "build" / "e2e"
# What is done to recorders and Home Assistant comes after what wants them whole, and what looks
# at the traces of it all comes last.
ORDER = (
    # Has an installation of its own, which is gone before the others' is made.
    "test_empty",
    "test_browser",
    "test_actions",
    "test_engines",
    "test_lifecycle",
    "test_traces",
    "test_removal",
    "test_log",
)
OTHER_PASSWORD = "n&w p@ss/ẞ:%41"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the modules of this folder in their order; each test runs alone as well."""
    places = [place for place, item in enumerate(items) if item.path.is_relative_to(FOLDER)]
    ours = sorted((items[place] for place in places), key=lambda item: ORDER.index(item.path.stem))
    for place, item in zip(places, ours, strict=True):
        item.add_marker(pytest.mark.e2e)
        items[place] = item


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Take the place of the plugin's look at tasks left over: ours outlive a single test."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def installation(request: pytest.FixtureRequest) -> AsyncIterator[Installation]:
    failed_before = request.session.testsfailed
    async with Installation.run(shown(*VENDORS.values())) as running:
        yield running
        if request.session.testsfailed > failed_before:
            running.keep_logs(LOGS_OF_FAILURES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secret_search(installation: Installation) -> AsyncIterator[SecretSearch]:
    secrets = [recorder.password for recorder in installation.recorders.values()]
    search = SecretSearch([*secrets, OTHER_PASSWORD])
    async with watch_arguments(search):
        yield search


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(secret_search: SecretSearch) -> AsyncIterator[Browser]:
    async with Browser.run() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def frontend(installation: Installation, browser: Browser) -> Frontend:
    window = Frontend(await browser.page(), installation.home_assistant.url)
    await window.log_in(ACCOUNT)
    return window


class Entries:
    """The recorders as Home Assistant has them. Each is added when somebody asks for it."""

    def __init__(self, installation: Installation, frontend: Frontend) -> None:
        self._installation = installation
        self._frontend = frontend
        self._added: dict[str, Entry] = {}

    async def of(self, recorder: SimulatedRecorder) -> Entry:
        """Return what Home Assistant has of a recorder."""
        if recorder.name not in self._added:
            self._added[recorder.name] = await self._add(recorder)
        return self._added[recorder.name]

    async def all(self) -> list[Entry]:
        """Return what it has of each."""
        return [await self.of(recorder) for recorder in self._installation.recorders.values()]

    async def _add(self, recorder: SimulatedRecorder) -> Entry:
        """Add a maker's first recorder as a person does, by clicks, and others as programs do."""
        api = self._installation.api
        if recorder.name != recorder.plan.vendor.first:
            return await Entry.add(api, recorder)
        await Adding(self._frontend).add_by_address(recorder)
        return await Entry.wait_ready(api, recorder.title)


@pytest.fixture(scope="session")
def entries(installation: Installation, frontend: Frontend) -> Entries:
    return Entries(installation, frontend)


@pytest.fixture(params=[name for vendor in VENDORS.values() for name in vendor.shown])
def recorder(request: pytest.FixtureRequest, installation: Installation) -> SimulatedRecorder:
    """Give each recorder in turn."""
    return installation.recorders[request.param]


@pytest_asyncio.fixture(loop_scope="session")
async def added(entries: Entries, recorder: SimulatedRecorder) -> Entry:
    """Give what Home Assistant has of it."""
    return await entries.of(recorder)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Give each maker in turn."""
    return VENDORS[request.param]


@pytest.fixture
def first(installation: Installation, vendor: Vendor) -> SimulatedRecorder:
    """Give its recorder of today."""
    return installation.recorders[vendor.first]


@pytest_asyncio.fixture(loop_scope="session")
async def first_entry(entries: Entries, first: SimulatedRecorder) -> Entry:
    return await entries.of(first)


@pytest.fixture
def second(installation: Installation, vendor: Vendor) -> SimulatedRecorder:
    """Give another one of it."""
    return installation.recorders[vendor.second]


@pytest_asyncio.fixture(loop_scope="session")
async def second_entry(entries: Entries, second: SimulatedRecorder) -> Entry:
    return await entries.of(second)
