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
from simulator.faces import PERSONALITIES
from simulator.onvif.namespaces import Service
from simulator.onvif.personalities import BLUEPRINTS
from simulator.onvif.traits.answers import AnswerTraits
from simulator.onvif.traits.box import BoxTraits
from simulator.onvif.traits.discovery import DiscoveryTraits
from simulator.onvif.traits.events import EventTraits
from simulator.onvif.traits.login import LoginTraits, Proof
from simulator.onvif.traits.media import MediaTraits
from simulator.onvif.traits.recording import RecordingTraits
from simulator.onvif.traits.search import SearchTraits

from ..occurrence import assert_occurs
from .client import PASSWORD, TDS, TRC, TRT, TSE, Soap
from .test_login import envelope
from .test_search import begin

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
README = Path(__file__).resolve().parents[3] / "simulator/README.md"
ALL = list(BLUEPRINTS.values())
HOLDERS = (
    AnswerTraits, LoginTraits, BoxTraits, MediaTraits, RecordingTraits, SearchTraits, EventTraits,
    DiscoveryTraits,
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
    assert {blueprint.clock.convention for blueprint in ALL} == {Convention.UTC}


def test_those_that_others_count_on() -> None:
    assert {*BLUEPRINTS} >= {f"onvif/{name}" for name in ("nvr", "camera", "live", "hostile")}
    live = BLUEPRINTS["onvif/live"].firmware
    assert not live.services & {Service.MEDIA2, Service.RECORDING, Service.SEARCH, Service.REPLAY}
    for name in ("nvr", "camera", "hostile"):
        firmware = BLUEPRINTS[f"onvif/{name}"].firmware
        assert firmware.services >= {Service.RECORDING, Service.SEARCH, Service.REPLAY}
        assert "Profile/G" in firmware.scopes


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_with_profile_g_has_recordings(name: str) -> None:
    recorder = PERSONALITIES[name](Options(now=TimeSource(NOW))).recorder
    for channel in recorder.channels.values():
        if channel.state is ChannelState.NO_VIDEO or name == "onvif/live":
            continue
        found = recorder.schedule.recordings(channel.number, 1, NOW - timedelta(days=3), NOW)
        assert next(found, None) is not None, channel.name


@pytest.mark.parametrize("name", BLUEPRINTS)
async def test_each_lets_in_who_has_the_password(name: str) -> None:
    personality = PERSONALITIES[name](Options(password=PASSWORD, now=TimeSource(NOW)))
    async with RecorderBox(personality) as box, Soap(box) as soap:
        firmware = BLUEPRINTS[name].firmware
        if Proof.TOKEN in firmware.proofs:
            reply = await soap.ask(TDS, "GetDeviceInformation")
        else:
            reply = await soap.post(envelope(TDS, "GetDeviceInformation"), http=soap.digest)
        assert box.recorder.identity.serial in reply.body.decode()
        assert box.recorder.accounts.failed_logins == 0


async def test_the_hostile_one_tells_all_that_others_tell() -> None:
    """Whoever looks for names, in any order and as often as need be, reads what there is."""
    time = TimeSource(NOW, running=False)
    personality = PERSONALITIES["onvif/hostile"](Options(password=PASSWORD, now=time))
    async with RecorderBox(personality) as box, Soap(box) as soap:
        hidden = await soap.ask(TRT, "GetProfiles")
        assert hidden.body.startswith(b'<?xml version="1.0" encoding="utf-16"?>')
        assert hidden.body.count(b"<Profiles ") == 8
        refused = await begin(soap, NOW - timedelta(days=1), NOW, token="")
        assert refused.status == 200
        assert b"ter:InvalidFilterFault" in refused.body
        recordings = await soap.ask(TRC, "GetRecordings")
        assert recordings.body.count(b"<RecordingToken") == 4
        begun = await soap.ask(TSE, "FindRecordings", "<Scope/>")
        assert b"SearchToken[1]" in begun.body
        full = await soap.ask(TSE, "FindRecordings", "<Scope/>")
        assert b"ter:ResourceProblem" in full.body


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_readme_tells_of_each(name: str) -> None:
    table = README.read_text(encoding="utf-8").partition("| `onvif/…` |")[2]
    assert f"| `{name.partition('/')[2]}` | {BLUEPRINTS[name].identity.model}, " in table
