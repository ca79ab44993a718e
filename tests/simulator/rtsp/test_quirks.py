"""What firmwares do that no standard asks for."""

import asyncio
from urllib.parse import urlsplit

import pytest

from simulator.rtsp.traits import Control, Gap, Junk, Reports

from .client import INTERLEAVED, Client
from .stage import IN_A_GAP, RECORDED, Stage, make_stage


async def test_names_of_tracks_are_relative(client: Client) -> None:
    _, headers, body = await client.ask("DESCRIBE", RECORDED)
    assert headers["Content-Base"].endswith(f"{RECORDED}/")
    assert "a=control:trackID=video\r\n" in body
    assert "a=range:clock=20260301T120004Z-20260301T130014Z\r\n" in body
    assert "a=Media_header:MEDIAINFO=494D4B48" in body


async def test_names_of_tracks_are_whole_addresses(stage: Stage, client: Client) -> None:
    """The query stands behind the track's name, and the slash before it doesn't matter."""
    stage.server.change(control=Control.ABSOLUTE, content_base=False, media_header=False)
    _, headers, body = await client.ask("DESCRIBE", RECORDED)
    assert "Content-Base" not in headers
    assert "Media_header" not in body
    [video] = [line for line in body.split("\r\n") if "trackID=video" in line]
    parts = urlsplit(video.removeprefix("a=control:"))
    assert parts.query == "starttime=x&endtime=y"
    target = f"{parts.path}?{parts.query}"
    assert (await client.ask("SETUP", target, Transport=INTERLEAVED))[0] == 200
    assert stage.resolved == [RECORDED]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/tracks/301/trackID=video", 200),
        ("/tracks/301/trackID=video?starttime=x&endtime=y", 200),
        ("/tracks/301/?starttime=x&endtime=y/trackID=video", 200),
        (f"{RECORDED}/trackID=1", 404),
        (f"{RECORDED}/trackID=metadata", 404),
        ("/tracks/999/trackID=video", 404),
    ],
)
async def test_where_the_name_of_a_track_may_stand(
    client: Client, target: str, status: int
) -> None:
    await client.ask("DESCRIBE", RECORDED)
    assert (await client.ask("SETUP", target, Transport=INTERLEAVED))[0] == status


async def test_a_third_track(stage: Stage, client: Client) -> None:
    stage.server.change(metadata_track=True, reports=Reports.NONE)
    _, _, body = await client.ask("DESCRIBE", RECORDED)
    assert "m=application 0 RTP/AVP 107" in body
    await client.set_up(RECORDED)
    await client.set_up_sound(RECORDED, "trackID=metadata")
    await client.ask("PLAY", RECORDED)
    packet = await client.packet()
    assert (packet.channel, packet.data[12:35]) == (2, b"<tt:MetadataStream xmln")


async def test_sound_that_isn_t_there() -> None:
    stage = make_stage(audio=None)
    await stage.server.start()
    client = Client(stage)
    await client.connect()
    target = f"{RECORDED}/trackID=audio"
    assert (await client.ask("SETUP", target, Transport=INTERLEAVED))[0] == 404
    await client.close()
    await stage.server.stop()


@pytest.mark.parametrize(("gap", "status"), [(Gap.JUMPS, 200), (Gap.REFUSED, 454)])
async def test_a_start_in_a_gap(stage: Stage, client: Client, gap: Gap, status: int) -> None:
    stage.server.change(gap=gap, gap_status=454)
    assert (await client.ask("DESCRIBE", IN_A_GAP))[0] == status


async def test_a_start_in_a_gap_hangs(stage: Stage, client: Client) -> None:
    """All is answered, and nothing comes."""
    stage.server.change(gap=Gap.HANGS)
    stage.server.pace = 500
    await client.set_up(IN_A_GAP)
    assert (await client.ask("PLAY", IN_A_GAP))[0] == 200
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.packet(), 0.2)
    assert (await client.ask("TEARDOWN", IN_A_GAP))[0] == 200


async def test_junk_between_frames(stage: Stage, client: Client) -> None:
    stage.server.pace = 100
    stage.server.change(junk=frozenset(Junk), reports=Reports.NONE)
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    # The text of a request, a line that is empty, and what comes on channels that nobody set up.
    stage.server.change(junk=frozenset())
    rest = await client.rest()
    assert b"\x01\x00\x00$" in rest  # an empty frame
    assert b"\r\n\r\n$" in rest
    assert b"$\xc8\x00\x40" in rest
    assert b"$\x01\x00\x08\x80\xde" in rest
    assert b"OPTIONS rtsp://127.0.0.1" in rest
    assert b"$\x01\x00\x03\x80\x60\x00" in rest


async def test_the_client_s_answers_and_frames_are_passed_over(client: Client) -> None:
    await client.send(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n$\x01\x00\x04abcd\r\n\r\n")
    assert (await client.ask("OPTIONS", RECORDED))[0] == 200


async def test_a_stale_nonce_once(stage: Stage, client: Client) -> None:
    stage.server.change(stale_once=True)
    assert (await client.ask("DESCRIBE", RECORDED))[0] == 200
    status, headers, _ = await client.ask("DESCRIBE", RECORDED)
    assert (status, "stale=TRUE" in headers["WWW-Authenticate"]) == (401, True)
    assert (await client.ask("DESCRIBE", RECORDED))[0] == 200
    assert stage.accounts.failed_logins == 0


async def test_who_is_locked_out_is_hung_up_on(stage: Stage, client: Client) -> None:
    stage.server.change(locked_closes=True)
    stage.accounts.set_password("admin", "another")
    for _ in range(2):
        assert (await client.ask("DESCRIBE", RECORDED))[0] == 401
    with pytest.raises(asyncio.IncompleteReadError):
        await client.ask("DESCRIBE", RECORDED)


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\x00\r\n",
        b"PLAY rtsp://h/ RTSP/1.0\r\nno colon\r\n\r\n",
        b"PLAY rtsp://h/ RTSP/1.0\r\nContent-Length: -4\r\n\r\n",
        b"PLAY " + b"x" * 70_000,
    ],
)
async def test_no_rtsp(client: Client, words: bytes) -> None:
    await client.send(words)
    assert (await client.text()).startswith("RTSP/1.0 400 ")
    await client.rest()
