"""Download: what comes, how much of it, and what the footage itself says of its time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
import itertools
import re

import aiohttp
import av
import pytest

from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.transfer import Length
from simulator.footage.pattern import decode_rgb
from simulator.hikvision.face import HikvisionFace
from tests.simulator.instants import NOW

from .isapi import Isapi, Query
from .test_search import denver, scheduled

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def descriptor_times(footage: bytes) -> list[datetime]:
    """Read the wall clock before every key frame, as section 13 of the protocol notes says."""
    times = []
    for match in re.finditer(rb"\x40\x0eHK..(......)", footage, re.DOTALL):
        year, *bits = match[1]
        word = int.from_bytes(bytes(bits))
        fields = [
            (word >> shift) & ((1 << width) - 1)
            for shift, width in ((36, 4), (31, 5), (26, 5), (20, 6), (14, 6), (3, 10))
        ]
        month, day, hour, minute, second, ms = fields
        times.append(datetime(2000 + year, month, day, hour, minute, second, ms * 1000))
    return times


def filmed(footage: bytes, channel: int) -> list[datetime]:
    """Decode the first pictures and read when they were taken."""
    instants = []
    with av.open(BytesIO(footage), mode="r", format="mpeg") as container:
        for _, frame in zip(range(5), container.decode(video=0), strict=False):
            picture = frame.reformat(format="rgb24").to_ndarray()
            reading = decode_rgb(picture.tobytes(), frame.width, frame.height)
            assert reading.channel == channel
            instants.append(reading.instant)
    return instants


def clip_of(address: str, start: datetime, end: datetime) -> str:
    """Ask for another span of the same file."""
    times = f"starttime={start:%Y%m%dT%H%M%SZ}&endtime={end:%Y%m%dT%H%M%SZ}"
    return re.sub("starttime=[^&]+&endtime=[^&]+", times, address)


async def event(isapi: Isapi, track: int) -> str:
    """Give the address of a short recording."""
    found = await isapi.found(Query(tracks=[track], start=NOW - DAY, end=NOW - HOUR))
    return next(one.address for one in found if one.word != "timing")


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_current_cuts_out_the_asked_span(
    current: RecorderBox, current_isapi: Isapi, method: str
) -> None:
    start = NOW - timedelta(hours=2)
    [found] = await current_isapi.found(Query(start=start, end=start + timedelta(seconds=1)))
    asked = clip_of(found.address, start, start + timedelta(seconds=10))
    answer = await current_isapi.download(asked, method)
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.body.startswith(b"IMKH")

    keys = [time.replace(tzinfo=UTC) - HOUR for time in descriptor_times(answer.body)]
    asked_start = start.replace(microsecond=0)
    assert keys[0] <= asked_start < keys[0] + timedelta(seconds=2)
    assert keys[-1] < asked_start + timedelta(seconds=10) <= keys[-1] + timedelta(seconds=2)
    assert filmed(answer.body, 1)[0] == keys[0]


async def test_current_gives_no_more_than_the_named_file(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    recording = scheduled(current, 3, NOW - DAY, NOW - HOUR)[0]
    address = await event(current_isapi, 301)
    wide = clip_of(address, recording.start - HOUR, recording.end + HOUR)
    footage = (await current_isapi.download(wide)).body
    assert footage == (await current_isapi.download(address)).body
    assert filmed(footage, 3)[0] == recording.start
    assert recording.start.microsecond % 1_000_000 != 0, "search says whole seconds"
    beside = clip_of(address, recording.end + HOUR, recording.end + 2 * HOUR)
    assert (await current_isapi.download(beside)).sub_status == "taskNoRecFile"


async def test_current_cuts_by_time_alone(current: RecorderBox, current_isapi: Isapi) -> None:
    files = scheduled(current, 1, NOW - DAY, NOW - HOUR)
    border = files[3].start
    start, end = border - timedelta(seconds=5), border + timedelta(seconds=5)
    address = "rtsp://192.0.2.64/Streaming/tracks/101?starttime=x&endtime=y"
    footage = (await current_isapi.download(clip_of(address, start, end))).body
    keys = [time.replace(tzinfo=UTC) - HOUR for time in descriptor_times(footage)]
    assert (
        keys[0]
        <= start.replace(microsecond=0)
        < end.replace(microsecond=0)
        <= keys[-1] + 2 * (keys[1] - keys[0])
    )
    assert all(after - key == timedelta(seconds=2) for key, after in itertools.pairwise(keys))


async def test_old_sends_whole_files_with_its_own_clock_in_them(
    old: RecorderBox, old_isapi: Isapi
) -> None:
    recording = scheduled(old, 3, NOW - DAY, NOW - HOUR)[1]
    address = next(
        one.address
        for one in await old_isapi.found(
            Query(tracks=[301], start=denver(NOW - 2 * DAY), end=denver(NOW))
        )
        if one.start == denver(recording.start)
    )
    start = denver(recording.start) + timedelta(seconds=4)
    asked = clip_of(address, start, start + timedelta(seconds=2))
    answer = await old_isapi.download(asked, "GET")
    assert "Content-Length" not in answer.headers
    assert len(answer.body) == int(address.rpartition("=")[2])
    times = descriptor_times(answer.body)
    assert times[0].replace(microsecond=0) == denver(recording.start)
    assert times[0].microsecond != 0
    assert filmed(answer.body, 3)[0] == recording.start

    by_time = re.sub("&name=.*", "", asked)
    assert (await old_isapi.download(by_time, "GET")).body == answer.body
    assert (await old_isapi.get("ContentMgmt/download/capabilities")).root.findtext(
        "isSupportDownloadbyTime"
    ) == "false"


async def test_old_finds_the_file_of_the_repeated_hour_by_its_name(
    old: RecorderBox, old_isapi: Isapi
) -> None:
    change = datetime(2026, 11, 1, 8, 12, tzinfo=UTC)
    found = await old_isapi.found(
        Query(tracks=[301], start=denver(change - HOUR), end=denver(change + 2 * HOUR))
    )
    expected = scheduled(old, 3, change - HOUR, change + 2 * HOUR)
    assert len(found) == len(expected) > 1
    for one, recording in zip(found, expected, strict=True):
        footage = (await old_isapi.download(one.address, "GET")).body
        assert filmed(footage, 3)[0] == recording.start


async def test_the_file_being_written_ends_with_what_is_written(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    [*_, newest] = await current_isapi.found(Query(tracks=[102], start=NOW - HOUR, end=NOW))
    footage = (await current_isapi.download(newest.address)).body
    last = descriptor_times(footage)[-1].replace(tzinfo=UTC) - HOUR
    assert NOW - timedelta(seconds=4) < last <= NOW - timedelta(seconds=2)


async def test_old_takes_one_form_only(old_isapi: Isapi) -> None:
    address = await event(old_isapi, 301)
    assert (await old_isapi.download(address, "POST")).sub_status == "methodNotAllowed"
    assert (await old_isapi.get(f"ContentMgmt/download?playbackURI={address}")).status == 403
    moved = address.replace("198.51.100.12", "127.0.0.1")
    assert (await old_isapi.download(moved, "GET")).sub_status == "badXmlContent"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense", "badXmlContent"),
        ("rtsp://192.0.2.64/Streaming/tracks/9901/?starttime=20261120T000000Z", "notSupport"),
        ("rtsp://192.0.2.64/Streaming/tracks/101/?name=01100000000010000", "taskNoRecFile"),
        ("rtsp://192.0.2.64/Streaming/tracks/101/?name=../../etc/passwd", "taskNoRecFile"),
        ("rtsp://192.0.2.64/Streaming/tracks/101/", "taskNoRecFile"),
        (
            (
                "rtsp://192.0.2.64/Streaming/tracks/101/?starttime=20200101T000000Z"
                "&endtime=20200101T000100Z"
            ),
            "taskNoRecFile",
        ),
    ],
)
async def test_refuses_what_is_not_there(current_isapi: Isapi, address: str, reason: str) -> None:
    assert (await current_isapi.download(address)).sub_status == reason


@pytest.fixture
async def half_read(
    current: RecorderBox, current_isapi: Isapi
) -> AsyncIterator[list[aiohttp.ClientResponse]]:
    """Take both of the slots for downloads."""
    [*_, found] = await current_isapi.found(Query(start=NOW - 3 * HOUR, end=NOW - 2 * HOUR))
    escaped = found.address.replace("&", "&amp;")
    document = f"<downloadRequest><playbackURI>{escaped}</playbackURI></downloadRequest>"
    responses = [
        await current_isapi.session.post("/ISAPI/ContentMgmt/download", data=document)
        for _ in range(2)
    ]
    yield responses
    for response in responses:
        response.close()


async def test_only_so_many_at_once(
    current_isapi: Isapi, half_read: list[aiohttp.ClientResponse]
) -> None:
    address = await event(current_isapi, 301)
    busy = await current_isapi.download(address)
    assert (busy.status, busy.sub_status) == (503, "deviceBusy")
    assert (await current_isapi.get("System/time")).status == 200, "others are served meanwhile"
    half_read[0].close()
    while (answer := await current_isapi.download(address)).status == 503:
        pass
    assert answer.status == 200


async def test_breaks_off_where_it_should(current: RecorderBox, current_isapi: Isapi) -> None:
    address = await event(current_isapi, 301)
    whole = (await current_isapi.download(address)).body
    current.recorder.faults.add(Fault(path="*/download", cut_at=600_000, count=1))
    received = await _until_it_breaks(current_isapi, address)
    assert received == whole[: len(received)]
    assert 599_000 < len(received) < 600_000, "the head counts, too"
    assert (await current_isapi.download(address)).body == whole


async def _until_it_breaks(isapi: Isapi, address: str) -> bytes:
    """Give what comes until the connection ends before its time."""
    received = b""
    escaped = address.replace("&", "&amp;")
    document = f"<downloadRequest><playbackURI>{escaped}</playbackURI></downloadRequest>"
    async with isapi.session.post("/ISAPI/ContentMgmt/download", data=document) as response:
        try:
            async for part in response.content.iter_any():
                received += part
        except aiohttp.ClientPayloadError:
            return received
    raise AssertionError("all of it came")


async def test_a_length_may_be_overstated(current: RecorderBox, current_isapi: Isapi) -> None:
    address = await event(current_isapi, 301)
    whole = (await current_isapi.download(address)).body
    face = current.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(download_length=Length.OVERSTATED)
    received = await _until_it_breaks(current_isapi, address)
    assert received == whole
