"""Devices nobody here has seen: recorded ones, changed in the ways in which firmware differs."""

from collections.abc import Callable
import json
from pathlib import Path
import random

import pytest

from custom_components.nvr.drivers.catalog import understand
from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.models import RecorderState
from custom_components.nvr.drivers.report import Json, report
from tests.drivers.test_devices import devices

DEVICES = devices("hikvision")

pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")

RECORDERS = ("DS-7608NXI-I2", "DS-7616NI-K2", "iDS-7204HUHI-M1")
CAMERAS = ("DS-2CD2386G2-IU", "DS-2CD2532F-IWS", "DS-2SE4C425MWG-E-26", "DS-2CD2146G2-ISU")
LISTS = {
    "InputProxyChannelList": "InputProxyChannel",
    "VideoInputChannelList": "VideoInputChannel",
    "StreamingChannelList": "StreamingChannel",
}

type Paths = dict[str, dict[str, JsonValue]]


def answers(name: str) -> Paths:
    loaded = json.loads((DEVICES / name / "isapi-responses.json").read_text())
    return dict(loaded["data"]["ISAPI"])


async def seen(paths: Paths, folder: Path) -> RecorderState:
    (folder / "isapi-responses.json").write_text(json.dumps({"data": {"ISAPI": paths}}))
    state, _ = await understand(folder)
    return state


def told(state: RecorderState) -> Json:
    return report(state, None, full=True)


def walked(value: JsonValue, change: Callable[[dict[str, JsonValue]], None]) -> None:
    """Apply a change to every dictionary."""
    if isinstance(value, dict):
        for inner in list(value.values()):
            walked(inner, change)
        change(value)
    elif isinstance(value, list):
        for inner in value:
            walked(inner, change)


def other_namespace(node: dict[str, JsonValue]) -> None:
    if "@xmlns" in node:
        node["@xmlns"] = "http://www.std-cgi.org/ver20/XMLSchema"
        node["@version"] = "3.7"


def unknown_elements(node: dict[str, JsonValue]) -> None:
    if "id" in node or "model" in node:
        node["somethingNew"] = {"opt": "a,b", "id": "77", "name": "not me", "enabled": "false"}


def shuffled(node: dict[str, JsonValue]) -> None:
    items = list(node.items())
    random.Random(len(items)).shuffle(items)
    node.clear()
    node.update(items)


def lying_sizes(node: dict[str, JsonValue]) -> None:
    if "@size" in node:
        node["@size"] = "0"


CHANGES = {
    "namespaces": other_namespace,
    "unknown elements": unknown_elements,
    "order": shuffled,
    "sizes": lying_sizes,
}


@pytest.mark.parametrize("name", RECORDERS + CAMERAS)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_means_nothing_changes_nothing(
    name: str, change: Callable[[dict[str, JsonValue]], None], tmp_path: Path
) -> None:
    paths = answers(name)
    for answer in paths.values():
        walked(answer.get("response"), change)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert told(await seen(paths, tmp_path / "a")) == told(
        await seen(answers(name), tmp_path / "b")
    )


@pytest.mark.parametrize("name", [*RECORDERS[::2], CAMERAS[2]])
async def test_each_answer_may_be_missing(name: str, tmp_path: Path) -> None:
    whole = await seen(answers(name), tmp_path)
    for path in answers(name):
        for instead in None, {"status_code": 500}, {"response": {"html": None}}:
            paths = answers(name)
            if instead is None:
                del paths[path]
            else:
                paths[path] = instead  # type: ignore[assignment] # forms of answers
            state = await seen(paths, tmp_path)
            # What else there is stays as it was.
            if path != "System/deviceInfo":
                assert state.recorder == whole.recorder
            known = {channel.number for channel in whole.channels}
            assert {channel.number for channel in state.channels} <= known or not whole.channels
            if path != "ContentMgmt/Storage":
                assert state.disks == whole.disks


@pytest.mark.parametrize("name", RECORDERS)
@pytest.mark.parametrize("leaf", ["name", "devIndex", "model", "videoInputEnabled", "Audio"])
async def test_optional_elements_may_be_missing(name: str, leaf: str, tmp_path: Path) -> None:
    def without(node: dict[str, JsonValue]) -> None:
        node.pop(leaf, None)

    paths = answers(name)
    for path, answer in paths.items():
        if path != "System/deviceInfo":
            walked(answer.get("response"), without)
    state = await seen(paths, tmp_path)
    (tmp_path / "whole").mkdir()
    whole = await seen(answers(name), tmp_path / "whole")
    assert [entry.number for entry in state.channels] == [entry.number for entry in whole.channels]
    assert all(channel.name for channel in state.channels)
    assert state.disks == whole.disks


@pytest.mark.parametrize("count", [0, 1, 3, 64])
async def test_other_counts_of_channels(count: int, tmp_path: Path) -> None:
    paths = answers("DS-7616NI-K2")
    path = "ContentMgmt/InputProxy/channels"
    listed = paths[path]["response"]
    assert isinstance(listed, dict)
    node = listed["InputProxyChannelList"]
    assert isinstance(node, dict)
    items = node["InputProxyChannel"]
    assert isinstance(items, list)
    first = items[0]
    assert isinstance(first, dict)
    many: list[JsonValue] = [
        {**first, "id": str(number), "name": f"Camera {number}"} for number in range(1, count + 1)
    ]
    # One of a kind is no list in this form.
    node.pop("InputProxyChannel")
    if many:
        node["InputProxyChannel"] = many[0] if count == 1 else many
    state = await seen(paths, tmp_path)
    if count:
        assert [entry.number for entry in state.channels] == list(range(1, count + 1))
        assert state.channels[-1].name == f"Camera {count}"
    else:
        assert all(not entry.name.startswith("Camera ") for entry in state.channels)
