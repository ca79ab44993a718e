"""`scripts/inspect` reads the same from a device that answers as from the folder of its answers."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from datetime import datetime
import json
import os
from pathlib import Path
import sys
from typing import Any

import pytest

from simulator.replay.box import ReplayBox, ReplayOptions

from .folders import STATUS, dictionaries, found, item, messages

ROOT = Path(__file__).resolve().parents[3]
DEVICES = ROOT.parent / "shared" / "devices" / "hikvision"
DUMPS = sorted(folder.name for folder in DEVICES.glob("*/")) if DEVICES.is_dir() else []
PASSWORD = "p@ss:w/rd"


async def inspect(*arguments: str) -> Any:
    """Run the program and give what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "scripts/inspect",
        *arguments,
        cwd=ROOT,
        env=os.environ | {"NVR_USERNAME": "admin", "NVR_PASSWORD": PASSWORD},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def both(folder: Path) -> tuple[Any, Any]:
    """Give what is read from the folder, and from the device that it is a recording of."""
    async with ReplayBox(folder, ReplayOptions(password=PASSWORD)) as box:
        live = await inspect(box.address)
        assert box.accounts.failed_logins == 0
    return await inspect("--recorded", str(folder)), live


def comparable(printed: Any) -> Any:
    """Leave out what a device that answers tells otherwise, or a folder can't tell.

    Why something is missing is said in other words; how far the clock is off is known only from
    one that runs; times follow from that, while the device's own stay the same.
    """
    left = json.loads(json.dumps(printed))
    left["missing"] = [entry["what"] for entry in left["missing"]]
    for name in ("offset_s", "evidence"):
        del left["clock"][name]
    for recording in left.get("recordings", []):
        del recording["start"], recording["end"]
    return left


@pytest.mark.skipif(not DUMPS, reason="no ../shared here")
@pytest.mark.parametrize("name", DUMPS)
async def test_of_real_devices(name: str) -> None:
    recorded, live = await both(DEVICES / name)
    assert comparable(live) == comparable(recorded)


async def test_of_a_file_of_many_answers(tmp_path: Path) -> None:
    recorded, live = await both(dictionaries(tmp_path))
    assert comparable(live) == comparable(recorded)
    assert live["recorder"]["model"] == "DS-1"


async def test_of_messages_with_recordings(tmp_path: Path) -> None:
    """The times of the device are the same; true ones follow from how far its clock is off."""
    folder = messages(
        tmp_path,
        System_deviceInfo="<DeviceInfo><model>A</model><serialNumber>1</serialNumber></DeviceInfo>",
        System_status=STATUS.format(time="2026-09-27T08:24:59+08:00"),
        ContentMgmt_InputProxy_channels=(
            "<InputProxyChannelList><InputProxyChannel><id>1</id><name>Yard</name>"
            "</InputProxyChannel></InputProxyChannelList>"
        ),
        ContentMgmt_search=found(
            item(101, "00:12:02", "00:29:38"), item(101, "00:29:35", "00:47:15")
        ),
    )
    recorded, live = await both(folder)
    assert comparable(live) == comparable(recorded)
    assert recorded["clock"]["convention"] == "utc"
    [first, _] = live["recordings"]
    off = datetime.fromisoformat(first["start_device"]) - datetime.fromisoformat(first["start"])
    assert abs(off.total_seconds() - live["clock"]["offset_s"]) < 2
