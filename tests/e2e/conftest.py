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
from demo.recorders import CURRENT, OLD, USER, SimulatedRecorder
from demo.secrets import SecretSearch
from demo.steps.secrecy import watch_arguments
from scripts.provision.layout import ROOT

FOLDER = Path(__file__).parent
LOGS_OF_FAILURES = ROOT / "build" / "e2e"
# What is done to recorders and Home Assistant comes after what wants them whole, and what looks
# at the traces of it all comes last.
ORDER = (
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
    async with Installation.run() as running:
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


@pytest.fixture(scope="session")
def current(installation: Installation) -> SimulatedRecorder:
    return installation.recorders[CURRENT]


@pytest.fixture(scope="session")
def old(installation: Installation) -> SimulatedRecorder:
    return installation.recorders[OLD]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def current_entry(
    installation: Installation, frontend: Frontend, current: SimulatedRecorder
) -> Entry:
    """Add the recorder as a person does, by clicks."""
    await frontend.add_recorder(current.address, USER, current.password)
    return await Entry.wait_ready(installation.api, "Home")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def old_entry(
    installation: Installation, secret_search: SecretSearch, old: SimulatedRecorder
) -> Entry:
    return await Entry.add(installation.api, old)


@pytest.fixture(params=[CURRENT, OLD])
def added(request: pytest.FixtureRequest, current_entry: Entry, old_entry: Entry) -> Entry:
    """Give each recorder in turn, as Home Assistant has it."""
    return current_entry if request.param == CURRENT else old_entry


@pytest.fixture
def recorder(
    added: Entry, current_entry: Entry, current: SimulatedRecorder, old: SimulatedRecorder
) -> SimulatedRecorder:
    """Give the simulated recorder that belongs to it."""
    return current if added is current_entry else old
