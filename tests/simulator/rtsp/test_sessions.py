"""How many sessions there are, and when they are over."""

import asyncio
from datetime import timedelta

import pytest

from simulator.rtsp.traits import End

from .client import INTERLEAVED, Client
from .stage import RECORDED, Stage

LIVE = "/live"
LATER = timedelta(seconds=61)
EARLIER = timedelta(seconds=50)


async def another(stage: Stage) -> Client:
    """Give one more client."""
    client = Client(stage)
    await client.connect()
    return client


async def test_a_session_ends_when_nothing_is_asked(stage: Stage, client: Client) -> None:
    await client.set_up(LIVE, "trackID=1")
    assert len(stage.server.sessions) == 1
    stage.time.advance(LATER)
    assert len(stage.server.sessions) == 0
    assert (await client.ask("PLAY", LIVE))[0] == 454


@pytest.mark.parametrize("method", ["GET_PARAMETER", "OPTIONS", "SET_PARAMETER"])
async def test_it_is_kept_alive(stage: Stage, client: Client, method: str) -> None:
    await client.set_up(LIVE, "trackID=1")
    for _ in range(3):
        stage.time.advance(EARLIER)
        assert (await client.ask(method, LIVE))[0] == 200
    assert len(stage.server.sessions) == 1


async def test_what_plays_ends_with_its_session(stage: Stage, client: Client) -> None:
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    await client.packet()
    stage.time.advance(LATER)
    await client.rest()


async def test_teardown_frees_the_place(stage: Stage, client: Client) -> None:
    stage.server.change(max_sessions=1, holds_dropped=True)
    await client.set_up(LIVE, "trackID=1")
    other = await another(stage)
    assert (await other.ask("SETUP", "/live/trackID=1", Transport=INTERLEAVED))[0] == 453
    assert (await client.ask("TEARDOWN", LIVE))[0] == 200
    assert (await client.ask("PLAY", LIVE))[0] == 454
    await other.set_up(LIVE, "trackID=1")
    await other.close()


async def test_a_closed_socket_holds_its_place(stage: Stage) -> None:
    stage.server.change(max_playbacks=1, holds_dropped=True, limit_status=503)
    gone = await another(stage)
    await gone.set_up(RECORDED)
    await gone.close()
    while stage.server.connections:
        await asyncio.sleep(0)
    other = await another(stage)
    setup = "SETUP", f"{RECORDED}/trackID=video"
    assert (await other.ask(*setup, Transport=INTERLEAVED))[0] == 503
    # Live streams are counted apart.
    await other.set_up(LIVE, "trackID=1")
    await other.ask("TEARDOWN", LIVE)
    other.session = ""
    stage.time.advance(LATER)
    assert (await other.ask(*setup, Transport=INTERLEAVED))[0] == 200
    await other.close()


async def test_a_reboot_forgets_all(stage: Stage, client: Client) -> None:
    stage.server.change(holds_dropped=True)
    await client.set_up(LIVE, "trackID=1")
    await stage.server.stop()
    await stage.server.start()
    assert len(stage.server.sessions) == 0


@pytest.mark.parametrize("end", [End.SAYS_BYE, End.FALLS_SILENT])
async def test_a_connection_that_stays_at_the_end(stage: Stage, client: Client, end: End) -> None:
    stage.server.pace = 500
    stage.server.change(end=end)
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    seen = [await client.frame() for _ in range(200)]
    assert len(seen) == 200
    if end is End.SAYS_BYE:
        assert (await client.packet()).kind == 203
    assert (await client.ask("GET_PARAMETER", RECORDED))[0] == 200
    assert (await client.ask("TEARDOWN", RECORDED))[0] == 200


async def test_a_device_that_plays_on(stage: Stage, client: Client) -> None:
    """What was recorded behind the asked end follows, until there is no more."""
    stage.server.pace = 500
    stage.server.change(end=End.PLAYS_ON)
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED, Range="npt=0-5")
    for _ in range(300):
        await client.frame()
    assert (await client.ask("TEARDOWN", RECORDED))[0] == 200


async def test_a_device_that_hangs_up_at_the_end(stage: Stage, client: Client) -> None:
    stage.server.pace = 500
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    await client.rest()


async def test_a_live_stream_ends_with_its_camera(stage: Stage, client: Client) -> None:
    await client.set_up(LIVE, "trackID=1")
    await client.ask("PLAY", LIVE)
    await client.frame()
    stage.camera[0] = False
    await client.rest()
