"""Home Assistant's own `amcrest` integration on Dahua's simulated recorders, set up from YAML as its users do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
import threading
from typing import Any
from unittest.mock import patch

import av
from homeassistant.components import camera
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.footage.pattern import decode_image
from tests.boxes import PASSWORD as OURS, add

from .test_home_assistant import available, until

DOMAIN = "amcrest"
NAME = "Theirs"
CAMERA = "camera.theirs"
MOTION, ONLINE = "binary_sensor.theirs_motion_detected", "binary_sensor.theirs_online"
CARD = "sensor.theirs_sd_used"
# Addresses of streams hold the password as it is: one that needs no escaping.
PASSWORD = "plain1234"

# Their thread ends only by an exception.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

type Check = Callable[[HomeAssistant, RecorderBox], Awaitable[bool]]


@pytest.fixture
async def box(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[RecorderBox]:
    """Plug in the recorder that a test names."""
    async with RecorderBox(PERSONALITIES[request.param](Options(password=PASSWORD))) as plugged:
        yield plugged


@asynccontextmanager
async def their_integration(
    hass: HomeAssistant, box: RecorderBox, password: str = PASSWORD
) -> AsyncIterator[None]:
    """Set their integration up, and end the thread that it never ends."""
    device = {
        "host": box.host,
        "port": box.http_port,
        "username": "admin",
        "password": password,
        "name": NAME,
        "binary_sensors": ["motion_detected", "online"],
        "sensors": ["sdcard"],
    }
    # FFmpeg's version, which on a busy machine may be asked for in vain, matters to nobody here.
    with patch("homeassistant.components.ffmpeg.is_official_image", return_value=True):
        assert await async_setup_component(hass, DOMAIN, {DOMAIN: [device]})
    await hass.async_block_till_done()
    api = hass.data[DOMAIN]["devices"][NAME].api
    thread = next(each for each in threading.enumerate() if each.name == f"Amcrest {NAME}")

    def end(_codes: str) -> None:
        raise SystemExit

    try:
        yield
    finally:
        api.event_actions = end
        api.available_flag.set()
        await box.stop()
        await asyncio.to_thread(thread.join)


async def identity(hass: HomeAssistant, box: RecorderBox) -> bool:
    """Whether the camera is known by the device's serial."""
    state = hass.states.get(CAMERA)
    entry = er.async_get(hass).async_get(CAMERA)
    serial = box.recorder.identity.serial
    known = entry is not None and entry.unique_id == f"{serial}-0-0"
    return known and state is not None and bool(state.attributes.get("model_name"))


async def settings(hass: HomeAssistant, _box: RecorderBox) -> bool:
    """Whether it could read whether the camera sends: that comes last of what it reads."""
    state = hass.states.get(CAMERA)
    return state is not None and state.state in {"streaming", "recording"}


async def online(hass: HomeAssistant, _box: RecorderBox) -> bool:
    """Whether the device counts as reachable."""
    state = hass.states.get(ONLINE)
    return state is not None and state.state == STATE_ON


async def card(hass: HomeAssistant, _box: RecorderBox) -> bool:
    """Whether it is known how full the first disk is."""
    state = hass.states.get(CARD)
    return state is not None and state.state not in {"unknown", "unavailable"}


async def picture(hass: HomeAssistant, _box: RecorderBox) -> bool:
    """Whether there is a picture."""
    try:
        image = await camera.async_get_image(hass, CAMERA)
    except HomeAssistantError:
        return False
    return decode_image(image.content).channel == 1


async def stream(hass: HomeAssistant, _box: RecorderBox) -> bool:
    """Whether its address of the stream plays."""
    try:
        source = await camera.async_get_stream_source(hass, CAMERA)
    except HomeAssistantError:
        return False
    assert source is not None

    def first() -> bool:
        with av.open(source, options={"rtsp_transport": "tcp"}) as container:
            return next(container.decode(video=0)).width > 0

    try:
        return await asyncio.to_thread(first)
    except av.FFmpegError:
        return False


async def motion(hass: HomeAssistant, box: RecorderBox) -> bool:
    """Whether motion comes and goes, and is told to automations."""
    told: asyncio.Queue[Event[Any]] = asyncio.Queue()

    @callback
    def hear(event: Event[Any]) -> None:
        told.put_nowait(event)

    forget = hass.bus.async_listen(DOMAIN, hear)
    while not box.recorder.events.listeners:
        await asyncio.sleep(0.01)
    event = box.recorder.events.begin(EventKind.MOTION, channel=1)
    await until(hass, MOTION, STATE_ON)
    box.recorder.events.end(event)
    await until(hass, MOTION, STATE_OFF)
    forget()
    data = told.get_nowait().data
    return (data["event"], data["payload"]["action"]) == ("VideoMotion", "Start")


CHECKS: Mapping[str, Check] = {
    check.__name__: check for check in (identity, settings, online, card, picture, stream, motion)
}
_NO_OPTIONS = (
    "VideoInOptions isn't told of cameras in the network, as an NVR5232 doesn't, and without it there"
    " is no camera"
)
_NO_CAMERA = dict.fromkeys(("identity", "settings", "picture", "stream"), _NO_OPTIONS)
_NO_DISKS = "no disks are told"
TRIPS: Mapping[str, Mapping[str, str]] = {
    "dahua/nvr": _NO_CAMERA,
    "dahua/raid": _NO_CAMERA,
    "dahua/dvr": {"card": _NO_DISKS, "identity": "the serial isn't told"},
    "dahua/old": {"card": _NO_DISKS},
    "dahua/hostile": {**_NO_CAMERA, "online": "times with AM and PM are none for its parser"},
    "dahua/oem": {"stream": "the port of RTSP isn't told, and it is 554 then"},
}
WAITS: Mapping[str, Mapping[str, str]] = {
    "dahua/xvr": {"motion": "parts tell no length, by which alone it finds their bodies"},
    "dahua/hostile": {"motion": "lengths of parts are wrong, and it waits for more than comes"},
}


@pytest.mark.parametrize(
    ("box", "name"),
    [(name, name) for name in PERSONALITIES if name.startswith("dahua/")],
    indirect=["box"],
)
async def test_their_integration(hass: HomeAssistant, box: RecorderBox, name: str) -> None:
    waits = WAITS.get(name, {})
    async with their_integration(hass, box):
        works = {
            word for word, check in CHECKS.items() if word not in waits and await check(hass, box)
        }
    assert works == CHECKS.keys() - waits.keys() - TRIPS.get(name, {}).keys()


async def test_both_on_one_recorder(hass: HomeAssistant, socket_enabled: None) -> None:
    """Ours is as it was before theirs came."""
    made = PERSONALITIES["dahua/current"](Options(password=OURS))
    async with RecorderBox(made) as box:
        ours = await add(hass, box)
        before = available(hass, ours)
        assert before
        async with their_integration(hass, box, OURS):
            assert await identity(hass, box)
            assert await picture(hass, box)
            assert await motion(hass, box)
            assert ours.state is ConfigEntryState.LOADED
            assert available(hass, ours) == before
            assert not hass.config_entries.flow.async_progress()
            # What they try by Basic first counts for the address from which we come, too.
            assert box.recorder.accounts.failed_logins <= 2
            await hass.config_entries.async_unload(ours.entry_id)
