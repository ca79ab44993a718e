"""Channels and streams: those with pictures and those without."""

from io import BytesIO

from PIL import Image
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.footage.pattern import decode_image
from tests.simulator.instants import NOW

from .isapi import Isapi

PROXY = "ContentMgmt/InputProxy/channels"


async def test_lists_all_channels(current_isapi: Isapi, old_isapi: Isapi) -> None:
    root = (await current_isapi.get(PROXY)).root
    names = {item.findtext("id"): item.findtext("name") for item in root}
    assert len(names) == 16
    assert (names["1"], names["7"]) == ("Front door", "Küche & Flur")
    assert len((await old_isapi.get(PROXY)).root) == 8
    assert (await current_isapi.get(f"{PROXY}/7")).root.findtext("name") == "Küche & Flur"
    assert (await current_isapi.get(f"{PROXY}/17")).status == 403


async def test_a_camera_that_refuses_the_recorder_is_offline(current_isapi: Isapi) -> None:
    status = (await current_isapi.get(f"{PROXY}/14/status")).root
    assert status.findtext("online") == "false"
    assert status.findtext("chanDetectResult") == "userPwError"
    listed = (await current_isapi.get(f"{PROXY}/14")).root
    assert listed.findtext("sourceInputPortDescriptor/model") == ""
    assert listed.find("devIndex") is None
    for path in ("1401", "1402", "1401/picture"):
        answer = await current_isapi.get(f"Streaming/channels/{path}")
        assert (answer.status, answer.sub_status) == (403, "notSupport")


async def test_a_camera_without_video_is_online(current_isapi: Isapi) -> None:
    status = (await current_isapi.get(f"{PROXY}/16/status")).root
    assert status.findtext("online") == "true"
    assert status.findtext("chanDetectResult") == "connect"
    assert (await current_isapi.get("Streaming/channels/1601")).status == 200
    answer = await current_isapi.get("Streaming/channels/1601/picture")
    assert (answer.status, answer.sub_status) == (500, "deviceError")


async def test_the_list_of_states_agrees_with_the_single_ones(current_isapi: Isapi) -> None:
    listed = (await current_isapi.get(f"{PROXY}/status")).root
    assert [item.findtext("id") for item in listed] == [str(number) for number in range(1, 17)]
    for item in listed:
        single = (await current_isapi.get(f"{PROXY}/{item.findtext('id')}/status")).root
        assert [part.text for part in single.iter()] == [part.text for part in item.iter()]
    sids = [part.text for part in listed[0].iter("streamingProxyChannelId")]
    assert sids == ["101", "102"]


async def test_a_channel_comes_and_goes(current: RecorderBox, current_isapi: Isapi) -> None:
    channel = current.recorder.channels[3]
    channel.lose(NOW, OfflineReason.UNREACHABLE)
    status = (await current_isapi.get(f"{PROXY}/3/status")).root
    assert status.findtext("chanDetectResult") == "netUnreachable"
    assert (await current_isapi.get("Streaming/channels/301")).status == 403
    channel.restore()
    assert (await current_isapi.get("Streaming/channels/301")).status == 200


async def test_lists_the_streams_of_what_is_online(current_isapi: Isapi) -> None:
    root = (await current_isapi.get("Streaming/channels")).root
    sids = [int(item.findtext("id", "")) for item in root]
    assert sids == [c * 100 + s for c in range(1, 17) if c != 14 for s in (1, 2)]
    single = (await current_isapi.get("Streaming/channels/601")).root
    listed = root[sids.index(601)]
    assert [part.text for part in single.iter()] == [part.text for part in listed.iter()]
    assert single.findtext("Video/videoCodecType") == "H.265"
    assert single.findtext("Video/maxFrameRate") == "2000"
    assert single.findtext("Audio/audioCompressionType") == "AAC"
    main = root[0]
    assert main.findtext("Video/maxFrameRate") == "0", "the camera's full frame rate"
    assert main.findtext("Video/GovLength") == "50"


async def test_the_older_one_tells_the_frame_rate_in_hundredths(old_isapi: Isapi) -> None:
    video = (await old_isapi.get("Streaming/channels/101")).root.find("Video")
    assert video is not None
    assert video.findtext("maxFrameRate") == "1250"
    assert video.findtext("vbrUpperCap") == "2048"
    assert video.find("GovLength") is None


@pytest.mark.parametrize("sid", ["103", "100", "1701", "1"])
async def test_refuses_streams_that_are_not_there(current_isapi: Isapi, sid: str) -> None:
    assert (await current_isapi.get(f"Streaming/channels/{sid}")).sub_status == "notSupport"


async def test_a_key_frame_may_be_wished_for(current_isapi: Isapi) -> None:
    answer = await current_isapi.ask("PUT", "Streaming/channels/101/requestKeyFrame")
    assert (answer.status, answer.root.findtext("statusCode")) == (200, "1")
    sessions = (await current_isapi.get("Streaming/status")).root
    assert sessions.findtext("totalStreamingSessions") == "0"


@pytest.mark.parametrize(("channel", "stream"), [(1, 1), (1, 2), (6, 1)])
async def test_pictures_show_now(current_isapi: Isapi, channel: int, stream: int) -> None:
    answer = await current_isapi.get(f"Streaming/channels/{channel}0{stream}/picture")
    assert answer.headers["Content-Type"] == "image/jpeg"
    reading = decode_image(answer.body)
    assert (reading.channel, reading.stream) == (channel, stream)
    assert 0 <= (NOW - reading.instant).total_seconds() < 2


async def test_pictures_may_be_had_smaller(current_isapi: Isapi) -> None:
    path = "Streaming/channels/101/picture"
    wish = "videoResolutionWidth=1280&videoResolutionHeight=720"
    for query, size in [(wish, (1280, 720)), ("videoResolutionWidth=99999", (1920, 1080))]:
        answer = await current_isapi.get(f"{path}?{query}")
        with Image.open(BytesIO(answer.body)) as image:
            assert image.size == size
