"""Recorded devices that answer over a real connection: ``scripts/inspect`` says the same of both.

What a device was not asked is not recorded, so that reasons differ in their words. Now is long ago where answers
were recorded: how far the clock is off can be said of the connection only.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.report import Json
from scripts import inspection
from simulator.replay.box import ReplayBox
from tests.drivers.test_devices import device_folders, devices

PASSWORD = "12345"
DEVICES = devices("hikvision")
OF_NOW = {"reason", "evidence", "offset_s"}

pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


def plain(value: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Yield what can be compared."""
    if isinstance(value, dict):
        for key, inner in value.items():
            told = path != "missing" or key == "what"
            if told and not (key in OF_NOW and path in ("clock", "missing")):
                yield from plain(inner, path or key)
    elif isinstance(value, list):
        for item in value:
            yield from plain(item, path)
    else:
        yield path, value


@pytest.mark.parametrize("name", device_folders("hikvision"))
async def test_a_connection_says_what_the_recording_says(name: str) -> None:
    folder = DEVICES / name
    recorded = await inspection._recorded(folder, None, full=False)
    async with ReplayBox(Path(folder)) as box:
        host, _, port = box.address.partition(":")
        connection = Connection(host=host, port=int(port), username="admin", password=PASSWORD)
        live = await inspection._live(connection, "hikvision", full=False)
    for found in recorded, live:
        for recording in cast("list[Json]", found.get("recordings", [])):
            # Counted from the device's time, which stands still in one of them.
            del recording["start"], recording["end"]
    assert list(plain(live)) == list(plain(recorded))
