"""GStreamer's `rtspsrc` in its ONVIF mode replays what a simulated device's services say is recorded."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from onvif import ONVIFCamera
import pytest

from scripts.provision.programs import gstreamer_is_there
from simulator.box import RecorderBox
from tests.simulator.rtsp.gstreamer import play

from .conftest import PASSWORD, USER

SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")


async def replay_uri(box: RecorderBox, token: str) -> str:
    """Ask where a recording is replayed, and put credentials in."""
    camera: Any = ONVIFCamera(box.host, box.http_port, USER, PASSWORD, no_cache=True)
    try:
        await camera.update_xaddrs()
        service = await camera.create_replay_service()
        uri: str = await service.GetReplayUri({"StreamSetup": SETUP, "RecordingToken": token})
    finally:
        await camera.close()
    return uri.replace("rtsp://", f"rtsp://{USER}:{quote(PASSWORD, safe='')}@", 1)


@pytest.mark.parametrize("box", ["onvif/nvr"], indirect=True)
@pytest.mark.parametrize("token", ["RecordMediaProfile00000", "RecordMediaProfile00500"])
async def test_a_span_of_a_recording(box: RecorderBox, token: str) -> None:
    """In H.264 and H.265, by what the device's own clock showed."""
    clock = box.recorder.clock
    uri = await replay_uri(box, token)
    recorded = box.personality.face.resolve(uri.partition(str(box.rtsp_port))[2])
    source = recorded.source
    spans = [span for span in recorded.spans or () if span[1] - span[0] > 20 * SECOND]
    start, stop = spans[-1][1] - 12.3 * SECOND, spans[-1][1] - 7 * SECOND
    # It leaves out what leads in to the picture that is on show at the start.
    begins = start - source.frame_interval
    expected = [each.instant for each in source.video(start, stop) if each.instant > begins]
    span = clock.shown(start), clock.shown(stop)
    times, ended = await play(uri, source.format.codec, *span, fewest=len(expected))
    assert ended
    assert [clock.from_stamp(each.replace(tzinfo=None)) for each in times] == expected
