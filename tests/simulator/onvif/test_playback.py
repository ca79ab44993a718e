"""Live pictures by FFmpeg, and replays by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import av
import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import Accounts
from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading
from simulator.rtsp.server import RtspServer

from ..rtsp.client import INTERLEAVED, Client
from ..rtsp.viewer import BROKEN, END, REQUIRE, TERMINAL, Viewer, clock, instants
from .client import PASSWORD, SETUP, TR2, TRC, TRP, TRT, Soap

# One picture is enough; FFmpeg would look for seconds how fast they come.
OPTIONS = {"rtsp_transport": "tcp", "allowed_media_types": "video", "analyzeduration": "100000"}
SECOND = timedelta(seconds=1)
TRACKS = ("trackID=1", "trackID=2")
ALL = "<Type>All</Type>"


@dataclass(frozen=True)
class Served:
    """A box's RTSP server."""

    server: RtspServer
    accounts: Accounts


@asynccontextmanager
async def watching(box: RecorderBox, path: str) -> AsyncIterator[Viewer]:
    """Watch a recording."""
    client = Client(Served(box.rtsp, box.recorder.accounts), PASSWORD)
    await client.connect()
    yield Viewer(client, path, TRACKS)
    await client.close()


async def replay_path(soap: Soap, token: str) -> str:
    """Ask where a recording is played."""
    inner = f"{SETUP.format(ns=TRP)}<RecordingToken>{token}</RecordingToken>"
    parts = urlsplit((await soap.ask(TRP, "GetReplayUri", inner)).text("Uri"))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def played(url: str, most: int) -> list[PatternReading]:
    """Let FFmpeg play, and read what the pictures are of."""
    found: list[PatternReading] = []
    with av.open(url, options=OPTIONS) as container:
        for picture in container.decode(video=0):
            found.append(pattern_of(picture))
            if len(found) >= most:
                break
    return found


def signed(url: str) -> str:
    """Put credentials into an address."""
    return url.replace("rtsp://", f"rtsp://admin:{quote(PASSWORD, safe='')}@", 1)


@pytest.mark.parametrize("box", ["nvr", "camera", "live"], indirect=True)
async def test_each_profile_s_address_shows_its_stream(box: RecorderBox, soap: Soap) -> None:
    box.recorder.now.run()  # type: ignore[attr-defined]  # the fixture's clock
    tokens = [each.get("token") for each in (await soap.ask(TRT, "GetProfiles")).all("Profiles")]
    for place in (0, -3 if len(tokens) > 4 else -1):
        known = f"{SETUP.format(ns=TRT)}<ProfileToken>{tokens[place]}</ProfileToken>"
        url = (await soap.ask(TRT, "GetStreamUri", known)).text("Uri")
        (seen,) = await asyncio.to_thread(played, signed(url), 1)
        number = place % len(tokens)
        assert (seen.channel, seen.stream) == (number // 2 + 1, number % 2 + 1)


async def test_an_address_of_media2_shows_h265(box: RecorderBox, soap: Soap) -> None:
    box.recorder.now.run()  # type: ignore[attr-defined]  # the fixture's clock
    found = (await soap.ask(TR2, "GetProfiles", ALL)).all("Profiles")
    token = next(
        each.get("token")
        for each in found
        if any(part.text == "H265" for part in each.iter() if part.tag.endswith("}Encoding"))
    )
    known = f"<Protocol>RTSP</Protocol><ProfileToken>{token}</ProfileToken>"
    url = (await soap.ask(TR2, "GetStreamUri", known)).text("Uri")
    (seen,) = await asyncio.to_thread(played, signed(url), 1)
    assert (seen.channel, seen.stream) == (6, 1)


async def test_a_camera_that_is_away_has_no_pictures(box: RecorderBox, soap: Soap) -> None:
    tokens = [each.get("token") for each in (await soap.ask(TRT, "GetProfiles")).all("Profiles")]
    known = f"{SETUP.format(ns=TRT)}<ProfileToken>{tokens[-1]}</ProfileToken>"
    path = urlsplit((await soap.ask(TRT, "GetStreamUri", known)).text("Uri"))
    async with watching(box, "") as viewer:
        assert (await viewer.client.ask("DESCRIBE", f"{path.path}?{path.query}"))[0] == 404


@pytest.mark.parametrize("box", ["nvr", "camera"], indirect=True)
async def test_a_span_of_each_recording(box: RecorderBox, soap: Soap) -> None:
    """The digits in ranges and packets are those of the device's clock."""
    tokens = (await soap.ask(TRC, "GetRecordings")).texts("RecordingToken")
    assert tokens
    device = box.recorder.clock
    for token in tokens[:2]:
        path = await replay_path(soap, token)
        presentation = box.personality.face.resolve(path)
        assert presentation.spans
        begins, _ = presentation.spans[-1]
        start, stop = begins + 2.5 * SECOND, begins + 6 * SECOND
        async with watching(box, path) as viewer:
            assert await viewer.set_up() == 200
            span = clock(device.stamp(start), device.stamp(stop))
            status, told = await viewer.play(span, Rate_Control="no", Immediate="yes")
            assert (status, told["Range"]) == (200, span)
            source = presentation.source
            last = source.frame_at_or_before(stop - timedelta(milliseconds=1))
            packets = await viewer.until_instant(_shown(box, last))
        expected = [each.instant for each in source.video(start, stop)]
        assert instants(packets) == [_shown(box, each) for each in expected]


def _shown(box: RecorderBox, instant: datetime) -> datetime:
    """Give what the device's clock shows, as the packets tell it."""
    return box.recorder.clock.stamp(instant).replace(tzinfo=instant.tzinfo)


async def test_gaps_and_the_end_of_a_recording(box: RecorderBox, soap: Soap) -> None:
    """Channel 2 is recorded with gaps."""
    path = await replay_path(soap, "RecordMediaProfile00100")
    spans = box.personality.face.resolve(path).spans
    assert spans
    ends, begins = spans[-2][1], spans[-1][0]
    assert ends < begins
    device = box.recorder.clock
    async with watching(box, path) as viewer:
        await viewer.set_up(sound=True)
        span = clock(device.stamp(ends - 2 * SECOND), device.stamp(begins + 2 * SECOND))
        await viewer.play(span, Rate_Control="no")
        packets = await viewer.until(TERMINAL)
    flagged = [mark.instant for _, mark in packets if mark.flags & END]
    again = [mark.instant for _, mark in packets if mark.flags & BROKEN][1:]
    assert [timedelta() < _shown(box, ends) - at < SECOND for at in flagged] == [True]
    assert again == [_shown(box, begins)]


async def test_tracks_are_called_as_the_services_call_them(box: RecorderBox, soap: Soap) -> None:
    tokens = (await soap.ask(TRC, "GetRecordings")).texts("TrackToken")
    path = await replay_path(soap, "RecordMediaProfile00000")
    async with watching(box, path) as viewer:
        _, _, text = await viewer.client.ask("DESCRIBE", path, **REQUIRE)
    named = [line.partition("x-onvif-track:")[2] for line in text.splitlines() if "x-onvif" in line]
    assert len(named) == 2
    assert set(named) <= set(tokens)


@pytest.mark.parametrize("box", ["camera"], indirect=True)
async def test_a_camera_replays_one_recording_at_a_time(box: RecorderBox, soap: Soap) -> None:
    path = await replay_path(soap, "OnvifRecordingToken_1")
    async with watching(box, path) as viewer, watching(box, path) as other:
        assert await viewer.set_up() == 200
        assert await other.set_up() == 453
        await viewer.client.ask("TEARDOWN", path)
        status, *_ = await other.client.ask(
            "SETUP", f"{path}/{TRACKS[0]}", Transport=INTERLEAVED, **REQUIRE
        )
        assert status == 200


@pytest.mark.parametrize("path", ["/cam/playback?token=nothing&proto=Onvif", "/other"])
async def test_there_is_nothing_else(box: RecorderBox, path: str) -> None:
    async with watching(box, path) as viewer:
        assert (await viewer.client.ask("DESCRIBE", path))[0] == 404
