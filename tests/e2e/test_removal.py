"""What stays when recorders are unloaded and removed: their clips, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from demo.api import Api
from demo.entry import Entry
from demo.installation import Installation
from demo.recorders import SimulatedRecorder
from demo.secrets import process_arguments
from demo.steps.clip import save_clip, wishes_around_change
from tests.e2e.conftest import Entries
from tests.e2e.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ESTABLISHED = "01"


def connections_to(port: int) -> int:
    """Count the open connections of this machine to a port of its own."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(1 for each in fields if each[2].endswith(f":{port:04X}") and each[3] == ESTABLISHED)


def workers(installation: Installation) -> list[str]:
    """Return the processes that our copy of the integration has started."""
    folder = str(installation.home_assistant.directory.path / "custom_components")
    return [arguments for arguments in process_arguments() if folder in arguments]


def http_port(recorder: SimulatedRecorder) -> int:
    return int(recorder.address.rpartition(":")[2])


async def disable(api: Api, entry: Entry, by: str | None) -> Any:
    return await api.ask("config_entries/disable", entry_id=entry.entry_id, disabled_by=by)


async def states_of_entries(api: Api, entry: Entry) -> list[tuple[str, str | None]]:
    return [
        (each["state"], each["reason"])
        for each in await api.ask("config_entries/get", domain="nvr")
        if each["entry_id"] == entry.entry_id
    ]


async def test_unloaded_recorders_leave_nothing_running(
    installation: Installation, entries: Entries
) -> None:
    api = installation.api
    added = await entries.all()
    assert workers(installation)
    for entry in added:
        assert await disable(api, entry, "user") == {"require_restart": False}
    assert workers(installation) == []

    async def all_closed() -> bool:
        # Home Assistant keeps an idle connection of any integration open for some seconds.
        recorders = installation.recorders.values()
        return not any(connections_to(http_port(recorder)) for recorder in recorders)

    await until("all connections are closed", all_closed)
    for entry in added:
        await disable(api, entry, None)
        assert await states_of_entries(api, entry) == [("loaded", None)]
        await Entry.wait_ready(api, entry.title)


async def test_removed_recorders_leave_their_clips_alone(
    installation: Installation, entries: Entries
) -> None:
    api = installation.api
    directory = installation.home_assistant.directory
    clips = []
    for recorder in installation.recorders.values():
        wish = (await wishes_around_change(await entries.of(recorder), recorder))[0]
        clips.append(Path((await save_clip(api, wish))["path"]))
    for entry in await entries.all():
        await api.request("DELETE", f"/api/config/config_entries/entry/{entry.entry_id}")
    assert all(clip.is_file() for clip in clips)
    assert list(directory.storage.glob("nvr*")) == []
    assert not list((directory.path / ".cache").rglob("nvr*"))
    assert [each for each in await api.states() if "nvr" in each["entity_id"]] == []
    devices = await api.ask("config/device_registry/list")
    assert not any(identifier[0] == "nvr" for each in devices for identifier in each["identifiers"])
