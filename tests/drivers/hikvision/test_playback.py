"""Footage by playback over RTSP, from a simulated recorder that nobody wrote who knew the driver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers import (
    playback as playback_module,
    rtsp_footage,
    rtsp_sessions,
)
from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Download, Driver, Memory, Purpose
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import Connection, Recording, StreamName
from custom_components.nvr.drivers.rtsp.container import MAGIC
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.run import PlaybackBounds
from custom_components.nvr.footage.workers import WorkerPool
from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.personality import Options, Personality
from simulator.faces import PERSONALITIES
from simulator.footage.pattern import decode_image
from simulator.hikvision import personalities
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.traits.playback import TrackForm
from simulator.rtsp.traits import End, Gap
from tests.drivers.fake_web import client
from tests.drivers.rtsp.scripted_server import ScriptedServer, running
from tests.footage.played import SLOT, load

PASSWORD = "s3:cr@t/%&#"
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
TWO_SECONDS = timedelta(seconds=2)
ONE_FRAME = timedelta(seconds=0.1)
# Two seconds and what may come before them.
MOST_BYTES = 5_000_000
# What sends nothing less than the whole takes longer to come to its middle on a busy machine.
PATIENT = PlaybackBounds(wait=timedelta(minutes=1))
LONGEST_GROUP = timedelta(seconds=4)
NO_BANDWIDTH = HTTPStatus.SERVICE_UNAVAILABLE


@asynccontextmanager
async def driving(
    box: RecorderBox,
    http: ClientSession,
    memory: Memory | None = None,
    rtsp_port: int | None = None,
) -> AsyncIterator[Driver]:
    connection = Connection(
        host=box.host,
        port=box.http_port,
        username="admin",
        password=PASSWORD,
        rtsp_port=rtsp_port or box.rtsp_port,
    )
    driver = make_driver("hikvision", connection, http, memory or {})
    await driver.connect()
    try:
        yield driver
    finally:
        await driver.close()


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder that takes no form of download."""
    async with RecorderBox(personalities.current(Options(password=PASSWORD))) as box:
        change(box, download_forms=frozenset())
        box.rtsp.pace = 50
        yield box


def wordless(options: Options) -> Personality:
    """Give a recorder that counts by its wall clock and tells nowhere when footage was filmed."""
    personality = personalities.old(options)
    assert isinstance(personality.face, HikvisionFace)
    personality.face.change(download_forms=frozenset())
    return personality


@pytest.fixture(params=["hikvision/no-download", "hikvision/empty", "hikvision/camera", "wordless"])
async def player(request: pytest.FixtureRequest, http: ClientSession) -> AsyncIterator[Driver]:
    """Plug in devices of which footage is to be had by playback alone, or better so."""
    make = PERSONALITIES.get(request.param, wordless)
    async with RecorderBox(make(Options(password=PASSWORD))) as box, driving(box, http) as driver:
        box.rtsp.pace = 50
        yield driver


@pytest.fixture
async def old() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder whose downloads work, and are always of whole files."""
    async with RecorderBox(personalities.old(Options(password=PASSWORD))) as box:
        yield box


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with client() as session:
        yield session


@pytest.fixture
async def driver(box: RecorderBox, http: ClientSession) -> AsyncIterator[Driver]:
    async with driving(box, http) as driver:
        yield driver


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    workers = WorkerPool()
    yield workers
    await workers.close()


async def recorded(driver: Driver) -> Recording:
    now = datetime.now(UTC)
    found = [
        entry
        async for entry in driver.search(1, now - 3 * HOUR, now - HOUR, stream=StreamName.MAIN)
    ]
    return max(found, key=lambda entry: entry.end - entry.start)


async def content(download: Download) -> bytes:
    return b"".join([chunk async for chunk in download])


async def played(driver: Driver, purpose: Purpose = Purpose.CLIP, *, early: bool = False) -> bytes:
    """Return two seconds from the middle of a recording, or from its beginning, where a download is quicker."""
    recording = await recorded(driver)
    start = recording.start + SECOND if early else middle(recording)
    async with driver.download(recording, start, start + TWO_SECONDS, purpose=purpose) as download:
        return await content(download)


def middle(recording: Recording) -> datetime:
    return recording.start + recording.duration / 2


def part_of(driver: Driver, recording: Recording, purpose: Purpose) -> FootagePart:
    return FootagePart(
        start=recording.start,
        end=recording.end,
        clock=driver.footage_clock(recording),
        fetch=lambda begin, end: driver.download(recording, begin, end, purpose=purpose),
        refined_clock=lambda: driver.footage_clock(recording),
    )


def change(box: RecorderBox, **traits: Any) -> None:
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(**traits)


async def test_a_device_without_downloads_plays(box: RecorderBox, driver: Driver) -> None:
    footage = await played(driver, early=True)
    assert footage.startswith(MAGIC)
    at = len(MAGIC) + 4
    described = json.loads(footage[at : at + int.from_bytes(footage[len(MAGIC) : at])])
    assert [track["media"] for track in described["tracks"]] == ["video", "audio"]
    assert driver.memory["fetched_by"] == "playback"
    assert len(box.rtsp.sessions) == 0


async def test_what_worked_is_tried_first_by_the_next_driver(
    box: RecorderBox, driver: Driver, http: ClientSession
) -> None:
    await played(driver, early=True)
    asked = box.recorder.requests.count("/ISAPI/*/download*")
    assert asked
    async with driving(box, http, driver.memory) as following:
        await played(following, early=True)
    assert box.recorder.requests.count("/ISAPI/*/download*") == asked


@pytest.mark.parametrize("form", TrackForm)
async def test_every_form_of_address(
    box: RecorderBox, driver: Driver, http: ClientSession, form: TrackForm
) -> None:
    change(box, track_forms=frozenset({form}))
    await played(driver)
    described = count(box, "DESCRIBE")
    async with driving(box, http, driver.memory) as following:
        await played(following)
    # A challenge, and its answer.
    assert count(box, "DESCRIBE") - described == 2


def count(box: RecorderBox, method: str) -> int:
    return sum(entry[0] == method for entry in box.rtsp.requests)


@pytest.mark.parametrize("end", End)
async def test_the_end_is_found_however_the_device_behaves(
    box: RecorderBox, driver: Driver, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than the simulated device, which runs in the same loop, takes for a turn on a busy machine.
    monkeypatch.setattr(playback_module, "SILENCE_SECONDS", 3.0)
    box.rtsp.change(end=end)
    assert 100_000 < len(await played(driver)) < MOST_BYTES


async def test_a_clip_is_exact(player: Driver, pool: WorkerPool, tmp_path: Path) -> None:
    recording = await recorded(player)
    start = middle(recording)
    path = tmp_path / "clip.mp4"
    # What a device's playback tells is learned by the first picture.
    await make_picture(pool, part_of(player, recording, Purpose.PICTURE), start)
    part = part_of(player, recording, Purpose.CLIP)
    report = await make_clip(pool, [part], start, start + TWO_SECONDS, path)
    assert report.duration == pytest.approx(2, abs=0.1)
    assert not report.missing
    assert player.memory["playback_form"]


async def test_a_picture_of_the_past(player: Driver, pool: WorkerPool) -> None:
    recording = await recorded(player)
    instant = middle(recording)
    picture = await make_picture(pool, part_of(player, recording, Purpose.PICTURE), instant)
    shown = decode_image(picture.jpeg)
    # Who tells nowhere when footage was filmed is right to a group of pictures.
    allowed = ONE_FRAME if picture.exact else LONGEST_GROUP
    assert abs(shown.instant - instant) <= allowed
    assert picture.exact is bool(player.memory.get("playback_tells_time"))


async def test_a_part_of_a_recording_is_played(
    player: Driver, pool: WorkerPool, tmp_path: Path
) -> None:
    recording = await recorded(player)
    part = part_of(player, recording, Purpose.PLAY)
    playback = Playback(pool, part, tmp_path, bounds=PATIENT)
    try:
        number = playback.plan.count // 2
        segment = await load(playback, number)
    finally:
        await playback.close()
    begin = recording.start + playback.plan.start(number)
    # A part holds the groups of pictures that begin in its span.
    longest = LONGEST_GROUP + timedelta(seconds=SLOT)
    assert segment.filmed
    assert all(-LONGEST_GROUP <= filmed - begin <= longest for filmed in segment.filmed)


async def test_a_moment_in_the_middle_is_not_downloaded_from_the_beginning(
    old: RecorderBox, http: ClientSession, pool: WorkerPool
) -> None:
    async with driving(old, http) as driver:
        recording = await recorded(driver)
        before = old.recorder.requests.count("/ISAPI/*/download")
        footage = await played(driver, Purpose.PICTURE)
        assert footage.startswith(MAGIC)
        assert old.recorder.requests.count("/ISAPI/*/download") == before
        # From its beginning on the download is quicker, and so it is for a clip of all of it.
        async with driver.download(
            recording, recording.start, recording.end, purpose=Purpose.PLAY
        ) as download:
            assert download.whole
        async with driver.download(recording, recording.start, recording.end) as download:
            assert download.whole


async def test_a_playback_that_fails_leaves_the_download(
    old: RecorderBox, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.recorder.faults.add(
        Fault(path="/Streaming/*", method="DESCRIBE", status=HTTPStatus.INTERNAL_SERVER_ERROR)
    )
    monkeypatch.setattr(playback_module, "SLOT_PAUSES_SECONDS", ())
    async with driving(old, http) as driver:
        recording = await recorded(driver)
        async with driver.download(
            recording, middle(recording), recording.end, purpose=Purpose.PICTURE
        ) as download:
            assert download.whole


async def test_a_slot_is_waited_for(
    box: RecorderBox, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playback_module, "SLOT_PAUSES_SECONDS", (0.01, 0.01))
    box.recorder.faults.add(
        Fault(path="/Streaming/*", method="SETUP", status=NO_BANDWIDTH, count=2)
    )
    assert (await played(driver)).startswith(MAGIC)
    box.recorder.faults.add(Fault(path="/Streaming/*", method="SETUP", status=NO_BANDWIDTH))
    before = count(box, "SETUP")
    with pytest.raises(DeviceBusyError):
        await played(driver)
    assert count(box, "SETUP") - before == 3


async def test_who_watches_lets_others_have_a_turn(
    box: RecorderBox, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_footage, "TURN_SECONDS", 0.0)
    recording = await recorded(driver)
    start = middle(recording)

    async def watch() -> None:
        async with driver.download(
            recording, start, recording.end, purpose=Purpose.PLAY
        ) as download:
            async for _ in download:
                watching.set()

    watching = asyncio.Event()
    viewer = asyncio.create_task(watch())
    await watching.wait()
    # Would wait for as long as somebody watches.
    assert await played(driver)
    with pytest.raises(DeviceBusyError):
        await viewer


async def test_one_playback_at_a_time(box: RecorderBox, driver: Driver) -> None:
    box.rtsp.change(max_playbacks=1)
    recording = await recorded(driver)
    start = middle(recording)
    async with driver.download(recording, start, recording.end) as download:
        assert await anext(aiter(download))
    # The slot was given back, or this would be refused.
    async with driver.download(recording, start, recording.end) as download:
        assert await anext(aiter(download))
    assert count(box, "PLAY") == 2


@pytest.mark.parametrize("gap", [Gap.REFUSED, Gap.HANGS])
async def test_where_nothing_was_recorded(
    box: RecorderBox, driver: Driver, gap: Gap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_sessions, "FIRST_FRAME_SECONDS", 0.3)
    await played(driver, early=True)
    recording = await recorded(driver)
    box.rtsp.change(gap=gap)
    # Overwritten since it was found.
    beyond = replace(recording, token=recording.token.replace("=2026", "=2019"))
    with pytest.raises(NoFootageError):
        async with driver.download(beyond, recording.start, recording.end):
            pass


async def test_a_password_that_was_changed_is_tried_once_over_rtsp(
    box: RecorderBox, driver: Driver
) -> None:
    recording = await recorded(driver)
    await played(driver)
    box.recorder.accounts.set_password("admin", "another")
    start = middle(recording)
    with pytest.raises(NotPermittedError):
        async with driver.download(recording, start, start + TWO_SECONDS):
            pass
    asked = len(box.rtsp.requests)
    with pytest.raises(NotPermittedError):
        async with driver.download(recording, start, start + TWO_SECONDS):
            pass
    assert len(box.rtsp.requests) == asked
    # The next question over HTTP shows that it is no matter of RTSP.
    with pytest.raises(AuthenticationError):
        await driver.poll()
    assert driver.refused
    with pytest.raises(AuthenticationError):
        async with driver.download(recording, start, start + TWO_SECONDS):
            pass
    assert len(box.rtsp.requests) == asked


async def test_where_rtsp_refuses_the_login_footage_is_downloaded(
    old: RecorderBox, http: ClientSession
) -> None:
    server = ScriptedServer(challenges=('Digest realm="elsewhere", nonce="n"',))
    async with running(server), driving(old, http, rtsp_port=server.port) as driver:
        recording = await recorded(driver)
        for _ in range(3):
            async with driver.download(
                recording, middle(recording), recording.end, purpose=Purpose.PICTURE
            ) as download:
                assert download.whole
        assert server.count("DESCRIBE") == 2
        await driver.poll()
        assert not driver.refused


async def test_neither_way(box: RecorderBox, driver: Driver) -> None:
    box.recorder.faults.add(Fault(path="/Streaming/*", status=HTTPStatus.NOT_IMPLEMENTED))
    with pytest.raises(NotSupportedError, match="download"):
        await played(driver)
    assert "fetched_by" not in driver.memory


async def test_a_driver_that_is_closed_ends_what_plays(box: RecorderBox, driver: Driver) -> None:
    recording = await recorded(driver)
    start = middle(recording)

    async def watch() -> None:
        async with driver.download(recording, start, recording.end) as download:
            async for _ in download:
                await driver.close()

    with pytest.raises(CannotConnectError):
        await watch()


async def test_traffic_counts_what_is_played(box: RecorderBox, driver: Driver) -> None:
    before = driver.traffic
    await played(driver)
    # One that carries no credentials and one that does, for each connection.
    assert driver.traffic.logins > before.logins
    assert driver.traffic.requests >= box.recorder.requests.count("*") + len(box.rtsp.requests) + 1
