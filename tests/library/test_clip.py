"""Paths of clips hold nothing but what the library builds; notes say everything about a clip."""

from dataclasses import replace
from datetime import UTC, date, datetime
import json

import pytest

from custom_components.nvr.drivers.models import RecordingKind, StreamName
from custom_components.nvr.library.clip import ClipNote, ClipPath, Gap, channel_number

PATH = ClipPath(
    recorder="garage_nvr",
    channel="3_front_door",
    day=date(2026, 9, 3),
    file="214703_front_door.mp4",
)
NOTE = ClipNote(
    recorder_id="0123456789abcdef",
    recorder="Garage NVR",
    channel=3,
    channel_name="Front door — Ünïcödé",
    stream=StreamName.MAIN,
    start=datetime(2026, 9, 3, 19, 47, 3, 250_000, tzinfo=UTC),
    end=datetime(2026, 9, 3, 19, 47, 47, tzinfo=UTC),
    kinds=frozenset({RecordingKind.MOTION, RecordingKind.PERSON}),
    exact=True,
    gaps=(
        Gap(
            start=datetime(2026, 9, 3, 19, 47, 10, tzinfo=UTC),
            end=datetime(2026, 9, 3, 19, 47, 12, tzinfo=UTC),
        ),
    ),
)


def test_a_path_tells_channel_and_time() -> None:
    assert ClipPath.from_parts(*PATH.parts) == PATH
    assert PATH.parts == ("garage_nvr", "3_front_door", "2026-09-03", "214703_front_door.mp4")
    assert PATH.channel_number == 3
    assert PATH.time == "21:47:03"


@pytest.mark.parametrize(
    "parts",
    [
        ("..", "3_door", "2026-09-03", "214703_x.mp4"),
        ("", "3_door", "2026-09-03", "214703_x.mp4"),
        ("a/b", "3_door", "2026-09-03", "214703_x.mp4"),
        ("a\n", "3_door", "2026-09-03", "214703_x.mp4"),
        ("nvr", "door", "2026-09-03", "214703_x.mp4"),
        ("nvr", "3_..", "2026-09-03", "214703_x.mp4"),
        ("nvr", "3_door", "20260903", "214703_x.mp4"),
        ("nvr", "3_door", "2026-13-03", "214703_x.mp4"),
        ("nvr", "3_door", "..", "214703_x.mp4"),
        ("nvr", "3_door", "2026-09-03", ".214703_x.mp4"),
        ("nvr", "3_door", "2026-09-03", "214703_x.mp4.part"),
        ("nvr", "3_door", "2026-09-03", "../214703_x.mp4"),
        ("nvr", "3_door", "2026-09-03", "294799_x.mp4"),
        ("nvr", "3_door", "2026-09-03", "secrets.yaml"),
    ],
)
def test_a_path_takes_nothing_else(parts: tuple[str, str, str, str]) -> None:
    with pytest.raises(ValueError):
        ClipPath.from_parts(*parts)


def test_a_folder_that_is_no_channels_has_no_number() -> None:
    with pytest.raises(ValueError):
        channel_number("front_door")


def test_a_note_is_read_as_it_was_written() -> None:
    assert ClipNote.loads(NOTE.dumps()) == NOTE
    assert NOTE.duration.total_seconds() == 43.75
    shorter = replace(NOTE, format_changed=True, truncated=True)
    assert ClipNote.loads(shorter.dumps()) == shorter


def test_a_note_of_earlier_versions_is_read() -> None:
    fields = json.loads(NOTE.dumps())
    del fields["format_changed"], fields["truncated"]
    assert ClipNote.loads(json.dumps(fields).encode()) == NOTE


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "three"},
        {"start": "yesterday"},
        {"start": "2026-09-03T19:47:03"},
        {"kinds": "motion"},
        {"kinds": ["boredom"]},
        {"gaps": [["2026-09-03T19:47:03+00:00"]]},
        {"gaps": 3},
        {"stream": "fourth"},
        {"recorder": None, "kinds": None},
    ],
)
def test_a_note_of_somebody_else_is_refused(change: dict[str, object]) -> None:
    fields = json.loads(NOTE.dumps()) | change
    with pytest.raises(ValueError):
        ClipNote.loads(json.dumps(fields).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"\xff\xfe"])
def test_nonsense_is_no_note(data: bytes) -> None:
    with pytest.raises(ValueError):
        ClipNote.loads(data)
