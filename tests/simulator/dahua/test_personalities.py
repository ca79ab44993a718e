"""The devices that can be plugged in, and that each peculiarity occurs in one of them."""

from dataclasses import Field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator.box import RecorderBox
from simulator.core.channels import ChannelState
from simulator.core.clock import Convention
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.dahua.personalities import BLUEPRINTS
from simulator.dahua.traits.answers import AnswerTraits
from simulator.dahua.traits.box import BoxTraits
from simulator.dahua.traits.channels import ChannelTraits
from simulator.dahua.traits.discovery import DiscoveryTraits
from simulator.dahua.traits.download import DownloadTraits
from simulator.dahua.traits.events import EventTraits
from simulator.dahua.traits.login import LoginTraits
from simulator.dahua.traits.pictures import PictureTraits
from simulator.dahua.traits.playback import PlaybackTraits
from simulator.dahua.traits.search import SearchTraits
from simulator.faces import PERSONALITIES

from ..occurrence import assert_occurs
from .client import PASSWORD, Cgi

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
README = Path(__file__).resolve().parents[3] / "simulator/README.md"
ALL = list(BLUEPRINTS.values())
HOLDERS = (
    AnswerTraits, LoginTraits, BoxTraits, ChannelTraits, SearchTraits, DownloadTraits, PictureTraits,
    EventTraits, PlaybackTraits, DiscoveryTraits,
)  # fmt: skip


@pytest.mark.parametrize(
    "trait",
    [trait for holder in HOLDERS for trait in fields(holder)],
    ids=lambda each: each.name,
)
def test_each_trait_occurs(trait: Field[Any]) -> None:
    assert_occurs(trait, [blueprint.firmware for blueprint in ALL])


def test_each_is_one_of_its_kind() -> None:
    assert {*PERSONALITIES} >= {*BLUEPRINTS}
    for label in ("mac", "serial", "address", "name"):
        values = [getattr(blueprint.identity, label) for blueprint in ALL]
        assert len({*values}) == len(values), label
    assert len({blueprint.login.realm for blueprint in ALL}) == len(ALL)
    assert {blueprint.clock.convention for blueprint in ALL} == {Convention.WALL}


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_has_recordings(name: str) -> None:
    recorder = PERSONALITIES[name](Options(now=TimeSource(NOW))).recorder
    for channel in recorder.channels.values():
        if channel.state is ChannelState.NO_VIDEO:
            continue
        found = recorder.schedule.recordings(channel.number, 1, NOW - timedelta(days=3), NOW)
        assert next(found, None) is not None, channel.name
    assert any(each.plan.continuous and each.has_pictures for each in recorder.channels.values())


@pytest.mark.parametrize("name", BLUEPRINTS)
async def test_each_lets_in_who_has_the_password(name: str) -> None:
    personality = PERSONALITIES[name](Options(password=PASSWORD, now=TimeSource(NOW)))
    async with RecorderBox(personality) as box, Cgi(box) as cgi:
        label = await cgi.ask("magicBox", "getMachineName")
        assert label.text.strip() == f"name={box.recorder.identity.name}"
        base = BLUEPRINTS[name].firmware.channel_base
        found = await cgi.search(Channel=base, **spans(box))
        assert found
        assert box.recorder.accounts.failed_logins == 0


def spans(box: RecorderBox) -> dict[str, str]:
    """Give the last day by the box's clock, as conditions have it."""
    wall = box.recorder.clock.wall(box.recorder.now())
    start = wall - timedelta(days=1)
    return {
        key: f"{digits:%Y-%m-%d %H:%M:%S}"
        for key, digits in (("StartTime", start), ("EndTime", wall))
    }


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_readme_tells_of_each(name: str) -> None:
    table = README.read_text(encoding="utf-8").partition("| `dahua/…` |")[2]
    assert f"| `{name.partition('/')[2]}` | {BLUEPRINTS[name].identity.model}, " in table
