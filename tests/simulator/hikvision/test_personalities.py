"""The devices that can be plugged in, and that each peculiarity occurs in one of them."""

from collections.abc import Iterator
from dataclasses import Field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import CountCheck, LoginPolicy
from simulator.core.blueprint import Boot, Wall
from simulator.core.channels import ChannelState, OfflineReason
from simulator.core.clock import Convention, Suffix
from simulator.core.digest import Scheme
from simulator.core.disks import DiskState
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.faces import PERSONALITIES
from simulator.hikvision.firmware import Firmware
from simulator.hikvision.personalities import BLUEPRINTS
from simulator.hikvision.personalities.blueprint import Blueprint
from simulator.rtsp.traits import Junk, RtspTraits

from ..occurrence import assert_occurs
from .isapi import PASSWORD

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
README = Path(__file__).resolve().parents[3] / "simulator/README.md"
ALL = list(BLUEPRINTS.values())
# FFmpeg, with which people watch, loses its place with short frames: no recorder that is sold can do
# so. Nonces that are good once are another maker's.
NOBODY_S: set[StrEnum] = {Junk.SHORT_FRAMES, CountCheck.ONCE}


def holders(blueprint: Blueprint) -> Iterator[object]:
    """Give all that holds the traits of a device."""
    yield from (blueprint.firmware, blueprint.firmware.rtsp, blueprint.login)
    yield from (blueprint.clock, blueprint.boot)


def traits() -> Iterator[Any]:
    """Give all traits, with what holds them."""
    for holder in (Firmware, RtspTraits, LoginPolicy, Wall, Boot):
        for trait in fields(holder):
            # Any text will do for these, and replay with its own headers is ONVIF's.
            if trait.name not in {"realm", "rtsp", "replay"}:
                yield pytest.param(holder, trait, id=f"{holder.__name__}-{trait.name}")


@pytest.mark.parametrize(("holder", "trait"), traits())
def test_each_trait_occurs(holder: type, trait: Field[Any]) -> None:
    found = [each for blueprint in ALL for each in holders(blueprint) if isinstance(each, holder)]
    assert_occurs(trait, found, NOBODY_S)


def test_each_state_occurs() -> None:
    built = [blueprint.build(Options(now=TimeSource(NOW))).recorder for blueprint in ALL]
    channels = [channel for recorder in built for channel in recorder.channels.values()]
    assert {channel.state for channel in channels} == set(ChannelState)
    assert {channel.reason for channel in channels} == {None, *OfflineReason}
    assert {disk.state for recorder in built for disk in recorder.disks} == set(DiskState)
    assert {blueprint.clock.convention for blueprint in ALL} == set(Convention)
    assert {blueprint.clock.suffix for blueprint in ALL} == set(Suffix)


def test_each_is_one_of_its_kind() -> None:
    assert set(PERSONALITIES) >= set(BLUEPRINTS)
    for label in ("mac", "serial", "address"):
        values = [getattr(blueprint.identity, label) for blueprint in ALL]
        assert len(set(values)) == len(values), label
    assert len({blueprint.login.challenge for blueprint in ALL}) >= 8


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_has_recordings(name: str) -> None:
    recorder = PERSONALITIES[name](Options(now=TimeSource(NOW))).recorder
    schedule = recorder.schedule
    for channel in recorder.channels.values():
        if not channel.plan.streams or channel.state is ChannelState.NO_VIDEO:
            continue
        found = schedule.recordings(channel.number, 1, NOW - timedelta(days=3), NOW)
        assert next(found, None) is not None, channel.name
    assert any(each.plan.continuous and each.has_pictures for each in recorder.channels.values())


@pytest.mark.parametrize("name", BLUEPRINTS)
async def test_each_lets_in_who_has_the_password(name: str) -> None:
    personality = PERSONALITIES[name](Options(password=PASSWORD, now=TimeSource(NOW)))
    async with RecorderBox(personality) as box:
        firmware = BLUEPRINTS[name].firmware
        url = f"http://{box.address}{firmware.tree}/System/deviceInfo"
        if Scheme.BASIC in BLUEPRINTS[name].login.schemes:
            basic = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
            session = aiohttp.ClientSession(headers=basic)
        else:
            digest = aiohttp.DigestAuthMiddleware("admin", PASSWORD)
            session = aiohttp.ClientSession(middlewares=(digest,))
        async with session, session.get(url) as response:
            assert response.status == 200
            assert box.recorder.identity.model.encode() in await response.read()
        assert box.recorder.accounts.failed_logins == 0


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_readme_tells_of_each(name: str) -> None:
    assert f"| `{name.partition('/')[2]}` |" in README.read_text(encoding="utf-8")
