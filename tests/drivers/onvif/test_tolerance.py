"""Devices whose messages are not what the specification says, one peculiarity at a time."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from custom_components.nvr.drivers.models import Channel, RecorderState, StreamName
from simulator.faces import PERSONALITIES
from simulator.onvif.namespaces import Service
from simulator.onvif.traits.answers import Declaration, Names, Prefix
from simulator.onvif.traits.box import Hosts, Layout
from simulator.onvif.traits.login import Proof
from simulator.onvif.traits.media import HiddenCodec
from tests.drivers.conftest import Clock

from .conftest import Plugged

NAMES = sorted(name for name in PERSONALITIES if name.startswith("onvif/"))
OPTIONAL = frozenset(
    {"GetScopes", "GetNetworkInterfaces", "GetOSDs", "GetRecordingJobs", "GetVideoSources"}
)

FORMS: dict[str, dict[str, Any]] = {
    **{f"declared as {one}": {"declaration": one} for one in Declaration},
    **{f"prefix {one.value!r}": {"envelope": one} for one in Prefix},
    "indented": {"indented": True},
    "in reverse": {"reversed_elements": True},
    "with what no schema knows": {"unknown_elements": True},
    "in reverse, with what no schema knows": {"reversed_elements": True, "unknown_elements": True},
    "with our login in it": {"echoes_security": True},
    "with prefixes that nobody declared": {"undeclared_prefixes": True},
    "no list of services": {"lists_services": False, "services": frozenset(Service)},
    **{f"layout {one}": {"layout": one} for one in Layout},
    **{f"services at {one}": {"hosts": one} for one in Hosts},
    **{f"streams at {one}": {"stream_hosts": one} for one in Hosts},
    "tokens alone": {"proofs": frozenset({Proof.TOKEN}), "zulu_only": True},
    "one list of types": {"all_types": False},
    "faults by HTTP 200": {"fault_status": HTTPStatus.OK},
}
LACKS: dict[str, dict[str, Any]] = {
    "absent": {"absent": OPTIONAL},
    "absent by our fault": {"absent": OPTIONAL, "absent_as_sender": True},
    "absent, by HTTP 200": {"absent": OPTIONAL, "fault_status": HTTPStatus.OK},
    "answered by nothing": {"empty_answers": OPTIONAL},
    "answered by an empty envelope": {"empty_bodies": OPTIONAL},
}


async def _state(plugged: Plugged, name: str, **traits: Any) -> RecorderState:
    async with plugged(name, **traits) as device:
        state = await device.driver.connect()
        for channel in state.channels:
            assert device.driver.live_url(channel, StreamName.MAIN) == _at(
                device.box.host,
                device.box.rtsp_port,
                device.driver.live_url(channel, StreamName.MAIN),
            )
        return state


def _at(host: str, port: int, url: str | None) -> str | None:
    """Return an address with the host and the port that lead to the device."""
    assert url is not None
    start, _, rest = url.partition("@")
    return f"{start}@{host}:{port}/{rest.partition('/')[2]}"


def _nameless(channels: tuple[Channel, ...]) -> list[Channel]:
    return [
        replace(channel, name="", online=None, reason=None, recording=None) for channel in channels
    ]


@pytest.mark.parametrize("traits", FORMS.values(), ids=list(FORMS))
async def test_a_state_is_the_same_in_any_form(plugged: Plugged, traits: dict[str, Any]) -> None:
    sound = await _state(plugged, "onvif/nvr")
    odd = await _state(plugged, "onvif/nvr", **traits)
    assert odd.recorder.serial == sound.recorder.serial
    assert odd.recorder.mac == sound.recorder.mac
    without_media2 = traits.get("lists_services") is False
    if without_media2:
        # The older list of services knows nothing of Media2, so H.265 stays hidden.
        assert [one.number for one in odd.channels] == [one.number for one in sound.channels]
    else:
        assert odd.channels == sound.channels
    assert odd.clock.time_zone == sound.clock.time_zone


@pytest.mark.parametrize("traits", LACKS.values(), ids=list(LACKS))
async def test_what_a_device_lacks_stops_nothing(
    plugged: Plugged, traits: dict[str, Any], clock: Clock
) -> None:
    async with plugged("onvif/nvr", **traits) as device:
        state = await device.driver.connect()
        sound = await _state(plugged, "onvif/nvr")
        assert _nameless(state.channels) == _nameless(sound.channels)
        for _ in range(3):
            clock.now += 60
            state = await device.driver.poll()
        assert _nameless(state.channels) == _nameless(sound.channels)


@pytest.mark.parametrize("names", list(Names))
async def test_names_in_whatever_encoding(plugged: Plugged, names: Names) -> None:
    async with plugged("onvif/nvr", names=names) as device:
        device.box.recorder.channels[1].name = "Tür 門"
        state = await device.driver.connect()
        assert state.channels[0].name == (
            "Tür 門" if names is not Names.GBK else "Tür 門".encode("gbk", "replace").decode("gbk")
        )


@pytest.mark.parametrize("hidden", list(HiddenCodec))
async def test_streams_that_media1_can_not_name(plugged: Plugged, hidden: HiddenCodec) -> None:
    async with plugged("onvif/nvr", hidden_main=hidden, hidden_sub=hidden) as device:
        told = await device.driver.connect()
        coded = {stream.codec for channel in told.channels for stream in channel.streams}
        assert coded == {"H.264", "H.265"}
    services = frozenset(Service) - {Service.MEDIA2}
    traits = {"hidden_main": hidden, "hidden_sub": hidden, "services": services}
    async with plugged("onvif/nvr", **traits) as device:
        state = await device.driver.connect()
        assert [one.number for one in state.channels] == [one.number for one in told.channels]
        for channel, known in zip(state.channels, told.channels, strict=True):
            assert len(channel.streams) == len(known.streams)
            for stream in channel.streams:
                assert device.driver.live_url(channel, stream.name) is not None
