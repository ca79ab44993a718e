"""Answers beside those of the real devices whose kind they are.

The folder with the real ones is `NVR_DEVICES`, else `../shared` beside the project.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
import json
import os
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest

from tests.simulator.instants import NOW

from .isapi import Isapi, Query

PROJECT = Path(__file__).resolve().parents[3]
DEVICES = Path(os.environ.get("NVR_DEVICES") or PROJECT.parent / "shared/devices/hikvision")
NEW, OLD = "DS-7608NXI-I2", "DS-7616NI-K2"
LISTS = [
    "System/deviceInfo",
    "ContentMgmt/InputProxy/channels",
    "Streaming/channels/101",
    "Streaming/channels/102",
    "ContentMgmt/Storage",
    "Security/adminAccesses",
]
# Neither device was asked for a stream that has both of these.
MAY_DIFFER = {"StreamingChannel/Video/videoScanType"}

pytestmark = pytest.mark.skipif(
    not (DEVICES / NEW).is_dir() or not (DEVICES / OLD).is_dir(), reason="no ../shared here"
)


def real(device: str, path: str) -> Any:
    """Give a device's recorded answer."""
    text = (DEVICES / device / "isapi-responses.json").read_text(encoding="utf-8")
    return json.loads(text)["data"]["ISAPI"][path]


def recorded_paths(content: object, path: str = "") -> Iterator[str]:
    """Give the paths of all elements of a recorded answer."""
    match content:
        case Mapping():
            for name, value in content.items():
                if not name.startswith(("@", "#")):
                    below = f"{path}/{name}".lstrip("/")
                    yield below
                    yield from recorded_paths(value, below)
        case list():
            for item in content:
                yield from recorded_paths(item, path)


def paths(element: Element, path: str = "") -> Iterator[str]:
    """Give the paths of all elements of an answer."""
    below = f"{path}/{element.tag}".lstrip("/")
    yield below
    for part in element:
        yield from paths(part, below)


@pytest.mark.parametrize("path", LISTS)
async def test_current_has_the_elements_of_a_real_device(current_isapi: Isapi, path: str) -> None:
    ours = set(paths((await current_isapi.get(path)).root))
    assert ours == set(recorded_paths(real(NEW, path)["response"])) - MAY_DIFFER


@pytest.mark.parametrize("path", LISTS)
async def test_old_has_the_elements_of_a_real_device(old_isapi: Isapi, path: str) -> None:
    ours = set(paths((await old_isapi.get(path)).root)) - MAY_DIFFER
    assert ours == set(recorded_paths(real(OLD, path)["response"])) - MAY_DIFFER


async def test_capabilities_have_no_elements_of_our_own(
    current_isapi: Isapi, old_isapi: Isapi
) -> None:
    for isapi, device in ((current_isapi, NEW), (old_isapi, OLD)):
        ours = set(paths((await isapi.get("System/capabilities")).root))
        known = set(recorded_paths(real(device, "System/capabilities")["response"]))
        assert ours <= known, ours - known


async def test_roots_and_items_are_marked_as_the_devices_mark_them(
    current_isapi: Isapi, old_isapi: Isapi
) -> None:
    for isapi, device in ((current_isapi, NEW), (old_isapi, OLD)):
        answer = await isapi.get("ContentMgmt/InputProxy/channels")
        known = real(device, "ContentMgmt/InputProxy/channels")["response"]["InputProxyChannelList"]
        mark = f'version="{known["@version"]}" xmlns="{known["@xmlns"]}"'
        assert answer.body.count(mark.encode()) == 1 + sum(
            "@xmlns" in item for item in known["InputProxyChannel"]
        ) // len(known["InputProxyChannel"]) * len(answer.root)


@pytest.mark.parametrize("path", ["System/Video/inputs/channels", "Streaming/channels/103"])
async def test_refuses_what_a_real_device_refuses(current_isapi: Isapi, path: str) -> None:
    assert (await current_isapi.get(path)).status == real(NEW, path)["status_code"]


async def test_recorder_documents_have_the_elements_of_real_ones(current_isapi: Isapi) -> None:
    query = Query(start=NOW - timedelta(hours=1), end=NOW)
    answers = {
        "System_status.xml": await current_isapi.get("System/status"),
        "ContentMgmt_search__track101.xml": await current_isapi.search(query),
        "ContentMgmt_Storage_hdd.xml": await current_isapi.get("ContentMgmt/Storage/hdd"),
    }
    for name, answer in answers.items():
        text = (DEVICES / "DS-8632N-I8" / name).read_bytes()
        known: Element = defusedxml.ElementTree.fromstring(text)
        assert [*dict.fromkeys(paths(answer.root))] == [*dict.fromkeys(paths(known))]
