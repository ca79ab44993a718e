"""Footage over HTTP: by time, by file, with all that devices do to it."""

import asyncio
from base64 import b64decode
from datetime import datetime, timedelta
import io
from itertools import pairwise
import json
from urllib.parse import quote

import aiohttp
import av
import pytest

from simulator.box import RecorderBox
from simulator.core.recordings import Kind, Recording
from simulator.core.transfer import Length
from simulator.dahua.files import named, path_of, picture_path_of, size_of
from simulator.dahua.traits.download import Missing
from simulator.dahua.traits.search import FileShape, Tag
from simulator.footage.decoded import pattern_of
from simulator.footage.dhav import DAHUA_HEAD, OTHER_HEAD, DhavForm, FrameType, frames, pack_date
from simulator.footage.pattern import PatternReading

from ..plugged import change
from .client import Answer, Cgi, Rpc
from .conftest import face_of

SPAN = timedelta(seconds=9)


def digits(box: RecorderBox, instant: datetime) -> str:
    """Write a true instant as the device's clock shows it, to the second."""
    return f"{box.recorder.clock.wall(instant):%Y-%m-%d %H:%M:%S}"


async def by_time(
    cgi: Cgi, box: RecorderBox, start: datetime, length: timedelta = SPAN, channel: int = 1
) -> Answer:
    """Load a span of true time of the main stream."""
    return await cgi.ask(
        "loadfile",
        "startLoad",
        channel=channel,
        startTime=digits(box, start),
        endTime=digits(box, start + length),
        subtype=0,
    )


def of_kind(box: RecorderBox, kind: Kind) -> Recording:
    """Give the newest closed recording of a kind of any channel."""
    now = box.recorder.now()
    found = [
        recording
        for channel in box.recorder.channels
        for recording in box.recorder.schedule.recordings(channel, 1, now - timedelta(days=1), now)
        if recording.kind is kind and not recording.open
    ]
    return max(found, key=lambda recording: recording.start)


async def load(cgi: Cgi, path: str) -> Answer:
    """Load a file."""
    return await cgi.get(f"RPC_Loadfile{quote(path, safe='/')}")


def pictured(data: bytes) -> list[PatternReading]:
    """Read what the pictures of DHAV footage are of."""
    with av.open(io.BytesIO(data), "r", format="dhav") as container:
        return [pattern_of(picture) for picture in container.decode(video=0)]


async def test_by_time_it_is_cut_at_key_frames(cgi: Cgi, box: RecorderBox) -> None:
    start = box.recorder.now() - timedelta(minutes=5)
    answer = await by_time(cgi, box, start)
    assert answer.status == 200
    assert "Content-Length" not in answer.headers
    source = box.recorder.source(1, 1)
    asked = start.replace(microsecond=0)
    seen = await asyncio.to_thread(pictured, answer.body)
    assert {(reading.channel, reading.stream) for reading in seen} == {(1, 1)}
    assert seen[0].instant == source.key_frame_at_or_before(asked)
    assert asked + SPAN <= seen[-1].instant + source.frame_interval
    assert seen[-1].instant < asked + SPAN + timedelta(seconds=source.format.gop_seconds)
    dates = [frame.date for frame in frames(answer.body) if frame.kind is FrameType.KEY]
    assert dates[0] == pack_date(box.recorder.clock.wall(seen[0].instant))


async def test_by_time_over_the_end_of_a_file(cgi: Cgi, box: RecorderBox) -> None:
    recording = of_kind(box, Kind.CONTINUOUS)
    start = recording.end - timedelta(seconds=4)
    answer = await by_time(cgi, box, start, channel=recording.channel)
    seen = [reading.instant for reading in await asyncio.to_thread(pictured, answer.body)]
    interval = box.recorder.source(recording.channel, 1).frame_interval
    assert seen[0] < recording.end < seen[-1]
    assert {after - before for before, after in pairwise(seen)} == {interval}


async def test_by_time_where_nothing_was_recorded(cgi: Cgi, box: RecorderBox) -> None:
    long_ago = box.recorder.now() - timedelta(days=3000)
    answer = await by_time(cgi, box, long_ago)
    assert (answer.status, answer.body) == (200, b"")
    change(box, load_empty=400)
    assert (await by_time(cgi, box, long_ago)).status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"channel": 0},
        {"channel": 99},
        {"subtype": 7},
        {"startTime": "yesterday"},
        {"Types": "jpg"},
    ],
)
async def test_by_time_what_makes_no_sense(cgi: Cgi, query: dict[str, object]) -> None:
    asked: dict[str, object] = {
        "channel": 1,
        "startTime": "2026-11-21 03:00:00",
        "endTime": "2026-11-21 03:00:05",
        **query,
    }
    answer = await cgi.ask("loadfile", "startLoad", **asked)
    assert (answer.status, answer.text.split()) == (400, ["Error", "Bad", "Request!"])


@pytest.mark.parametrize("kind", [Kind.CONTINUOUS, Kind.MOTION])
@pytest.mark.parametrize("shape", FileShape)
@pytest.mark.parametrize("tag", Tag)
def test_paths_lead_back(box: RecorderBox, kind: Kind, shape: FileShape, tag: Tag) -> None:
    change(box, file_shape=shape, tag=tag)
    device, recording = face_of(box).device, of_kind(box, kind)
    path = path_of(device, recording)
    found = named(device, path)
    assert found is not None
    assert (found.recording, found.picture) == (recording, False)
    assert "[R]" in path if tag is Tag.REGULAR or kind is Kind.CONTINUOUS else "[M]" in path
    picture = named(device, picture_path_of(device, recording))
    assert picture is not None
    assert (picture.recording, picture.picture) == (recording, True)
    assert named(device, path.replace("/dav/", "/DAV/")) is None
    assert named(device, path.replace("20", "19", 1)) is None


def test_paths_look_like_those_of_devices(box: RecorderBox) -> None:
    """Shapes of an NVR5232 and of an Amcrest camera."""
    recording = of_kind(box, Kind.CONTINUOUS)
    wall = box.recorder.clock.wall(recording.start)
    path = path_of(face_of(box).device, recording)
    folder = f"/mnt/dvr/{wall:%Y-%m-%d}/{recording.channel - 1}/dav/{wall:%H}/1/0/"
    assert path.startswith(folder)
    assert path.endswith("[R][0@0][0].dav")
    change(box, file_shape=FileShape.CARD)
    path = path_of(face_of(box).device, recording)
    assert path.startswith(
        f"/mnt/sd/{wall:%Y-%m-%d}/{recording.channel:03}/dav/{wall:%H}/{wall:%H.%M.%S}-"
    )
    assert path.endswith("[R][0@0][0].mp4")


@pytest.mark.parametrize("slashes", ["", "/"])
async def test_a_file(cgi: Cgi, box: RecorderBox, slashes: str) -> None:
    recording = of_kind(box, Kind.MOTION)
    device = face_of(box).device
    path = path_of(device, recording)
    answer = await load(cgi, slashes + path)
    assert answer.status == 200
    assert len(answer.body) == size_of(device, recording) == int(answer.headers["Content-Length"])
    found = [frame for frame in frames(answer.body) if frame.kind is FrameType.KEY]
    assert found[0].date == pack_date(box.recorder.clock.wall(recording.start))
    assert found[0].channel == recording.channel - 1


async def test_a_file_by_its_name_in_the_query(cgi: Cgi, box: RecorderBox) -> None:
    recording = of_kind(box, Kind.MOTION)
    path = path_of(face_of(box).device, recording)
    answer = await cgi.ask("FileManager", "downloadFile", fileName=path)
    assert len(answer.body) == size_of(face_of(box).device, recording)


async def test_a_file_for_a_session(cgi: Cgi, box: RecorderBox) -> None:
    """Outside of /cgi-bin the cookies of RPC2 count."""
    recording = of_kind(box, Kind.MOTION)
    path = quote(path_of(face_of(box).device, recording), safe="/")
    url = f"http://{box.address}/RPC_Loadfile{path}"
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as refused:
            assert refused.status == 401
        rpc = Rpc(box, http)
        await rpc.log_in()
        cookies = {"Cookie": f"WebClientSessionID={rpc.session}"}
        async with http.get(url, headers=cookies) as answer:
            body = await answer.read()
    assert len(body) == size_of(face_of(box).device, recording)


async def test_a_growing_file_keeps_its_place(cgi: Cgi, box: RecorderBox) -> None:
    """Its name tells the end that it had when it was asked for."""
    recorder, now = box.recorder, box.recorder.now()
    (open_file,) = (
        recording
        for recording in recorder.schedule.recordings(1, 1, now - timedelta(seconds=1), now)
        if recording.open
    )
    device = face_of(box).device
    old = path_of(device, open_file)
    recorder.now.advance(timedelta(seconds=61))  # type: ignore[attr-defined]  # the fixture's clock
    assert path_of(device, open_file) != old
    found = named(device, old)
    assert found is not None
    assert found.recording.number == open_file.number


async def test_a_picture_of_an_event(cgi: Cgi, box: RecorderBox) -> None:
    recording = of_kind(box, Kind.MOTION)
    answer = await load(cgi, picture_path_of(face_of(box).device, recording))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.body.startswith(b"\xff\xd8")


async def test_a_missing_file(cgi: Cgi, box: RecorderBox) -> None:
    path = path_of(face_of(box).device, of_kind(box, Kind.MOTION)).replace("20", "19", 1)
    with pytest.raises(aiohttp.ClientError):
        await load(cgi, path)
    change(box, missing_file=Missing.REFUSED)
    assert (await load(cgi, path)).status == 400


@pytest.mark.parametrize(
    ("length", "said"),
    [(Length.OVERSTATED, 1024 * 1024), (Length.CHUNKED, None), (Length.ABSENT, None)],
)
async def test_what_is_said_of_the_length(
    cgi: Cgi, box: RecorderBox, length: Length, said: int | None
) -> None:
    recording = of_kind(box, Kind.MOTION)
    device = face_of(box).device
    change(box, file_length=length)
    url = f"http://{box.address}/cgi-bin/RPC_Loadfile{path_of(device, recording)}"
    async with cgi.session.get(url) as answer:
        told = answer.headers.get("Content-Length")
        size = size_of(device, recording)
        assert told == (None if said is None else str(size + said))
        assert len(await answer.content.read(size)) > 0


async def test_a_file_in_parts(cgi: Cgi, box: RecorderBox) -> None:
    change(box, multipart=True)
    recording = of_kind(box, Kind.MOTION)
    answer = await load(cgi, path_of(face_of(box).device, recording))
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    boundary = answer.headers["Content-Type"].partition("boundary=")[2].encode()
    _, told, file, end = answer.body.split(b"--" + boundary)
    assert json.loads(told.partition(b"\r\n\r\n")[2])["result"] is True
    content = file.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
    assert len(content) == size_of(face_of(box).device, recording)
    assert content.startswith(b"DHAV")
    assert end == b"--\r\n"


@pytest.mark.parametrize("stalls_at", [0, 100_000])
async def test_a_file_that_stalls(cgi: Cgi, box: RecorderBox, stalls_at: int) -> None:
    """As RPC_Loadfile of an NVR4108 did at once. By time it comes."""
    change(box, file_stalls_at=stalls_at)
    recording = of_kind(box, Kind.MOTION)
    url = f"http://{box.address}/cgi-bin/RPC_Loadfile{path_of(face_of(box).device, recording)}"
    async with cgi.session.get(url) as answer:
        assert answer.status == 200
        assert len(await answer.content.readexactly(stalls_at)) == stalls_at
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await answer.content.read(1)
    while face_of(box).device.media.transfers:
        await asyncio.sleep(0.01)
    loaded = await by_time(cgi, box, recording.start, channel=recording.channel)
    assert loaded.body.startswith(b"DHAV")


async def test_one_transfer_at_a_time(cgi: Cgi, box: RecorderBox) -> None:
    recording = of_kind(box, Kind.MOTION)
    path = path_of(face_of(box).device, recording)
    change(box, file_stalls_at=10)
    url = f"http://{box.address}/cgi-bin/RPC_Loadfile{path}"
    async with cgi.session.get(url) as first:
        await first.content.readexactly(10)
        refused = await by_time(cgi, box, recording.start)
        assert refused.status == 400
        assert "Resource is limited, open video failed!" in refused.text
        first.close()
    media = face_of(box).device.media
    while media.transfers:
        await asyncio.sleep(0.01)
    change(box, file_stalls_at=None)
    assert (await load(cgi, path)).status == 200


async def test_the_place_of_a_transfer_that_was_given_up(cgi: Cgi, box: RecorderBox) -> None:
    change(box, file_stalls_at=10, transfer_held_s=30.0)
    recording = of_kind(box, Kind.MOTION)
    url = f"http://{box.address}/cgi-bin/RPC_Loadfile{path_of(face_of(box).device, recording)}"
    async with cgi.session.get(url) as first:
        await first.content.readexactly(10)
        first.close()
    while face_of(box).device.media.transfers:
        await asyncio.sleep(0.01)
    assert (await by_time(cgi, box, recording.start)).status == 400
    box.recorder.now.advance(timedelta(seconds=31))  # type: ignore[attr-defined]  # the fixture's clock
    assert (await by_time(cgi, box, recording.start)).status == 200


async def test_transfers_that_are_reset(cgi: Cgi, box: RecorderBox) -> None:
    change(box, load_breaks=2)
    path = path_of(face_of(box).device, of_kind(box, Kind.MOTION))
    with pytest.raises(aiohttp.ClientError):
        await load(cgi, path)
    assert (await load(cgi, path)).status == 200


@pytest.mark.parametrize("head", [DAHUA_HEAD, OTHER_HEAD])
async def test_files_with_a_head_and_an_index(cgi: Cgi, box: RecorderBox, head: bytes) -> None:
    recording = of_kind(box, Kind.MOTION)
    plain = await load(cgi, path_of(face_of(box).device, recording))
    change(box, dhav=DhavForm(head=head), dhav_index=True)
    answer = await load(cgi, path_of(face_of(box).device, recording))
    assert len(answer.body) == size_of(face_of(box).device, recording)
    assert answer.body.startswith(head + plain.body + b"DHIX")
    loaded = await by_time(cgi, box, recording.start, channel=recording.channel)
    assert loaded.body.startswith(head + b"DHAV")


@pytest.mark.parametrize(
    ("traits", "path"),
    [
        ({"loads_by_time": False}, "loadfile.cgi?action=startLoad&channel=1"),
        ({"loads_files": False}, "RPC_Loadfile/mnt/dvr/x.dav"),
    ],
)
async def test_ways_that_a_firmware_lacks(
    cgi: Cgi, box: RecorderBox, traits: dict[str, bool], path: str
) -> None:
    change(box, **traits)
    assert (await cgi.get(path)).text.split() == ["Error", "Bad", "Request!"]


async def test_a_key_frame_alone(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        instant = box.recorder.now() - timedelta(minutes=7)
        infos = {"Channel": 0, "Time": digits(box, instant), "VideoStream": "Main"}
        headers = {"Cookie": f"WebClientSessionID={rpc.session}"}
        call = {
            "method": "StorageAssistant.getIFrameData",
            "params": {"Infos": infos},
            "id": 9,
            "session": rpc.session,
        }
        url = f"http://{box.address}/RPC3_Loadfile"
        async with http.post(url, json=call, headers=headers) as answer:
            told = await answer.json()
    (frame,) = frames(b64decode(told["params"]["body"]))
    assert frame.kind is FrameType.KEY
    shown = box.recorder.source(1, 1).key_frame_at_or_before(instant.replace(microsecond=0))
    assert frame.date == pack_date(box.recorder.clock.wall(shown))


async def test_who_may_not_see_recordings(box: RecorderBox) -> None:
    async with Cgi(box, password="wrong") as stranger:
        assert (await stranger.get("RPC_Loadfile/mnt/x.dav")).status == 401
