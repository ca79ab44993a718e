"""Folders are slugs that stay the same and that no two recorders or channels share."""

from dataclasses import replace
from datetime import UTC, datetime

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.library.clip import NAME_LIMIT, ClipPath
from custom_components.nvr.library.naming import (
    channel_folder,
    recorder_folder,
    recorder_id,
    slug,
)
from tests.fake_driver import SERIAL, channel

LONG = "Very long name of a recorder " * 9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Front door", "front_door"),
        ("../../etc", "etc"),
        ("Küche & Flur", "kuche_flur"),
        ("", "unnamed"),
        ("///", "unknown"),
        (LONG, LONG.lower().replace(" ", "_")[:NAME_LIMIT].strip("_")),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize("name", ["Front door", "", "..", LONG, "前门"])
def test_every_name_makes_a_path(name: str) -> None:
    folder = channel_folder(replace(channel(12), name=name))
    path = ClipPath(
        recorder=slug(name),
        channel=folder,
        day=datetime(2026, 9, 3, tzinfo=UTC).date(),
        file=f"214703_{slug(name)}.mp4",
    )
    assert path.channel_number == 12


def add(hass: HomeAssistant, title: str, unique_id: str | None) -> MockConfigEntry:
    entry = MockConfigEntry(domain=DOMAIN, title=title, unique_id=unique_id)
    entry.add_to_hass(hass)
    return entry


async def test_of_two_recorders_with_one_name_the_later_is_told_apart(hass: HomeAssistant) -> None:
    first, second = add(hass, "Home", "A1"), add(hass, "Home", "B2")
    assert recorder_folder(hass, first) == "home"
    assert recorder_folder(hass, second) == f"home_{recorder_id(second)[:4]}"
    long = [add(hass, LONG, name) for name in ("C3", "D4")]
    folders = {recorder_folder(hass, entry) for entry in long}
    assert len(folders) == 2
    assert all(len(folder) <= NAME_LIMIT for folder in folders)


async def test_a_recorder_is_known_again_and_keeps_its_serial_number_to_itself(
    hass: HomeAssistant,
) -> None:
    first, again = add(hass, "Home", SERIAL), add(hass, "Other", SERIAL)
    assert recorder_id(first) == recorder_id(again)
    assert SERIAL.lower() not in recorder_id(first)
    assert recorder_id(add(hass, "Home", None)) != recorder_id(first)
