"""``scripts/inspect --recorded`` against the recorded answers of real devices.

The folder that holds the devices is taken from the environment variable ``NVR_DEVICES``, else those of
all vendors from ``../shared`` beside the project. A folder that is not stated in `EXPECTED` (devices of one's
own) is still held to the shape of the answer.
"""

from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO, TextIOWrapper
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import cast

import pytest

from scripts.inspection import main

from .dahua.expected_devices import EXPECTED as DAHUA
from .expectation import MISSING_WORDS, Expected, Json
from .hikvision.expected_devices import EXPECTED as HIKVISION
from .onvif.expected_devices import EXPECTED as ONVIF

PROJECT = Path(__file__).resolve().parents[2]
OWN_DEVICES = os.environ.get("NVR_DEVICES")
SHARED = PROJECT.parent / "shared" / "devices"
VENDORS = "hikvision", "dahua", "onvif"
EXPECTED: dict[str, Expected] = {**HIKVISION, **DAHUA, **ONVIF}

RECORDER_KEYS = {"name", "manufacturer", "model", "serial", "firmware", "mac"}
CHANNEL_KEYS = {"number", "name", "online", "reason", "streams"}
STREAM_KEYS = {"name", "codec", "width", "height", "fps", "bitrate_kbps"}
DISK_KEYS = {"number", "state", "capacity_bytes", "free_bytes"}
CLOCK_KEYS = {"convention", "offset_s", "time_zone", "evidence"}
RECORDING_KEYS = {"channel", "start", "end", "start_device", "end_device", "kinds", "size_bytes"}
DISK_STATES = {
    "ok",
    "sleeping",
    "formatting",
    "unformatted",
    "failed",
    "missing",
    "offline",
    "unknown",
}
REASONS = {
    "no_video",
    "unreachable",
    "network_error",
    "ip_conflict",
    "wrong_password",
    "account_locked",
    "stream_limit",
    "not_activated",
    "disconnected",
    "unknown",
}
SERIAL_TAIL = 9
"""The part of a serial that is printed on the housing and names one device."""
MAC_TAIL = len("00:00:00")
"""The part of a MAC address that is not the maker's."""


def devices(vendor: str) -> Path:
    """Return the folder that holds the recorded devices of a vendor."""
    return Path(OWN_DEVICES or SHARED / vendor).resolve()


def device_folders(vendor: str) -> list[str]:
    """Return the names of the recorded devices of a vendor."""
    folder = devices(vendor)
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


FOLDERS = {name: devices(vendor) / name for vendor in VENDORS for name in device_folders(vendor)}

pytestmark = pytest.mark.skipif(not FOLDERS, reason="no ../shared here")


def _stated() -> list[str]:
    return [name for name in FOLDERS if name in EXPECTED]


@cache
def _output(name: str, *options: str) -> str:
    """Do what ``scripts/inspect`` does on one device and return what it prints."""
    said = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(said):
        assert main(["--recorded", str(FOLDERS[name]), *options]) == 0
    said.seek(0)
    return said.read()


def _inspect(name: str, *options: str) -> dict[str, Json]:
    printed = json.loads(_output(name, *options))
    assert isinstance(printed, dict)
    return printed


def _objects(printed: Json) -> list[dict[str, Json]]:
    assert isinstance(printed, list)
    assert all(isinstance(entry, dict) for entry in printed)
    return cast("list[dict[str, Json]]", printed)


def _object(printed: Json) -> dict[str, Json]:
    assert isinstance(printed, dict)
    return printed


def _only(printed: dict[str, Json], keys: set[str]) -> dict[str, Json]:
    """Keep the promised keys, all of which must be there; more may be."""
    return {key: printed[key] for key in sorted(keys)}


def _instant(text: Json) -> datetime | None:
    if text is None:
        return None
    assert isinstance(text, str)
    instant = datetime.fromisoformat(text)
    assert instant.utcoffset() == timedelta(0), f"{text} is not UTC"
    return instant


def _missing(printed: dict[str, Json]) -> set[str]:
    entries = _objects(printed["missing"])
    assert all(isinstance(entry["reason"], str) and entry["reason"] for entry in entries)
    return {str(entry["what"]) for entry in entries}


def _channels(printed: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for channel in _objects(printed["channels"]):
        streams: list[Json] = [
            _only(stream, STREAM_KEYS) for stream in _objects(channel["streams"])
        ]
        yield _only(channel, CHANNEL_KEYS) | {"streams": streams}


def _recordings(printed: list[dict[str, Json]]) -> list[dict[str, object]]:
    """Recordings with their instants parsed, so that both spellings of UTC are one."""
    return [
        _only(recording, RECORDING_KEYS)
        | {"start": _instant(recording["start"]), "end": _instant(recording["end"])}
        for recording in printed
    ]


@pytest.fixture(params=_stated())
def name(request: pytest.FixtureRequest) -> str:
    """Each device that is stated and recorded."""
    return str(request.param)


@pytest.fixture
def expected(name: str) -> Expected:
    """What is stated of the device."""
    return EXPECTED[name]


def test_every_recorded_device_is_stated() -> None:
    """Nobody adds a device without reading it, and none gets lost."""
    if OWN_DEVICES is None:
        assert set(FOLDERS) == set(EXPECTED)
    else:
        assert FOLDERS, f"NVR_DEVICES={OWN_DEVICES} holds no device"


def test_recorder(name: str, expected: Expected) -> None:
    """The recorder is identified, in full only when that is asked for."""
    assert _only(_object(_inspect(name, "--full")["recorder"]), RECORDER_KEYS) == expected.recorder


def test_channels_and_streams(name: str, expected: Expected) -> None:
    """Channels come with names, state and every stream, in order."""
    assert list(_channels(_inspect(name, "--full"))) == expected.channels


def test_disks(name: str, expected: Expected) -> None:
    """Disks, cards and network shares come with state and size."""
    disks = _objects(_inspect(name, "--full")["disks"])
    assert [_only(disk, DISK_KEYS) for disk in disks] == expected.disks


def test_clock(name: str, expected: Expected) -> None:
    """The clock says how the digits are meant, and on what grounds."""
    clock = _only(_object(_inspect(name, "--full")["clock"]), CLOCK_KEYS)
    evidence = clock.pop("evidence")
    assert isinstance(evidence, str)
    assert evidence
    # Nobody knows what time it truly was when the answers were taken.
    assert clock == {
        "convention": expected.convention,
        "offset_s": None,
        "time_zone": expected.time_zone,
    }


def test_recordings(name: str, expected: Expected) -> None:
    """Search answers come in UTC and in the device's own digits."""
    printed = _inspect(name, "--full")
    if expected.recordings is None:
        assert "recordings" not in printed
    else:
        assert _recordings(_objects(printed["recordings"])) == _recordings(expected.recordings)


def test_missing(name: str, expected: Expected) -> None:
    """What could not be learned is said, with the reason, and nothing else."""
    assert _missing(_inspect(name, "--full")) == expected.missing


def test_serial_and_mac_are_masked(name: str, expected: Expected) -> None:
    """Without ``--full`` nothing tells a device from others of its model; the rest is the same."""
    masked = _inspect(name)
    full = _inspect(name, "--full")
    text = _output(name).lower()
    for key, tail in ("serial", SERIAL_TAIL), ("mac", MAC_TAIL):
        real = expected.recorder[key]
        shown = _object(masked["recorder"]).pop(key)
        _object(full["recorder"]).pop(key)
        if real is None:
            assert shown is None
        else:
            # Something is shown, so that one sees that the device has it.
            assert isinstance(shown, str)
            assert shown
            secret = str(real)[-tail:].lower()
            assert secret not in text
            assert secret.replace(":", "") not in text
            if secret in str(expected.recorder["name"]).lower():
                # Some devices are named after their serial.
                _object(masked["recorder"]).pop("name")
                _object(full["recorder"]).pop("name")
    assert masked == full


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_program_prints_the_same(vendor: str) -> None:
    [name, *_] = device_folders(vendor) or pytest.skip("no ../shared here")
    arguments = [sys.executable, "scripts/inspect", "--recorded", str(FOLDERS[name])]
    run = subprocess.run(arguments, cwd=PROJECT, capture_output=True, check=True)
    assert run.stdout.decode() == _output(name)


@pytest.mark.parametrize("folder", FOLDERS)
def test_shape(folder: str) -> None:
    """Any recording, ours or not, gives an object of the promised shape and words."""
    printed = _inspect(folder, "--full")
    _only(_object(printed["recorder"]), RECORDER_KEYS)
    assert _missing(printed) <= MISSING_WORDS
    numbers = []
    for channel in _channels(printed):
        numbers.append(channel["number"])
        assert channel["online"] in (True, False, None)
        assert (channel["reason"] is None) == (channel["online"] is True)
        assert channel["reason"] is None or channel["reason"] in REASONS
        streams = [str(stream["name"]) for stream in _objects(channel["streams"])]
        assert streams == [word for word in ("main", "sub", "third") if word in streams]
    assert len(numbers) == len(set(numbers))
    for disk in _objects(printed["disks"]):
        assert _only(disk, DISK_KEYS)["state"] in DISK_STATES
    clock = _only(_object(printed["clock"]), CLOCK_KEYS)
    assert clock["convention"] in ("utc", "wall", "unknown")
    assert clock["offset_s"] is None
    for recording in _objects(printed.get("recordings", [])):
        _only(recording, RECORDING_KEYS)
