"""What all tests share."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
import os
from pathlib import Path
from unittest.mock import patch

from homeassistant import runner
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util.executor import InterruptibleThreadPoolExecutor
import pytest
import pytest_socket

# Has to happen before any fixture runs: the test plugin brings a package of the same name,
# and whichever is imported first is where Home Assistant looks for custom integrations.
import custom_components
from tests.action_fixtures import cutter, queue, recorded
from tests.entry_fixtures import driver, entry, loaded_entry, made_drivers
from tests.flow_fixtures import set_up, site
from tests.translation_guard import TranslationGuard, english_texts, watch
from tests.view_fixtures import client, identifier, neighbour, recording, stranger

__all__ = [
    "client",
    "cutter",
    "driver",
    "entry",
    "identifier",
    "loaded_entry",
    "made_drivers",
    "neighbour",
    "queue",
    "recorded",
    "recording",
    "set_up",
    "site",
    "stranger",
]

ROOT = Path(__file__).resolve().parents[1]
assert Path(custom_components.__file__ or "").is_relative_to(ROOT)

# Programs that scripts/setup fetched are found by the tests however pytest was started.
os.environ["PATH"] = os.pathsep.join([str(ROOT / ".tools/bin"), os.environ.get("PATH", "")])


def _leave_sockets_usable(allow_unix_socket: bool = False) -> None:
    """Stand in for the switch with which the test plugin turns off sockets in every test.

    Ours speak to simulated recorders over real ones, also from fixtures that outlive a test.
    The plugin's list of allowed hosts stays in force: nothing but 127.0.0.1 is reached.
    """


pytest_socket.disable_socket = _leave_sockets_usable


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration in those tests that have a Home Assistant."""
    if not _has_home_assistant(request):
        return
    if "recorder_mock" in request.fixturenames:
        # The database has to be there before Home Assistant starts.
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
async def configure_event_loop(request: pytest.FixtureRequest) -> None:
    """Configure the loop as Home Assistant does its own, in place of the test plugin.

    Where there is none, plain threads do: Home Assistant's, when told to end on a busy machine, may take each
    other's word and be called left over.
    """
    kind = InterruptibleThreadPoolExecutor if _has_home_assistant(request) else ThreadPoolExecutor
    with patch.object(runner, InterruptibleThreadPoolExecutor.__name__, kind):
        runner.configure_event_loop(asyncio.get_running_loop())


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Watch the loop in those tests that have a Home Assistant, where the test plugin does so in all.

    Of the others many stream footage from a simulated recorder in the same loop; watched, they take
    half as much computing again.
    """
    asyncio.get_running_loop().set_debug(_has_home_assistant(request))


def _has_home_assistant(request: pytest.FixtureRequest) -> bool:
    return "hass" in request.fixturenames


@pytest.fixture
def hass_config_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give each Home Assistant a folder of its own, for what it caches and saves."""
    return str(tmp_path_factory.mktemp("config"))


@pytest.fixture(autouse=True)
def media_folder(request: pytest.FixtureRequest, custom_integrations: None) -> Path | None:
    """Let clips be saved below the folder of the test's Home Assistant."""
    if not _has_home_assistant(request):
        return None
    hass: HomeAssistant = request.getfixturevalue("hass")
    folder = Path(hass.config.path("media"))
    hass.config.media_dirs = {"local": str(folder)}
    return folder


@pytest.fixture(autouse=True)
def texts_are_there(
    request: pytest.FixtureRequest,
    custom_integrations: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Fail a test that makes Home Assistant look up a text that is not there."""
    if not _has_home_assistant(request):
        yield
        return
    hass: HomeAssistant = request.getfixturevalue("hass")
    guard = TranslationGuard(english_texts())
    watch(hass, guard, monkeypatch)
    yield
    if er.DATA_REGISTRY in hass.data:
        guard.see_entities(er.async_get(hass).entities.values())
    assert guard.missing == [], "texts missing in translations/en.json"
