"""Identifiers are read as they were written, and nothing else is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from homeassistant.components.media_player import MediaClass, MediaType
import pytest

from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.media_identifier import (
    KINDS,
    ChannelIdentifier,
    ClipFolderIdentifier,
    ClipIdentifier,
    DayIdentifier,
    MediaIdentifier,
    PictureIdentifier,
    RecorderIdentifier,
    RecordingIdentifier,
    browser_url,
    parse_identifier,
)

ENTRY = "01JGXYZ0123456789ABCDEFGHJ"
START = datetime(2026, 9, 3, 19, 47, 3, tzinfo=UTC)
END = datetime(2026, 9, 3, 19, 47, 47, tzinfo=UTC)
CLIP = ClipPath(recorder="garage", channel="3_door", day=date(2026, 9, 3), file="214703_door.mp4")
PICTURE = replace(CLIP, file="214703_door.jpg")

IDENTIFIERS: list[tuple[MediaIdentifier, str]] = [
    (RecorderIdentifier(ENTRY), f"recorder/{ENTRY}"),
    (ChannelIdentifier(ENTRY, 3), f"channel/{ENTRY}/3"),
    (DayIdentifier(ENTRY, 3, date(2026, 9, 3)), f"day/{ENTRY}/3/2026-09-03"),
    (
        RecordingIdentifier(ENTRY, 3, StreamName.MAIN, START, END),
        f"recording/{ENTRY}/3/main/20260903T194703Z/20260903T194747Z",
    ),
    (ClipFolderIdentifier(), "clips"),
    (ClipFolderIdentifier("garage"), "clips/garage"),
    (ClipFolderIdentifier("garage", "3_door"), "clips/garage/3_door"),
    (
        ClipFolderIdentifier("garage", "3_door", date(2026, 9, 3)),
        "clips/garage/3_door/2026-09-03",
    ),
    (ClipIdentifier(CLIP), "clip/garage/3_door/2026-09-03/214703_door.mp4"),
    (PictureIdentifier(PICTURE), "picture/garage/3_door/2026-09-03/214703_door.jpg"),
]


@pytest.mark.parametrize(("identifier", "text"), IDENTIFIERS)
def test_round_trip(identifier: MediaIdentifier, text: str) -> None:
    assert str(identifier) == text
    assert parse_identifier(text) == identifier
    assert identifier.media_content_id == f"media-source://nvr/{text}"


def test_every_kind_is_shown() -> None:
    assert {type(identifier) for identifier, _ in IDENTIFIERS} == set(KINDS.values())


def test_what_plays_says_how() -> None:
    for identifier, _ in IDENTIFIERS:
        plays = isinstance(identifier, RecordingIdentifier | ClipIdentifier)
        shows = isinstance(identifier, PictureIdentifier)
        assert (identifier.mime_type is not None) is (plays or shows)
        assert (identifier.media_class == MediaClass.IMAGE) is shows
        assert (identifier.media_class == MediaClass.VIDEO) is plays
        assert (identifier.media_content_type == MediaType.VIDEO) is plays


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "recorder",
        "recorder/",
        "recorder/../x",
        f"recorder/{ENTRY}/3",
        f"channel/{ENTRY}",
        f"channel/{ENTRY}/0",
        f"channel/{ENTRY}/03",
        f"channel/{ENTRY}/-3",
        f"channel/{ENTRY}/70000",
        f"channel/{ENTRY}/three",
        f"day/{ENTRY}/3/20260903",
        f"day/{ENTRY}/3/2026-9-3",
        f"day/{ENTRY}/3",
        f"recording/{ENTRY}/3/main/20260903T194703Z",
        f"recording/{ENTRY}/3/fourth/20260903T194703Z/20260903T194747Z",
        f"recording/{ENTRY}/3/main/20260903T194747Z/20260903T194703Z",
        f"recording/{ENTRY}/3/main/yesterday/today",
        f"day/{ENTRY}/3/0001-01-01",
        f"day/{ENTRY}/3/9999-12-31",
        f"recording/{ENTRY}/3/main/20260903T194703Z/20260905T194704Z",
        f"recording/{ENTRY}/3/main/00010101T000000Z/99991231T235959Z",
        f"recording/{ENTRY}/3/main/00010101T000000Z/00010101T000001Z",
        f"recording/{ENTRY}/3/main/99991231T235958Z/99991231T235959Z",
        "clips/Garage",
        "clips/garage/door",
        "clips/garage/3_door/today",
        "clips/garage/3_door/2026-09-03/214703_door.mp4",
        "clips//3_door",
        "clip/garage/3_door/2026-09-03",
        "clip/garage/3_door/2026-09-03/../../secrets.yaml",
        "clip/garage/3_door/2026-09-03/.214703_door.mp4.part",
    ],
)
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(ValueError):
        parse_identifier(text)


def test_a_folder_below_nothing_is_none() -> None:
    with pytest.raises(ValueError):
        ClipFolderIdentifier(None, "3_door")


def test_a_recording_of_no_length_has_a_span() -> None:
    recording = Recording(
        channel=3, stream=StreamName.SUB, start=START, end=START, kinds=frozenset(), token="secret"
    )
    text = str(RecordingIdentifier.of(ENTRY, recording))
    assert text == f"recording/{ENTRY}/3/sub/20260903T194703Z/20260903T194704Z"


def test_a_recording_of_many_days_is_named_by_its_beginning() -> None:
    recording = Recording(
        channel=3,
        stream=StreamName.SUB,
        start=START,
        end=START + timedelta(days=9),
        kinds=frozenset(),
    )
    text = str(RecordingIdentifier.of(ENTRY, recording))
    assert text == f"recording/{ENTRY}/3/sub/20260903T194703Z/20260905T194703Z"
    assert str(parse_identifier(text)) == text


def test_the_page_of_the_media_browser() -> None:
    assert browser_url(ClipFolderIdentifier("garage")) == (
        "/media-browser/browser/app%2Cmedia-source%3A%2F%2Fnvr"
        "/%2Cmedia-source%3A%2F%2Fnvr%2Fclips%2Fgarage"
    )


def test_a_clip_is_no_picture_and_a_picture_no_clip() -> None:
    for text in (
        "clip/garage/3_door/2026-09-03/214703_door.jpg",
        "picture/garage/3_door/2026-09-03/214703_door.mp4",
    ):
        with pytest.raises(ValueError, match="not a"):
            parse_identifier(text)
