"""pyHik, the library of Home Assistant's own integration: device, channels, events, search, download.

pyHik blocks, so it runs in threads beside the loop that serves it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
import io
import threading
from typing import Any

from pyhik.hikvision import HikCamera, Recording, VideoChannel, get_video_channels
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.hikvision.face import HikvisionFace

from .conftest import PASSWORD, USER

WELL_BEHAVED = ("hikvision/current", "hikvision/old")
# What differs there is nothing that pyHik trips over.
HOSTILE: tuple[str, ...] = ()
every_one = pytest.mark.parametrize("box", [*WELL_BEHAVED, *HOSTILE], indirect=True)
current = pytest.mark.parametrize("box", ["hikvision/current"], indirect=True)
old = pytest.mark.parametrize("box", ["hikvision/old"], indirect=True)
HOUR = timedelta(hours=1)


async def camera_of(box: RecorderBox) -> HikCamera:
    """Let pyHik get to know a recorder."""
    return await asyncio.to_thread(HikCamera, f"http://{box.host}", box.http_port, USER, PASSWORD)


def change(box: RecorderBox, **traits: Any) -> None:
    """Give a recorder's firmware other traits."""
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(**traits)


def digits_now(box: RecorderBox) -> datetime:
    """Give now as a client must write it that knows the recorder's convention."""
    recorder = box.recorder
    return recorder.clock.stamp(recorder.now())


async def found(
    box: RecorderBox, camera: HikCamera, track: int, span: timedelta
) -> list[Recording]:
    """Search the time up to now, oldest first."""
    end = digits_now(box)
    recordings = await asyncio.to_thread(camera.search_recordings, track, end - span, end)
    return sorted(recordings, key=lambda recording: recording.start_time)


@every_one
async def test_device(box: RecorderBox) -> None:
    camera = await camera_of(box)
    assert camera.get_name == box.recorder.identity.name
    assert camera.get_type == "NVR"
    assert len(camera.get_id) > 10


@every_one
async def test_a_refused_basic_is_no_more_than_one_failed_login(box: RecorderBox) -> None:
    """PyHik tries Basic first; the recorder counts that and forgives it with the digest that follows."""
    await camera_of(box)
    assert box.recorder.accounts.failed_logins == 1
    for _ in range(box.recorder.accounts.policy.tries):
        await camera_of(box)
    assert (await camera_of(box)).get_name


@every_one
async def test_channels(box: RecorderBox) -> None:
    channels: list[VideoChannel] = await asyncio.to_thread(
        get_video_channels, box.host, box.http_port, USER, PASSWORD
    )
    expected = {number: channel.name for number, channel in box.recorder.channels.items()}
    assert {channel.id: channel.name for channel in channels} == expected


@every_one
async def test_triggers_become_sensors(box: RecorderBox) -> None:
    states = (await camera_of(box)).current_event_states
    assert {state[1] for state in states["Motion"]} == set(box.recorder.channels)
    assert {"Line Crossing", "Field Detection", "Disk Error"} <= states.keys()


@asynccontextmanager
async def listening(box: RecorderBox) -> AsyncIterator[tuple[HikCamera, asyncio.Queue[str]]]:
    """Let pyHik listen to the events of a recorder; give it and what it calls back."""
    change(box, heartbeat_s=0.2)
    camera = await camera_of(box)
    loop, calls = asyncio.get_running_loop(), asyncio.Queue[str]()

    def call_back(message: str) -> None:
        loop.call_soon_threadsafe(calls.put_nowait, message)

    for channel in box.recorder.channels:
        name = f"{camera.get_id}.Motion.{channel}"
        camera.add_update_callback(call_back, name)
    camera.start_stream()
    try:
        await until(calls, lambda: camera.stream_connected)
        yield camera, calls
    finally:
        await asyncio.to_thread(hang_up, camera)


def hang_up(camera: HikCamera) -> None:
    """End pyHik's listening, and wait for the watchdogs that it cancelled, as nobody else does."""
    camera.disconnect()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.finished.is_set():
            thread.join()


async def until(calls: asyncio.Queue[str], true: Callable[[], bool]) -> None:
    """Wait for what pyHik reports."""
    while not true():
        await calls.get()


@every_one
async def test_motion_begins_and_ends(box: RecorderBox) -> None:
    async with listening(box) as (camera, calls):
        event = box.recorder.events.begin(EventKind.MOTION, channel=2)
        await until(calls, lambda: camera.fetch_attributes("Motion", 2)[0] is True)
        assert camera.fetch_attributes("Motion", 1)[0] is False
        box.recorder.events.end(event)
        await until(calls, lambda: camera.fetch_attributes("Motion", 2)[0] is False)


@every_one
async def test_search(box: RecorderBox) -> None:
    """Times are the digits that the recorder calls them by, though pyHik takes them for UTC."""
    camera = await camera_of(box)
    seen = await found(box, camera, 101, 6 * HOUR)
    recorder = box.recorder
    now = recorder.now()
    expected = [
        recorder.clock.stamp(recording.start).replace(microsecond=0, tzinfo=UTC)
        for recording in recorder.schedule.recordings(1, 1, now - 6 * HOUR, now)
    ]
    # While it was asked, a file may have begun.
    assert [recording.start_time for recording in seen] in (expected, expected[:-1])
    assert {recording.track_id for recording in seen} == {101}
    assert all("/Streaming/tracks/101" in recording.playback_uri for recording in seen)


@every_one
async def test_a_search_without_results(box: RecorderBox) -> None:
    camera = await camera_of(box)
    long_ago = digits_now(box) - timedelta(days=4000)
    assert await asyncio.to_thread(camera.search_recordings, 101, long_ago, long_ago + HOUR) == []


@current
async def test_pages_are_cut_off(box: RecorderBox) -> None:
    """PyHik asks for one page only: what a firmware gives at most is all that it finds."""
    camera = await camera_of(box)
    change(box, page_limit=5)
    assert len(await found(box, camera, 101, 24 * HOUR)) == 5


@current
async def test_days(box: RecorderBox) -> None:
    camera = await camera_of(box)
    end = digits_now(box)
    days = await asyncio.to_thread(camera.get_recording_days, 101, end - timedelta(days=2), end)
    assert {day.date.date() for day in days} >= {
        # In the first hour of a day nothing may have begun on it yet.
        (end - timedelta(days=back)).date()
        for back in (1, 2)
    }


@old
async def test_days_of_a_recorder_that_refuses_long_pages(box: RecorderBox) -> None:
    """It refuses what asks for 500 results, and pyHik finds no day at all."""
    camera = await camera_of(box)
    end = digits_now(box)
    assert (
        await asyncio.to_thread(camera.get_recording_days, 101, end - timedelta(days=2), end) == []
    )


@current
async def test_download(box: RecorderBox) -> None:
    camera = await camera_of(box)
    event = (await found(box, camera, 301, 24 * HOUR))[0]
    file = io.BytesIO()
    size = await asyncio.to_thread(camera.download_recording, event.playback_uri, file)
    assert size == len(file.getvalue()) > 100_000
    assert file.getvalue().startswith(b"IMKH")
    assert f"size={size}" in event.playback_uri


@old
async def test_a_verb_that_pyhik_doesn_t_know(box: RecorderBox) -> None:
    """PyHik posts; this recorder wants a GET with a body."""
    camera = await camera_of(box)
    recording = (await found(box, camera, 101, HOUR))[0]
    with pytest.raises(Exception, match="403 Client Error"):
        await asyncio.to_thread(camera.download_recording, recording.playback_uri, io.BytesIO())


@current
async def test_a_recorder_that_reads_xml_strictly(box: RecorderBox) -> None:
    """PyHik leaves `&` in addresses as they are; section 13 of the notes knows firmware that refuses that."""
    camera = await camera_of(box)
    recording = (await found(box, camera, 301, 24 * HOUR))[0]
    change(box, reads_bare_ampersands=False)
    with pytest.raises(Exception, match="400 Client Error"):
        await asyncio.to_thread(camera.download_recording, recording.playback_uri, io.BytesIO())


@every_one
async def test_picture(box: RecorderBox) -> None:
    camera = await camera_of(box)
    # The simulator begins to film when the first is asked for, which is too long for it on a busy machine.
    pictures = [await asyncio.to_thread(camera.get_snapshot, 1) for _ in range(2)]
    picture = pictures[-1]
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
