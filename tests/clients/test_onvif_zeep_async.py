"""What onvif-zeep-async, which Home Assistant's integration stands on, gets of each device, asked directly."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from lxml import etree
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from onvif.util import is_auth_error
import pytest
from zeep.exceptions import Fault, TransportError

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.footage.pattern import decode_image
from simulator.onvif.traits.login import Proof
from tests.simulator.plugged import change

from .conftest import PASSWORD, USER

HOUR = timedelta(hours=1)
NVR, CAMERA, LIVE = "onvif/nvr", "onvif/camera", "onvif/live"
TOPICS = "http://www.onvif.org/ver10/topics"
CONCRETE = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
WSNT = "http://docs.oasis-open.org/wsn/b-2"
SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


@asynccontextmanager
async def camera_of(
    box: RecorderBox, password: str = PASSWORD, *, adjust_time: bool = False
) -> AsyncIterator[Any]:
    """Give their camera of a device, with the addresses of its services."""
    camera = ONVIFCamera(
        box.host, box.http_port, USER, password, no_cache=True, adjust_time=adjust_time
    )
    try:
        await camera.update_xaddrs()
        yield camera
    finally:
        await camera.close()


@pytest.mark.parametrize("box", [NVR, CAMERA, LIVE], indirect=True)
async def test_identity(box: RecorderBox) -> None:
    """Clocks that are off are reckoned with if it is told so."""
    async with camera_of(box, adjust_time=True) as camera:
        device = await camera.create_devicemgmt_service()
        told = await device.GetDeviceInformation()
    identity = box.recorder.identity
    assert (told.Model, told.SerialNumber) == (identity.model, identity.serial)
    assert told.FirmwareVersion == identity.firmware


@pytest.mark.parametrize("box", [NVR, CAMERA, LIVE], indirect=True)
async def test_profiles_with_their_addresses(box: RecorderBox) -> None:
    async with camera_of(box, adjust_time=True) as camera:
        media = await camera.create_media_service()
        profiles = await media.GetProfiles()
        channels = box.recorder.channels.values()
        assert len(profiles) == sum(len(each.streams) for each in channels)
        sources = {each.VideoSourceConfiguration.SourceToken for each in profiles}
        assert len(sources) == len(channels)
        for profile in profiles[:2]:
            request = {"StreamSetup": SETUP, "ProfileToken": profile.token}
            told = await media.GetStreamUri(request)
            assert f":{box.rtsp_port}/" in told.Uri


@pytest.mark.parametrize("box", [NVR, CAMERA, LIVE], indirect=True)
async def test_a_picture_of_now(box: RecorderBox) -> None:
    async with camera_of(box, adjust_time=True) as camera:
        media = await camera.create_media_service()
        profiles = await media.GetProfiles()
        picture = await camera.get_snapshot(profiles[1].token)
    seen = decode_image(picture)
    # The encoder's addresses name an input, not a stream of it.
    streams = {1} if box.personality.name == LIVE else {2}
    assert (seen.channel, {seen.stream}) == (1, streams)


@pytest.mark.parametrize(("box", "far"), [(NVR, False), (LIVE, True)], indirect=["box"])
async def test_without_the_clock_s_offset_only_good_clocks_do(box: RecorderBox, far: bool) -> None:
    """`live` is further behind than this lets pass."""
    change(box, created_window=timedelta(seconds=10))
    async with camera_of(box) as camera:
        device = await camera.create_devicemgmt_service()
        if not far:
            assert await device.GetDeviceInformation()
            return
        with pytest.raises(Fault) as refused:
            await device.GetDeviceInformation()
    assert is_auth_error(refused.value)


@pytest.mark.parametrize("box", [NVR, CAMERA], indirect=True)
async def test_a_wrong_password(box: RecorderBox) -> None:
    async with camera_of(box, "wrong") as camera:
        device = await camera.create_devicemgmt_service()
        with pytest.raises((Fault, TransportError)) as refused:
            await device.GetDeviceInformation()
    assert is_auth_error(refused.value) or "401" in str(refused.value)
    # It signs what anybody may ask, too: the question for the services was the first try.
    assert box.recorder.accounts.failed_logins == 2


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_digest_alone_takes_another_session(box: RecorderBox) -> None:
    """It knows no HTTP digest, but takes a session that does."""
    change(box, proofs=frozenset({Proof.DIGEST}))
    async with camera_of(box) as camera:
        device = await camera.create_devicemgmt_service()
        with pytest.raises(TransportError) as refused:
            await device.GetDeviceInformation()
        assert refused.value.status_code == 401
        before = device.transport.session
        digest = aiohttp.DigestAuthMiddleware(USER, PASSWORD)
        async with aiohttp.ClientSession(middlewares=(digest,)) as session:
            device.transport.session = session
            assert await device.GetDeviceInformation()
        device.transport.session = before


@pytest.mark.parametrize("box", [NVR, CAMERA], indirect=True)
async def test_recordings_and_where_they_are_replayed(box: RecorderBox) -> None:
    async with camera_of(box) as camera:
        recording = await camera.create_recording_service()
        listed = [each.RecordingToken for each in await recording.GetRecordings()]
        search = await camera.create_search_service()
        replay = await camera.create_replay_service()
        found = await _found(search, "Recording", {"Scope": {}, "KeepAliveTime": "PT30S"})
        assert [each.RecordingToken for each in found] == listed
        kinds = {track.TrackType for each in found for track in each.Track}
        assert "Video" in kinds
        uri = await replay.GetReplayUri({"StreamSetup": SETUP, "RecordingToken": listed[0]})
        assert box.personality.face.resolve(uri.partition(str(box.rtsp_port))[2]).spans
        with pytest.raises(Fault) as refused:
            await replay.GetReplayUri({"StreamSetup": SETUP, "RecordingToken": "none"})
        assert [each.localname for each in refused.value.subcodes] == [
            "InvalidArgVal",
            "NoRecording",
        ]


async def _found(search: Any, what: str, question: dict[str, Any]) -> list[Any]:
    """Search to the end."""
    find = {"Recording": search.FindRecordings, "Event": search.FindEvents}[what]
    fetch = {
        "Recording": search.GetRecordingSearchResults,
        "Event": search.GetEventSearchResults,
    }[what]
    token = await find(question)
    found: list[Any] = []
    while True:
        page = await fetch({"SearchToken": token, "MaxResults": 20, "WaitTime": "PT5S"})
        found += page.RecordingInformation if what == "Recording" else page.Result
        if page.SearchState == "Completed":
            return found


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_when_there_is_footage(box: RecorderBox) -> None:
    """By events of track states, which tell what the device's own clock showed."""
    expression = etree.Element(f"{{{WSNT}}}TopicExpression", Dialect=CONCRETE, nsmap={"t": TOPICS})
    expression.text = "t:RecordingHistory/Track/State"
    recorder = box.recorder
    now = recorder.now()
    start, stop = (
        recorder.clock.stamp(each).replace(microsecond=0) for each in (now - 24 * HOUR, now)
    )
    async with camera_of(box) as camera:
        found = await _found(
            await camera.create_search_service(),
            "Event",
            {
                "StartPoint": start.replace(tzinfo=UTC),
                "EndPoint": stop.replace(tzinfo=UTC),
                "Scope": {"IncludedRecordings": ["RecordMediaProfile00100"]},
                "SearchFilter": {"_value_1": [expression]},
                "IncludeStartState": True,
                "KeepAliveTime": "PT30S",
            },
        )
    video = [each for each in found if each.TrackToken.startswith("VIDEO")]
    begins = [
        each.Time
        for each in video
        if not each.StartStateEvent
        and each.Event.Message._value_1.Data.SimpleItem[0].Value == "true"
    ]
    spans = recorder.schedule.spans(2, 1, recorder.clock.from_stamp(start), now)
    told = [recorder.clock.stamp(begin) for begin, _ in spans]
    assert begins
    for instant in begins:
        assert any(abs(instant.replace(tzinfo=None) - each) < timedelta(seconds=1) for each in told)


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_motion(box: RecorderBox) -> None:
    async with camera_of(box) as camera:
        lost: list[bool] = []
        manager = await camera.create_pullpoint_manager(
            timedelta(seconds=120), lambda: lost.append(True)
        )
        service = manager.get_service()
        await service.PullMessages({"MessageLimit": 100, "Timeout": timedelta(seconds=1)})
        motion = box.recorder.events.begin(EventKind.MOTION, channel=2)
        seen = await _message(service, lambda topic: "Motion" in topic)
        box.recorder.events.end(motion)
        await manager.stop()
    source, state = seen.Source.SimpleItem, seen.Data.SimpleItem
    assert "00100" in {each.Value for each in source}
    assert state[0].Value == "true"
    assert not lost


async def _message(service: Any, wanted: Callable[[str], bool]) -> Any:
    """Pull until a message is about what a test wants."""
    while True:
        pulled = await service.PullMessages({"MessageLimit": 100, "Timeout": timedelta(seconds=10)})
        for each in pulled.NotificationMessage:
            message = each.Message._value_1
            begun = message.PropertyOperation == "Changed"
            if begun and wanted(each.Topic._value_1):
                return message


@pytest.mark.parametrize("box", [LIVE], indirect=True)
async def test_without_recordings_their_services_are_missing(box: RecorderBox) -> None:
    async with camera_of(box, adjust_time=True) as camera:
        with pytest.raises(ONVIFError):
            await camera.create_search_service()


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_the_time_of_a_question_is_the_device_s(box: RecorderBox) -> None:
    async with camera_of(box) as camera:
        device = await camera.create_devicemgmt_service()
        told = (await device.GetSystemDateAndTime()).UTCDateTime
    date, time = told.Date, told.Time
    shown = datetime(date.Year, date.Month, date.Day, time.Hour, time.Minute, time.Second)
    expected = box.recorder.clock.stamp(box.recorder.now())
    assert abs(shown - expected) < timedelta(seconds=5)
