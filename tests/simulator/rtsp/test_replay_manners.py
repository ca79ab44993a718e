"""Devices that replay otherwise than ONVIF wants it, and clients that don't require it."""

import asyncio

import pytest

from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import RateControl, ReplayTraits, Without
from simulator.rtsp.traits import End

from .client import INTERLEAVED
from .stage import RECORDED, TEN_SECONDS, Stage
from .viewer import (
    BROKEN,
    CLEAN,
    FRAME,
    REQUIRE,
    SECOND,
    TERMINAL,
    TRACK,
    Viewer,
    clock,
    instants,
    marked,
)


async def test_who_does_not_require_replay_gets_the_beginning(stage: Stage, viewer: Viewer) -> None:
    stage.server.change(replay=ReplayTraits(without=Without.BEGINNING))
    assert await viewer.set_up(User="nobody") == 200
    status, told, _ = await viewer.client.ask(
        "PLAY", RECORDED, Range=clock(stage.second), **{"Rate-Control": "no"}
    )
    assert status == 200
    assert told["Range"].startswith(clock(stage.first)[:-1])
    assert marked(await viewer.client.frame()) is None


async def test_who_does_not_require_replay_gets_what_is_now(stage: Stage, viewer: Viewer) -> None:
    stage.server.change(replay=ReplayTraits(without=Without.LIVE))
    await viewer.set_up(User="nobody")
    status, told, _ = await viewer.client.ask("PLAY", RECORDED, Range=clock(stage.first))
    assert (status, told["Range"]) == (200, "npt=now-")
    assert marked(await viewer.client.frame()) is None


async def test_most_give_all_the_same(stage: Stage, viewer: Viewer) -> None:
    await viewer.set_up(User="nobody")
    await viewer.client.ask("PLAY", RECORDED, Range=clock(stage.second))
    told = marked(await viewer.client.frame())
    assert told is not None
    assert told.instant == stage.second


@pytest.mark.parametrize(
    ("traits", "headers"),
    [
        (ReplayTraits(without=Without.REFUSED), {"User": "nobody"}),
        (ReplayTraits(supported=False), REQUIRE),
    ],
)
async def test_551(
    stage: Stage, viewer: Viewer, traits: ReplayTraits, headers: dict[str, str]
) -> None:
    stage.server.change(replay=traits)
    await viewer.client.ask("DESCRIBE", RECORDED)
    status, told, _ = await viewer.client.ask("SETUP", TRACK, Transport=INTERLEAVED, **headers)
    assert (status, told["Unsupported"]) == (551, "onvif-replay")


async def test_what_is_live_cannot_be_replayed(viewer: Viewer) -> None:
    await viewer.client.ask("DESCRIBE", "/live")
    path = "/live/trackID=1"
    assert (await viewer.client.ask("SETUP", path, Transport=INTERLEAVED, **REQUIRE))[0] == 551
    assert (await viewer.client.ask("SETUP", path, Transport=INTERLEAVED))[0] == 200


async def test_a_device_that_does_not_hurry(stage: Stage, viewer: Viewer) -> None:
    """It sends at the speed of life, whatever is asked."""
    stage.server.change(replay=ReplayTraits(rate_control=RateControl.IGNORED))
    await viewer.set_up()
    await viewer.play(clock(stage.first), Rate_Control="no")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(6):
        await viewer.client.frame()
    assert loop.time() - begun > 0.4


async def test_a_device_that_refuses_to_hurry(stage: Stage, viewer: Viewer) -> None:
    stage.server.change(replay=ReplayTraits(rate_control=RateControl.REFUSED))
    await viewer.set_up()
    assert (await viewer.play(Rate_Control="no"))[0] == 455
    assert (await viewer.play())[0] == 200


async def test_a_device_that_begins_where_it_likes(stage: Stage, viewer: Viewer) -> None:
    """It says that it does as it was told."""
    stage.server.change(replay=ReplayTraits(ranges=False, frames=False))
    await viewer.set_up()
    asked = clock(stage.second, stage.second + SECOND)
    _, told = await viewer.play(asked, Rate_Control="no", Frames="intra")
    assert told["Range"] == asked
    packets = await viewer.until(TERMINAL)
    assert instants(packets)[:2] == [stage.first, stage.first + FRAME]
    assert instants(packets)[-1] == stage.second + TEN_SECONDS - FRAME


async def test_a_device_that_goes_on_beyond_the_end(stage: Stage, viewer: Viewer) -> None:
    stage.server.change(end=End.PLAYS_ON)
    await viewer.set_up()
    await viewer.play(clock(stage.first, stage.first + SECOND), Rate_Control="no")
    packets = await viewer.until(TERMINAL)
    assert instants(packets)[-1] == stage.second + TEN_SECONDS - FRAME


async def test_a_device_without_flags(stage: Stage, viewer: Viewer) -> None:
    stage.server.change(replay=ReplayTraits(sections=False, terminal=False))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    flags = set()
    for _ in range(200):
        told = marked(await viewer.client.frame())
        assert told is not None
        flags.add(told.flags)
    assert flags == {0, CLEAN}


@pytest.mark.parametrize(
    ("extension", "head"),
    [
        (Extension.WITH_JPEG, "abac0004"),
        (Extension.SHORT, "abac0002"),
        (Extension.OVERLONG, "abac0fff"),
        (Extension.OTHER_PROFILE, "bede0003"),
    ],
)
async def test_odd_extensions(
    stage: Stage, viewer: Viewer, extension: Extension, head: str
) -> None:
    stage.server.change(replay=ReplayTraits(extension=extension))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    packet = await viewer.client.packet()
    assert packet.data[0] == 0x90
    assert packet.data[12:16].hex() == head
    told = marked(packet)
    assert told is not None
    assert told.instant == stage.first
    # The payload follows: a parameter set.
    words = 2 if extension is Extension.SHORT else 4 if extension is Extension.WITH_JPEG else 3
    assert packet.data[16 + 4 * words] & 0x1F == 7


@pytest.mark.parametrize(("extension", "least", "most"), [("none", 0, 0), ("first packet", 1, 1)])
async def test_packets_without_extension(
    stage: Stage, viewer: Viewer, extension: str, least: int, most: int
) -> None:
    stage.server.change(replay=ReplayTraits(extension=Extension(extension)))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    frame = [await viewer.client.packet()]
    while not frame[-1].last:
        frame.append(await viewer.client.packet())
    flagged = [told.flags for packet in frame if (told := marked(packet))]
    assert len(frame) > 2
    assert least <= len(flagged) <= most
    assert all(flags & CLEAN and flags & BROKEN for flags in flagged)
