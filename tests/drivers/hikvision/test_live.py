"""Where live streams are: on simulated recorders that know one form of address alone, and who is asked for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver, Memory
from custom_components.nvr.drivers.models import Connection, StreamName
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.traits.playback import LiveForm
from tests.drivers.fake_web import client

PASSWORD = "s3:cr@t/%&#"
PATHS = {
    LiveForm.STREAM_ID: "/Streaming/Channels/101",
    LiveForm.CHANNEL: "/Streaming/Channels/1",
    LiveForm.AV_STREAM: "/h264/ch1/main/av_stream",
    LiveForm.PSIA: "/PSIA/streaming/channels/101",
}


@asynccontextmanager
async def driving(box: RecorderBox, memory: Memory | None = None) -> AsyncIterator[Driver]:
    connection = Connection(
        host=box.host,
        port=box.http_port,
        username="admin",
        password=PASSWORD,
        rtsp_port=box.rtsp_port,
    )
    async with client() as http:
        driver = make_driver("hikvision", connection, http, memory or {})
        try:
            await driver.connect()
            yield driver
        finally:
            await driver.close()


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    async with RecorderBox(PERSONALITIES["hikvision/current"](Options(password=PASSWORD))) as box:
        yield box


def path(driver: Driver) -> str:
    state = driver.state
    assert state is not None
    url = driver.live_url(state.channels[0], StreamName.MAIN)
    assert url is not None
    return "/" + url.rpartition("@")[2].partition("/")[2]


async def learned(driver: Driver) -> str:
    """Let the driver learn as a live stream has failed, and return what it takes for the path then."""
    driver.note_live_failed()
    await driver.poll()
    while "live_form" not in driver.memory:
        await asyncio.sleep(0.01)
    return path(driver)


@pytest.mark.parametrize("form", LiveForm)
async def test_each_form_is_found_and_remembered(box: RecorderBox, form: LiveForm) -> None:
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(live_forms=frozenset({form}))
    async with driving(box) as driver:
        assert path(driver) == PATHS[LiveForm.STREAM_ID]
        assert await learned(driver) == PATHS[form]
        memory = driver.memory
    described = len(box.rtsp.requests)
    async with driving(box, memory) as driver:
        assert await learned(driver) == PATHS[form]
    assert len(box.rtsp.requests) == described


async def test_a_recorder_of_today_is_asked_nothing(box: RecorderBox) -> None:
    async with driving(box) as driver:
        for _ in range(3):
            await driver.poll()
        await driver.close()
    assert not box.rtsp.requests


async def test_all_forms_are_asked_with_one_login(box: RecorderBox) -> None:
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(live_forms=frozenset({LiveForm.AV_STREAM}))
    async with driving(box) as driver:
        before = driver.traffic.logins
        told: list[str] = []
        driver.on_refused_changed(lambda: told.append(path(driver)))
        await learned(driver)
        assert driver.traffic.logins == before + 1
        # Who plays the stream at the old address can take the new one.
        assert told == [PATHS[LiveForm.AV_STREAM]]


async def test_an_old_device_is_asked_when_it_is_set_up() -> None:
    make = PERSONALITIES["hikvision/psia"]
    async with RecorderBox(make(Options(password=PASSWORD))) as box, driving(box) as driver:
        assert "live_form" in driver.memory
        assert path(driver) != PATHS[LiveForm.STREAM_ID]
