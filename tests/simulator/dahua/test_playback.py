"""Live footage and recordings over RTSP, by FFmpeg and by hand."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

import av
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.core.recordings import Kind
from simulator.dahua.files import path_of
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading
from simulator.rtsp.presentation import RtspRefusal

from ..plugged import change
from .client import PASSWORD
from .conftest import face_of
from .test_download import of_kind

OPTIONS = {"rtsp_transport": "tcp", "allowed_media_types": "video"}


def address(box: RecorderBox, path: str) -> str:
    """Give an address with credentials."""
    return f"rtsp://admin:{quote(PASSWORD, safe='')}@{box.host}:{box.rtsp_port}{path}"


def by_time(
    box: RecorderBox, start: datetime, end: datetime, *, channel: int = 1, path: str = "playback"
) -> str:
    """Give the path of a span of true time."""
    begins, ends = (box.recorder.clock.wall(each) for each in (start, end))
    form = "%Y_%m_%d_%H_%M_%S"
    return (
        f"/cam/{path}?channel={channel}&subtype=0&starttime={begins:{form}}&endtime={ends:{form}}"
    )


def played(url: str, most: int | None = None) -> list[PatternReading]:
    """Let FFmpeg play, and read what the pictures are of."""
    found = []
    with av.open(url, options=OPTIONS) as container:
        for picture in container.decode(video=0):
            found.append(pattern_of(picture))
            if most is not None and len(found) >= most:
                break
    return found


@pytest.mark.parametrize(
    ("query", "stream"), [("?channel=2&subtype=0", 1), ("?channel=2&subtype=1&unicast=true", 2)]
)
async def test_live(box: RecorderBox, query: str, stream: int) -> None:
    box.recorder.now.run()  # type: ignore[attr-defined]  # the fixture's clock
    seen = await asyncio.to_thread(played, address(box, f"/cam/realmonitor{query}"), 3)
    assert {(each.channel, each.stream) for each in seen} == {(2, stream)}


@pytest.mark.parametrize("path", ["playback", "realmonitor"])
async def test_a_span_of_time_ends_at_its_end(box: RecorderBox, path: str) -> None:
    change(box, live_plays=True)
    box.rtsp.pace = 100
    start = (box.recorder.now() - timedelta(minutes=9)).replace(microsecond=0)
    end = start + timedelta(seconds=5)
    seen = await asyncio.to_thread(played, address(box, by_time(box, start, end, path=path)))
    source = box.recorder.source(1, 1)
    assert seen[0].instant == source.key_frame_at_or_before(start)
    assert end <= seen[-1].instant + source.frame_interval
    assert seen[-1].instant < end + timedelta(seconds=source.format.gop_seconds)


async def test_a_file_with_its_double_slash(box: RecorderBox) -> None:
    box.rtsp.pace = 100
    recording = of_kind(box, Kind.MOTION)
    path = path_of(face_of(box).device, recording)
    seen = await asyncio.to_thread(played, address(box, f"/{path}"))
    assert {each.channel for each in seen} == {recording.channel}
    assert seen[0].instant == recording.start
    assert seen[-1].instant < recording.end


async def test_a_place_in_a_file(box: RecorderBox) -> None:
    """By `Range: npt=`, as players ask for it."""
    recording = of_kind(box, Kind.MOTION)
    url = address(box, f"/{path_of(face_of(box).device, recording)}")

    def sought() -> PatternReading:
        with av.open(url, options=OPTIONS) as container:
            assert container.duration is not None
            length = timedelta(seconds=container.duration / av.time_base)
            assert abs(length - (recording.end - recording.start)) < timedelta(milliseconds=2)
            container.seek(8 * av.time_base)
            picture = next(container.decode(video=0))
            return pattern_of(picture)

    seen = await asyncio.to_thread(sought)
    step = timedelta(seconds=box.recorder.source(recording.channel, 1).format.gop_seconds)
    assert timedelta(seconds=8) - step <= seen.instant - recording.start <= timedelta(seconds=8)


async def test_a_description_tells_its_length(box: RecorderBox) -> None:
    recording = of_kind(box, Kind.MOTION)
    described = face_of(box).resolve(f"/{path_of(face_of(box).device, recording)}")
    assert described.bounds == (recording.start, recording.end)
    assert described.tracks[:2] == ("trackID=0", "trackID=1")


@pytest.mark.parametrize(
    "target",
    [
        "/cam/realmonitor?channel=0&subtype=0",
        "/cam/realmonitor?channel=99&subtype=0",
        "/cam/realmonitor?channel=1&subtype=3",
        "/cam/realmonitor?channel=1&subtype=0&starttime=2026_11_21_03_00_00",
        "/cam/playback?channel=1&starttime=2026-11-21&endtime=x",
        "/cam/playback?channel=1",
        "/Streaming/Channels/101",
        "//mnt/dvr/2026-11-21/0/dav/03/1/0/1/03.00.00-03.30.00[R][0@0][0].dav",
    ],
)
def test_what_there_is_not(box: RecorderBox, target: str) -> None:
    change(box, live_plays=False)
    with pytest.raises(RtspRefusal):
        face_of(box).resolve(target)


def test_cameras_that_send_nothing(box: RecorderBox) -> None:
    box.recorder.channels[1].lose(box.recorder.now(), OfflineReason.UNREACHABLE)
    change(box, onvif=frozenset({2}), onvif_served=False)
    for channel in (1, 2):
        with pytest.raises(RtspRefusal):
            face_of(box).resolve(f"/cam/realmonitor?channel={channel}&subtype=0")


@pytest.mark.parametrize(
    ("traits", "target"),
    [
        ({"plays_by_time": False}, "/cam/playback?channel=1&starttime=2026_11_21_03_00_00"),
        ({"plays_files": False}, "file"),
    ],
)
def test_ways_that_a_firmware_lacks(box: RecorderBox, traits: dict[str, bool], target: str) -> None:
    face = face_of(box)
    if target == "file":
        target = path_of(face.device, of_kind(box, Kind.MOTION))
    assert face.resolve(target).spans
    change(box, **traits)
    with pytest.raises(RtspRefusal):
        face.resolve(target)


def test_an_hour_that_comes_twice(box: RecorderBox) -> None:
    """No zone can be named: the span that is shorter is meant."""
    clock = box.recorder.clock
    begins = clock.zone.ends.wall(2026) - timedelta(minutes=30)
    target = by_time(box, clock.instant(begins), clock.instant(begins) + timedelta(minutes=10))
    shown = face_of(box).resolve(target)
    assert shown.bounds is not None
    assert shown.bounds[1] - shown.bounds[0] < timedelta(minutes=11)


@pytest.mark.parametrize("told", [True, False])
async def test_the_nonce_changes_between_two_requests(box: RecorderBox, told: bool) -> None:
    """FFmpeg goes on with the new one if it is told that the old one is stale, and else gives up."""
    accounts = box.recorder.accounts
    if told:
        accounts.policy = replace(accounts.policy, rtsp_challenge=accounts.policy.challenge)
    box.rtsp.change(stale_once=True)
    box.rtsp.pace = 100
    start = (box.recorder.now() - timedelta(minutes=9)).replace(microsecond=0)
    target = address(box, by_time(box, start, start + timedelta(seconds=2)))
    if told:
        assert await asyncio.to_thread(played, target)
    else:
        with pytest.raises(av.FFmpegError):
            await asyncio.to_thread(played, target)
    assert accounts.failed_logins == 0


async def test_so_many_at_once(box: RecorderBox) -> None:
    box.rtsp.change(max_playbacks=0)
    start = box.recorder.now() - timedelta(minutes=9)
    target = by_time(box, start, start + timedelta(seconds=2))
    with pytest.raises(av.FFmpegError):
        await asyncio.to_thread(played, address(box, target))
