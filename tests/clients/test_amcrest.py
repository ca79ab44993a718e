"""What of python-amcrest works on which of Dahua's recorders, and why the rest doesn't.

It blocks, so it runs in threads beside the loop that serves it. Where it and our reading of the notes
disagree, the reason says whose word the real dumps take.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
import re
from typing import Any

from amcrest import AmcrestCamera
from amcrest.exceptions import AmcrestError
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.core.recordings import Recording
from simulator.dahua.face import DahuaFace
from simulator.dahua.files import path_of
from simulator.dahua.traits.search import Ending
from simulator.faces import PERSONALITIES
from simulator.footage.dhav import FrameType, frames, pack_date
from simulator.footage.pattern import decode_image

from .conftest import PASSWORD, USER

HOUR = timedelta(hours=1)
_PATH = re.compile(r"\.FilePath=(\S+)")
_LENGTH = re.compile(r"\.Length=(\d+)")

type Check = Callable[[RecorderBox, Any], Awaitable[bool]]


def camera_of(box: RecorderBox) -> Any:
    """Give python-amcrest's camera of a recorder."""
    options = {"retries_connection": 0, "verbose": False}
    return AmcrestCamera(box.host, box.http_port, USER, PASSWORD, **options).camera


def face_of(box: RecorderBox) -> DahuaFace:
    """Give a box's face."""
    face = box.personality.face
    assert isinstance(face, DahuaFace)
    return face


def recordings(box: RecorderBox, channel: int, span: timedelta) -> Iterator[Recording]:
    """Give what was recorded of a channel up to now and is closed."""
    recorder, now = box.recorder, box.recorder.now()
    for stream in recorder.channels[channel].plan.streams:
        for recording in recorder.schedule.recordings(channel, stream, now - span, now):
            if not recording.open:
                yield recording


def sporadic(box: RecorderBox) -> int:
    """Give the channel that is recorded least."""
    plans = {number: channel.plan for number, channel in box.recorder.channels.items()}
    return min(plans, key=lambda number: (plans[number].continuous, not plans[number].kinds))


async def found(box: RecorderBox, camera: Any, channel: int, span: timedelta) -> list[str]:
    """Search for files with footage; channels are called as the device calls them."""
    wall = box.recorder.clock.wall(box.recorder.now())
    number = channel - 1 + face_of(box).device.firmware.channel_base
    pages = await asyncio.to_thread(
        lambda: list(camera.find_files(wall - span, wall, channel=number, types=("dav",)))
    )
    return [page for page in pages if isinstance(page, str)]


async def identity(box: RecorderBox, camera: Any) -> bool:
    """Whether it reads who the device is."""
    known = box.recorder.identity

    def read() -> tuple[str, ...]:
        version, _build = camera.software_information
        return camera.machine_name, camera.serial_number, version

    return await asyncio.to_thread(read) == (known.name, known.serial, known.firmware)


async def time(box: RecorderBox, camera: Any) -> bool:
    """Whether it reads the device's clock."""
    told = await asyncio.to_thread(lambda: camera.current_time)
    return bool(abs(told - box.recorder.clock.wall(box.recorder.now())) < timedelta(minutes=1))


async def storage(box: RecorderBox, camera: Any) -> bool:
    """Whether it reads how full the disks are."""
    told = await asyncio.to_thread(lambda: camera.storage_all)
    return bool(told["used_percent"] != "unknown")


async def snapshot(_box: RecorderBox, camera: Any) -> bool:
    """Whether there is a picture, of the first channel where none is named."""
    picture = await asyncio.to_thread(lambda: camera.snapshot(stream=False))
    return decode_image(picture).channel == 1


async def search(box: RecorderBox, camera: Any) -> bool:
    """Whether all files of some hours are found."""
    expected = {path_of(face_of(box).device, each) for each in recordings(box, 1, 6 * HOUR)}
    pages = await found(box, camera, 1, 6 * HOUR)
    return bool(expected) and expected <= {*_PATH.findall("".join(pages))}


async def download(box: RecorderBox, camera: Any) -> bool:
    """Whether a file comes whole: the shortest that is found."""
    pages = "".join(await found(box, camera, sporadic(box), 24 * HOUR))
    known = {
        path_of(face_of(box).device, each) for each in recordings(box, sporadic(box), 25 * HOUR)
    }
    files = [
        (int(size), path)
        for path, size in zip(_PATH.findall(pages), _LENGTH.findall(pages), strict=True)
        if path in known
    ]
    if not files:
        return False
    size, path = min(files)
    content = await asyncio.to_thread(camera.download_file, path)
    return len(content) == size


async def clip(box: RecorderBox, camera: Any) -> bool:
    """Whether footage of a span of time comes."""
    clock, now = box.recorder.clock, box.recorder.now()
    begins = (now - timedelta(minutes=4)).replace(microsecond=0)
    start, end = clock.wall(begins), clock.wall(begins + timedelta(seconds=3))
    number = face_of(box).device.firmware.load_base
    content = await asyncio.to_thread(camera.download_time, start, end, channel=number)
    first = next(frames(content))
    shown = box.recorder.source(1, 1).key_frame_at_or_before(
        clock.instant(start.replace(microsecond=0))
    )
    return first.kind is FrameType.KEY and first.date == pack_date(clock.wall(shown))


async def events(box: RecorderBox, camera: Any) -> bool:
    """Whether motion on a channel is heard, and its end."""

    def listen() -> list[tuple[str, str]]:
        heard = []
        for code, payload in camera.event_actions("All"):
            if code == "VideoMotion":
                heard.append((payload["action"], payload["index"]))
            if len(heard) == 2:
                break
        return heard

    listening = asyncio.create_task(asyncio.to_thread(listen))
    while not box.recorder.events.listeners:
        await asyncio.sleep(0.01)
    box.recorder.events.happen(EventKind.MOTION, channel=1)
    index = str(face_of(box).device.firmware.event_index_base)
    return await listening == [("Start", index), ("Stop", index)]


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (identity, time, storage, snapshot, search, download, clip, events)
}

_HALF_DAYS = "times with AM and PM are none for its parser"
_NO_DISKS = "it tells of no disks"
TRIPS: Mapping[str, Mapping[str, str]] = {
    "dahua/raid": {"download": "Content-Length is too small, and it is believed"},
    "dahua/xvr": {
        "search": "lines end in LF, and it cuts pages at CRLF",
        "download": "nothing is found for the same reason",
    },
    "dahua/dvr": {
        "identity": "the serial isn't told",
        "storage": _NO_DISKS,
        "clip": "there is no loadfile.cgi",
    },
    "dahua/old": {
        "storage": _NO_DISKS,
        "search": "brackets in keys come escaped, and it knows them as they are alone",
        "download": "there is no RPC_Loadfile",
    },
    "dahua/camera": {
        "download": "the file is the second part of several, which it doesn't take apart"
    },
    "dahua/hostile": {
        "time": _HALF_DAYS,
        "snapshot": "one of seven fails, the first one among them, and it isn't asked again",
        "search": "500 behind the last page is an error to it, whatever came before",
        "download": "nothing is found for the same reason",
    },
    "dahua/oem": {"download": "Content-Length is too large, and the rest is waited for in vain"},
}
# Not tried: it would wait for ever.
WAITS: Mapping[str, Mapping[str, str]] = {
    "dahua/xvr": {"events": "parts tell no length, by which alone it finds their bodies"},
    "dahua/hostile": {"events": "lengths of parts are wrong, and it waits for more than comes"},
}


async def does(check: Check, box: RecorderBox, camera: Any) -> bool:
    """Say whether something works."""
    try:
        return await check(box, camera)
    except AmcrestError, ValueError:
        return False


@pytest.mark.parametrize(
    ("box", "name"),
    [(name, name) for name in PERSONALITIES if name.startswith("dahua/")],
    indirect=["box"],
)
async def test_amcrest(box: RecorderBox, name: str) -> None:
    camera = camera_of(box)
    waits = WAITS.get(name, {})
    works = {
        word
        for word, check in CHECKS.items()
        if word not in waits and await does(check, box, camera)
    }
    assert works == CHECKS.keys() - waits.keys() - TRIPS.get(name, {}).keys()


@pytest.mark.parametrize("box", ["dahua/current"], indirect=True)
async def test_a_wrong_password_is_told_apart(box: RecorderBox) -> None:
    stranger = AmcrestCamera(box.host, box.http_port, USER, "wrong", retries_connection=0).camera
    with pytest.raises(AmcrestError):
        await asyncio.to_thread(lambda: stranger.machine_name)
    # Basic and digest: both are tried.
    assert box.recorder.accounts.failed_logins == 2


@pytest.mark.parametrize("box", ["dahua/current"], indirect=True)
async def test_searches_that_are_never_closed_are_lost(box: RecorderBox) -> None:
    """It closes by a verb that there isn't: after some searches there is no object for another one."""
    camera = camera_of(box)
    face_of(box).change(ending=Ending.FOUND_ZERO, finders=3)
    for _ in range(3):
        assert await found(box, camera, 1, HOUR)
    with pytest.raises((AmcrestError, IndexError)):
        await found(box, camera, 1, HOUR)
