"""Answers beside those of the real devices whose kind they are.

The folder with the real ones is `NVR_DEVICES`, else `../shared` beside the project.
"""

import json
import os
from pathlib import Path
import re
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.dahua.traits.channels import RemoteKey

from ..plugged import change
from .client import Cgi, Rpc

PROJECT = Path(__file__).resolve().parents[3]
DEVICES = Path(os.environ.get("NVR_DEVICES") or PROJECT.parent / "shared/devices/dahua")
DAY = {"StartTime": "2026-11-20 00:00:00", "EndTime": "2026-11-20 23:59:59"}
PLACES = re.compile(r"\[\d+\]|INFO_\d+")

pytestmark = pytest.mark.skipif(
    not (DEVICES / "nvr5232-ei").is_dir() or not (DEVICES / "amcrest-ipc-sdcard").is_dir(),
    reason="no ../shared here",
)


def real(name: str) -> str:
    """Give a device's recorded text."""
    return (DEVICES / name).read_text(encoding="utf-8")


def keys(text: str) -> list[str]:
    """Give the keys of all lines, each once, whatever place of a list they are of."""
    found = (line.partition("=")[0] for line in text.splitlines() if "=" in line)
    return [*dict.fromkeys(PLACES.sub("[]", key) for key in found)]


def first_item(text: str) -> list[str]:
    """Give the keys of the first item of a page."""
    return keys("\n".join(line for line in text.splitlines() if line.startswith("items[0]")))


@pytest.mark.parametrize(
    ("box", "device"),
    [("nvr", "nvr5232-ei"), ("raid", "nvr608h-128-4ks3"), ("camera", "ipc-hdw5831r-ze")],
    indirect=["box"],
)
async def test_labels(cgi: Cgi, device: str) -> None:
    ours = (await cgi.ask("magicBox", "getSystemInfo")).text
    known = keys(real(f"{device}/magicBox.getSystemInfo.txt"))
    # What only that camera tells.
    assert keys(ours) == [key for key in known if key != "updateSerialCloudUpgrade"]


async def test_texts_of_one_line(cgi: Cgi) -> None:
    for action in ("getDeviceClass", "getMachineName", "getSoftwareVersion"):
        known = real(f"nvr6xx-4ks2/magicBox.{action}.txt").strip()
        ours = (await cgi.ask("magicBox", action)).text.strip()
        shape = re.sub(r"[A-Za-z]+$|\d+", "#", known.partition("=")[2])
        assert re.sub(r"[A-Za-z]+$|\d+", "#", ours.partition("=")[2]) == shape
        assert keys(ours) == keys(known)
    version = await cgi.ask("IntervideoManager", "getVersion", Name="CGI")
    known = real("intelbras-invd-9116-pe-ft/IntervideoManager.getVersion.CGI.txt")
    assert version.text.splitlines() == known.splitlines()


@pytest.mark.parametrize(
    ("name", "folder"),
    [("RecordMode", "nvr5232-ei"), ("ChannelTitle", "intelbras-invd-9116-pe-ft")],
)
async def test_settings(cgi: Cgi, name: str, folder: str) -> None:
    ours = (await cgi.ask("configManager", "getConfig", name=name)).text
    assert keys(ours) == keys(real(f"{folder}/configManager.getConfig.{name}.txt"))


async def test_remote_devices(box: RecorderBox, cgi: Cgi) -> None:
    change(box, remote_key=RemoteKey.UUID)
    ours = keys((await cgi.ask("configManager", "getConfig", name="RemoteDevice")).text)
    assert {*keys(real("nvr6xx-4ks2/configManager.getConfig.RemoteDevice.txt"))} <= {*ours}


async def test_settings_that_there_are_not(cgi: Cgi) -> None:
    name = "VideoInOptions[4].NightOptions.SwitchMode"
    ours = (await cgi.ask("configManager", "getConfig", name=name)).text
    known = real("nvr5232-ei/configManager.getConfig.VideoInOptions-missing.error.txt")
    assert ours.splitlines() == known.splitlines()


async def test_what_can_be_set_about_recording(cgi: Cgi) -> None:
    ours = (await cgi.ask("recordManager", "getCaps")).text
    known = real("intelbras-invd-9116-pe-ft/recordManager.getCaps.txt")
    assert ours.splitlines() == known.splitlines()


@pytest.mark.parametrize("box", ["raid"], indirect=True)
async def test_an_array(cgi: Cgi) -> None:
    ours = (await cgi.ask("storageDevice", "getDeviceAllInfo")).text
    known = real("nvr5832-ei/storageDevice.getDeviceAllInfo.txt")
    assert keys(ours) == keys(known)
    for text in (ours, known):
        assert "list.info[0].HealthDataFlag=0" in text
        assert re.search(r"Detail\[0\].TotalBytes=\d{14}\.000000\r?$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("box", "base", "page"),
    [
        ("nvr", 1, "nvr5232-ei/mediaFileFind.findNextFile.ch1.txt"),
        ("camera", 0, "amcrest-ipc-sdcard/mediaFileFind.findNextFile.page1.txt"),
    ],
    indirect=["box"],
)
async def test_items(cgi: Cgi, base: int, page: str) -> None:
    known = real(page)
    condition = {"Types[0]": "dav", "Events[0]": "VideoMotion"} if base == 0 else {}
    finder = (await cgi.ask("mediaFileFind", "factory.create")).fields["result"]
    asked = {f"condition.{key}": value for key, value in {**condition, **DAY}.items()}
    await cgi.get(
        f"mediaFileFind.cgi?action=findFile&object={finder}&condition.Channel={base}&"
        + "&".join(f"{key}={value.replace(' ', '%20')}" for key, value in asked.items())
    )
    ours = (await cgi.ask("mediaFileFind", "findNextFile", object=finder, count=2)).text
    assert ours.splitlines()[0].partition("=")[0] == "found"
    assert first_item(ours) == first_item(known)
    assert shape(ours) == shape(known)


def shape(text: str) -> str:
    """Give what the path of a page's first item looks like."""
    match = re.search(r"items\[0\]\.FilePath=(.*)", text)
    assert match is not None
    return re.sub(r"\d+", "#", re.sub(r"/\d/\d/\d+/", "/#/#/#/", match[1].strip()))


@pytest.mark.parametrize("action", ["close", "destroy"])
async def test_the_wrong_verb(cgi: Cgi, action: str) -> None:
    ours = (await cgi.ask("mediaFileFind", f"factory.{action}")).text
    known = real(f"amcrest-ipc-sdcard/mediaFileFind.factory.{action}.error.txt")
    assert ours.splitlines() == known.splitlines()


@pytest.mark.parametrize("box", ["current"], indirect=True)
async def test_calls(box: RecorderBox) -> None:
    known = json.loads(real("ipc-t5442tm-as/rpc2.magicBox.values.json"))
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()

        async def params(method: str) -> Any:
            return (await rpc.call(f"magicBox.{method}"))["params"]

        assert (await params("getUpTime"))["info"].keys() == known["magicBox.getUpTime"].keys()
        assert (await params("getMemoryInfo")).keys() == known["magicBox.getMemoryInfo"].keys()
        version = (await params("getSoftwareVersion"))["version"]
        assert version.keys() == known["magicBox.getSoftwareVersion"]["version"].keys()
        request = json.loads(real("nvr5232-ei/rpc2.mediaFileFind.findFile.request.json"))
        condition = {**request["params"]["condition"], **DAY}
        finder = (await rpc.call("mediaFileFind.factory.create"))["result"]
        found = await rpc.call("mediaFileFind.findFile", {"condition": condition}, object=finder)
        assert found["result"] is True
        page = (await rpc.call("mediaFileFind.findNextFile", {"count": 3}, object=finder))["params"]
        shown = json.loads(real("nvr5232-ei/rpc2.mediaFileFind.findNextFile.params.json"))
        assert page.keys() == shown.keys()
        assert shown["infos"][0].keys() <= page["infos"][0].keys()
