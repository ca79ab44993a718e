"""Recordings of real devices with parts of them missing: what is left is understood, never an error."""

from collections.abc import Mapping
import json
from pathlib import Path

import pytest

from custom_components.nvr.drivers.catalog import understand
from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.models import DiskState, RecorderState, StreamName
from custom_components.nvr.drivers.report import report
from tests.drivers.recorded_folder import write

from .fake_isapi import stream
from .test_recorded import DEVICES

CHANNEL_LISTS = (
    "ContentMgmt/InputProxy/channels",
    "ContentMgmt/InputProxy/channels/status",
    "System/Video/inputs/channels",
    "Streaming/channels",
)
WORDS = {"recorder", "channels", "channel_status", "streams", "disks", "clock", "recordings"}

type Tree = dict[str, JsonValue]

pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


def tree_of(name: str) -> Tree:
    tree = json.loads((DEVICES / name / "isapi-responses.json").read_text())["data"]["ISAPI"]
    assert isinstance(tree, dict)
    return tree


async def understood(folder: Path, tree: Mapping[str, JsonValue]) -> RecorderState:
    write(folder, {"isapi-responses.json": json.dumps({"data": {"ISAPI": tree}})})
    state, recordings = await understand(folder)
    json.dumps(report(state, recordings, full=True))
    numbers = [channel.number for channel in state.channels]
    assert len(numbers) == len(set(numbers))
    assert {entry.what for entry in state.missing} <= WORDS
    assert all(entry.reason for entry in state.missing)
    for channel in state.channels:
        assert (channel.reason is None) == (channel.online is True)
    return state


NAMES = [
    "DS-2CD2146G2-ISU",
    "DS-2CD2386G2-IU",
    "DS-2CD2532F-IWS",
    "DS-2SE4C425MWG-E-26",
    "DS-7608NXI-I2",
    "DS-7616NI-K2",
    "iDS-7204HUHI-M1",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("instead", [None, {"status_code": 403}, {"error": "timed out"}])
async def test_channels_follow_from_single_streams(
    tmp_path: Path, name: str, instead: JsonValue
) -> None:
    whole = await understood(tmp_path / "whole", tree_of(name))
    tree = {path: entry for path, entry in tree_of(name).items() if path not in CHANNEL_LISTS}
    if instead is not None:
        tree |= dict.fromkeys(CHANNEL_LISTS, instead)
    state = await understood(tmp_path / "parts", tree)
    # An unplugged camera answers for no stream, so nothing is left of it.
    expected = {channel.number: channel.streams for channel in whole.channels if channel.streams}
    assert expected
    found = {channel.number: channel.streams for channel in state.channels}
    assert list(found) == list(expected)
    for number, streams in expected.items():
        mains = [
            next(entry for entry in entries if entry.name is StreamName.MAIN)
            for entries in (found[number], streams)
        ]
        assert mains[0].codec == mains[1].codec


@pytest.mark.parametrize("name", NAMES)
async def test_any_answer_may_be_missing(tmp_path: Path, name: str) -> None:
    tree = tree_of(name)
    for path in tree:
        await understood(tmp_path, {key: value for key, value in tree.items() if key != path})
        await understood(tmp_path, {path: tree[path]})


async def test_a_stream_recorded_under_any_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one.xml": stream(301),
            "two.xml": stream(302, "H.265"),
            "three.xml": "<hdd><id>2</id><status>sleeping</status></hdd>",
        },
    )
    state, _ = await understand(tmp_path)
    (channel,) = state.channels
    assert (channel.number, channel.online) == (3, True)
    assert [entry.codec for entry in channel.streams] == ["H.264", "H.265"]
    assert [(disk.number, disk.state) for disk in state.disks] == [(2, DiskState.SLEEPING)]


async def test_channels_of_which_only_the_state_is_recorded(tmp_path: Path) -> None:
    state = await understood(
        tmp_path,
        {
            f"ContentMgmt/InputProxy/channels/{number}/status": {
                "response": {
                    "InputProxyChannelStatus": {"id": str(number), "online": str(number == 2)}
                }
            }
            for number in (2, 3)
        },
    )
    assert [(channel.number, channel.online) for channel in state.channels] == [
        (2, True),
        (3, False),
    ]


async def test_a_list_refused_in_words_gives_way_to_single_items(tmp_path: Path) -> None:
    refusal = {"ResponseStatus": {"statusCode": "4", "subStatusCode": "notSupport"}}
    disk = {"hdd": {"id": "1", "status": "ok", "capacity": "1000", "freeSpace": "0"}}
    state = await understood(
        tmp_path,
        {
            "ContentMgmt/Storage": {"response": refusal},
            "ContentMgmt/Storage/hdd/1": {"response": disk},
            "GET /ISAPI/Streaming/channels/101": {"response": stream(101)},
        },
    )
    assert [disk.number for disk in state.disks] == [1]
    assert [channel.number for channel in state.channels] == [1]
