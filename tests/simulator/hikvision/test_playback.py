"""What RTSP addresses stand for."""

from datetime import UTC, datetime, timedelta
import itertools

import pytest

from simulator.box import RecorderBox
from simulator.core.recordings import Recording
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.traits.playback import LiveForm, TrackForm
from simulator.rtsp.presentation import RtspRefusal
from simulator.rtsp.traits import Gap
from tests.simulator.instants import NOW

from .test_search import denver, scheduled

DAY = timedelta(days=1)


def address(track: int, start: datetime, end: datetime, slash: str = "/") -> str:
    """Give the address that plays a span, times by their digits."""
    times = f"starttime={start:%Y%m%dT%H%M%SZ}&endtime={end:%Y%m%dT%H%M%SZ}"
    return f"/Streaming/tracks/{track}{slash}?{times}"


def gap_before(box: RecorderBox, channel: int) -> Recording:
    """Give a recording before which nothing was recorded for minutes."""
    events = scheduled(box, channel, NOW - DAY, NOW - timedelta(hours=2))
    return next(
        after
        for one, after in itertools.pairwise(events)
        if after.start - one.end > timedelta(minutes=2)
    )


@pytest.mark.parametrize(
    "path",
    [
        "/Streaming/Channels/602",
        "/streaming/channels/602/",
        "/ISAPI/Streaming/channels/602",
        "/Streaming/Channels/602?transportmode=unicast",
    ],
)
def test_live(current: RecorderBox, path: str) -> None:
    presentation = current.personality.face.resolve(path)
    assert presentation.live
    assert (presentation.source.channel, presentation.source.stream) == (6, 2)
    assert presentation.title == "Media Server V4.62.210"


@pytest.mark.parametrize(
    "path",
    [
        "/Streaming/Channels/1401",
        "/Streaming/Channels/1601",
        "/Streaming/Channels/103",
        "/Streaming/Channels/9901",
        "/Streaming/tracks/101",
        "/Streaming/tracks/9901?starttime=20261121T100000Z",
        "/Streaming/tracks/101?starttime=20269901T000000Z",
        "/",
        "/h264/ch1/main/av_stream",
    ],
)
def test_what_is_not_there_is_not_found(current: RecorderBox, path: str) -> None:
    with pytest.raises(RtspRefusal) as refusal:
        current.personality.face.resolve(path)
    assert refusal.value.status == 404


@pytest.mark.parametrize("slash", ["", "/"])
def test_playback_begins_at_the_key_frame_before(current: RecorderBox, slash: str) -> None:
    start = NOW.replace(microsecond=0) - timedelta(hours=3)
    end = start + timedelta(minutes=40)
    presentation = current.personality.face.resolve(address(101, start, end, slash))
    assert presentation.spans is not None
    [(begins, ends)] = presentation.spans
    assert start - timedelta(seconds=2) < begins <= start
    assert end <= ends < end + timedelta(seconds=2)
    assert presentation.tracks[:2] == ("trackID=video", "trackID=audio")


def test_playback_speaks_the_device_s_clock(old: RecorderBox) -> None:
    recording = scheduled(old, 1, NOW - DAY, NOW)[3]
    path = address(101, denver(recording.start), denver(recording.end))
    presentation = old.personality.face.resolve(path)
    assert presentation.spans is not None
    assert abs(presentation.spans[0][0] - recording.start) < timedelta(seconds=3)
    assert presentation.stamp(NOW).replace(microsecond=0) == denver(NOW)
    assert presentation.from_stamp(presentation.stamp(NOW)) == NOW


def test_playback_without_an_end_goes_on_to_now(current: RecorderBox) -> None:
    start = NOW - timedelta(minutes=30)
    path = f"/Streaming/tracks/101?starttime={start:%Y%m%dT%H%M%SZ}"
    spans = current.personality.face.resolve(path).spans
    assert spans is not None
    assert NOW - timedelta(seconds=2) < spans[-1][1] <= NOW


def test_a_start_in_a_gap_is_told(current: RecorderBox) -> None:
    recording = gap_before(current, 3)
    start = recording.start - timedelta(minutes=1)
    found = current.personality.face.resolve(address(301, start, recording.end))
    assert found.gap
    assert found.spans is not None
    assert found.spans[0][0] == recording.start
    assert found.spans[-1][1] <= recording.end
    assert not current.personality.face.resolve(address(301, recording.start, recording.end)).gap


def test_nothing_at_all_is_a_gap(current: RecorderBox) -> None:
    path = "/Streaming/tracks/101?starttime=20200101T000000Z&endtime=20200101T000100Z"
    found = current.personality.face.resolve(path)
    assert found.gap
    assert found.spans == ()


def test_what_follows_the_asked_span_is_known(current: RecorderBox) -> None:
    start = NOW.replace(microsecond=0) - timedelta(hours=3)
    found = current.personality.face.resolve(address(101, start, start + timedelta(minutes=1)))
    assert found.spans is not None
    [(begins, ends)] = found.following(found.spans[-1][1])
    assert begins == found.spans[-1][1]
    assert NOW - timedelta(seconds=2) < ends <= NOW


def test_a_live_stream_goes_with_its_camera(current: RecorderBox) -> None:
    found = current.personality.face.resolve("/Streaming/Channels/101")
    assert found.available()
    current.recorder.channels[1].lose(NOW)
    assert not found.available()


@pytest.mark.parametrize(
    ("form", "path"),
    [
        (LiveForm.CHANNEL, "/Streaming/channels/2"),
        (LiveForm.AV_STREAM, "/h264/ch34/main/av_stream"),
        (LiveForm.AV_STREAM, "/MPEG-4/ch34/main/av_stream"),
        (LiveForm.PSIA, "/PSIA/streaming/channels/201"),
    ],
)
def test_older_live_addresses(old: RecorderBox, form: LiveForm, path: str) -> None:
    face = old.personality.face
    assert isinstance(face, HikvisionFace)
    with pytest.raises(RtspRefusal):
        face.resolve(path)
    face.change(live_forms=frozenset({form}), av_stream_first=33)
    found = face.resolve(path)
    assert (found.source.channel, found.source.stream) == (2, 1)
    with pytest.raises(RtspRefusal):
        face.resolve("/Streaming/Channels/201")


@pytest.mark.parametrize(
    ("form", "path"),
    [
        (TrackForm.PLAIN, "/Streaming/tracks/101?"),
        (TrackForm.SLASH, "/Streaming/tracks/101/?"),
        (TrackForm.PSIA, "/PSIA/streaming/tracks/101?"),
    ],
)
def test_forms_of_playback_addresses(current: RecorderBox, form: TrackForm, path: str) -> None:
    face = current.personality.face
    assert isinstance(face, HikvisionFace)
    query = f"starttime={NOW - timedelta(hours=3):%Y%m%dT%H%M%SZ}"
    face.change(track_forms=frozenset(TrackForm) - {form}, track_form_status=454)
    with pytest.raises(RtspRefusal) as refusal:
        face.resolve(path + query)
    assert refusal.value.status == 454
    face.change(track_forms=frozenset({form}), named_tracks=False)
    assert face.resolve(path + query).tracks[0] == "trackID=1"


def test_the_second_showing_of_an_hour_ends_later_than_it_begins(old: RecorderBox) -> None:
    # 01:50 is shown twice, 02:10 once, after the change: the span between is the longer one.
    start, end = datetime(2026, 11, 1, 1, 50), datetime(2026, 11, 1, 2, 10)
    spans = old.personality.face.resolve(address(101, start, end)).spans
    assert spans is not None
    assert spans[-1][1] - spans[0][0] > timedelta(minutes=79)
    assert spans[0][0] < datetime(2026, 11, 1, 8, 2, 31, tzinfo=UTC)


def test_older_firmware_refuses_what_begins_in_a_gap(
    old: RecorderBox, current: RecorderBox
) -> None:
    assert (old.rtsp.traits.gap, current.rtsp.traits.gap) == (Gap.REFUSED, Gap.JUMPS)
    recording = gap_before(old, 3)
    end = denver(recording.end)
    before = address(301, denver(recording.start - timedelta(minutes=1)), end)
    assert old.personality.face.resolve(before).gap
    found = old.personality.face.resolve(address(301, denver(recording.start), end))
    assert not found.gap
    assert found.spans is not None
    assert found.spans[0][0] == recording.start
