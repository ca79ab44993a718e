"""What search answers say: times, kinds, sizes, and what is no video."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custom_components.nvr.drivers.dahua.digits import read_digits, write_digits
from custom_components.nvr.drivers.dahua.items import Item, read_item, read_page
from custom_components.nvr.drivers.dahua.kinds import read_kinds
from custom_components.nvr.drivers.dahua.tree import Tree, read_answer
from custom_components.nvr.drivers.models import RecordingKind, StreamName

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"
NOON = datetime(2026, 7, 14, 12)

Kind = RecordingKind


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("2026-04-28 01:58:16", datetime(2026, 4, 28, 1, 58, 16)),
        ("2026-7-4 8:00:00", datetime(2026, 7, 4, 8)),
        ("2026-07-04 08:00:00 PM", datetime(2026, 7, 4, 20)),
        ("2026-07-04 12:05:00 AM", datetime(2026, 7, 4, 0, 5)),
        ("2026-07-04 12:05:00 pm", datetime(2026, 7, 4, 12, 5)),
        ("2026-07-04T08:00:00.250Z", datetime(2026, 7, 4, 8)),
        ("2026/07/04 08:00:00", datetime(2026, 7, 4, 8)),
        ("2026-07-04 24:00:00", datetime(2026, 7, 5)),
        ("2026-07-04 13:00:00 PM", None),
        ("2026-02-30 08:00:00", None),
        ("0000-00-00 00:00:00", None),
        ("9999-12-31 24:00:00", None),
        ("0001-01-01 00:00:00", None),
        ("noon", None),
        ("", None),
        (None, None),
    ],
)
def test_times_as_devices_write_them(text: str | None, digits: datetime | None) -> None:
    assert read_digits(text) == digits


def test_times_are_asked_in_whole_seconds() -> None:
    assert write_digits(NOON + timedelta(seconds=1.5)) == "2026-07-14 12:00:01"


@pytest.mark.parametrize(
    ("flags", "events", "path", "kinds"),
    [
        (["Timing", "UnMarked"], [], "", {Kind.CONTINUOUS}),
        (["Manual"], [], "", {Kind.MANUAL}),
        (["Event"], ["VideoMotion"], "", {Kind.MOTION}),
        (["Event"], ["SmartMotionHuman", "SmartMotionVehicle"], "", {Kind.PERSON, Kind.VEHICLE}),
        (["Event"], ["CrossLineDetection"], "", {Kind.LINE_CROSSING}),
        (["Event"], ["CrossRegionDetection"], "", {Kind.INTRUSION}),
        (["Event"], ["AlarmLocal"], "", {Kind.ALARM}),
        (["Timing"], ["VideoMotion"], "", {Kind.CONTINUOUS, Kind.MOTION}),
        (["Event"], ["VideoLoss"], "", {Kind.OTHER}),
        # Flags and events outweigh the file's name.
        (["Event"], ["FaceRecognition"], "/02.40.49-02.41.00[R][0@0][0].dav", {Kind.FACE}),
        (["Event"], [], "/02.40.49-02.41.00[R][0@0][0].dav", {Kind.OTHER}),
        (["Event"], ["*"], "/02.40.49-02.41.00[M][0@0][0].dav", {Kind.MOTION}),
        ([], [], "/mnt/dvr/2026-04-29/4/dav/00.00.00-00.30.02[R][0@0][0].dav", {Kind.CONTINUOUS}),
        ([], [], "/mnt/dvr/2026-04-29/4/dav/00.00.00-00.30.02[A][0@0][0].dav", {Kind.ALARM}),
        ([], [], "/mnt/dvr/2026-04-29/4/dav/00.00.00-00.30.02[I][0@0][0].dav", {Kind.OTHER}),
        ([], [], "", {Kind.OTHER}),
    ],
)
def test_kinds(flags: list[str], events: list[str], path: str, kinds: set[Kind]) -> None:
    assert read_kinds(flags, events, path) == kinds


def item(**changes: Tree) -> Item | None:
    """Read an item."""
    tree: dict[str | int, Tree] = {
        "Channel": 3,
        "StartTime": "2026-07-14 12:00:00",
        "EndTime": "2026-07-14 12:30:00",
        "Type": "dav",
        "FilePath": "/mnt/dvr/a.dav",
        "Length": "3276800.000000",
        "Flags": ["Timing"],
    }
    return read_item(tree | {key: value for key, value in changes.items()})  # noqa: C416 # other keys


def test_an_item() -> None:
    found = item()
    assert found is not None
    assert (found.channel, found.stream, found.start) == (3, StreamName.MAIN, NOON)
    assert found.end == NOON + timedelta(minutes=30)
    assert found.kinds == {Kind.CONTINUOUS}
    assert found.size_bytes == 3276800
    assert found.token == "/mnt/dvr/a.dav"


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "jpg"},
        {"VideoStream": "Extra3"},
        {"FilePath": "/mnt/sd/2023-04-09/001/jpg/07/12/04[M][0@0][0][].jpg"},
        {"StartTime": "yesterday"},
        {"EndTime": "never"},
        {"StartTime": "9999-12-31 00:00:00", "EndTime": "9999-12-31 01:00:00"},
        {"StartTime": "0001-01-01 00:00:00", "EndTime": "0001-01-01 01:00:00"},
        {"EndTime": "2026-07-14 10:30:00"},
        {"EndTime": "2027-07-14 10:30:00"},
        {"FilePath": "/" + "a" * 2000},
    ],
)
def test_what_is_no_video_or_makes_no_sense(changes: dict[str, Tree]) -> None:
    assert item(**changes) is None


def test_what_may_be_wanting() -> None:
    found = item(EndTime=None, Duration="480", FilePath=None, Length="-1", Channel=None)
    assert found is not None
    assert found.end == NOON + timedelta(minutes=8)
    assert found.size_bytes is None
    assert found.channel is None
    assert found.token == "None/main/2026-07-14 12:00:00"


@pytest.mark.parametrize(
    ("word", "stream"),
    [("Main", "main"), ("Extra1", "sub"), ("Extra", "sub"), ("Extra2", "third"), ("", "main")],
)
def test_streams(word: str, stream: str) -> None:
    found = item(VideoStream=word)
    assert found is not None
    assert found.stream == stream


def test_flags_may_be_one_word() -> None:
    found = item(Flags="Event", Events=["VideoMotion", 7])
    assert found is not None
    assert found.kinds == {Kind.MOTION}


def test_pages_count_what_is_printed() -> None:
    page = read_page({"found": 9, "infos": [{"StartTime": "x"}, {"Type": "jpg"}]})
    assert (page.items, page.count) == ((), 2)
    assert read_page({"found": 0, "infos": None}).count == 0
    assert read_page({}).count == 0


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("amcrest-ipc-sdcard/mediaFileFind.findNextFile.page1.txt", [248362892, 241799877]),
        ("amcrest-ipc-sdcard/mediaFileFind.findNextFile.page2.txt", [17561629]),
        ("amcrest-ipc-sdcard/mediaFileFind.findNextFile.page3.txt", []),
        ("intelbras-invd-9116-pe-ft/mediaFileFind.findNextFile.ch1.txt", [3276800]),
        ("nvr5232-ei/rpc2.mediaFileFind.findNextFile.params.json", [None]),
    ],
)
def test_pages_of_real_devices(name: str, sizes: list[int | None]) -> None:
    body = (DEVICES / name).read_bytes()
    for form in body, body.replace(b"\n", b"\r\n"):
        page = read_page(read_answer(form))
        assert [found.size_bytes for found in page.items] == sizes
