"""What ONVIF's replay adds to RTSP: headers of requests, and the time that packets carry."""

from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.nvr.drivers.rtsp.container import MAGIC, container_head
from custom_components.nvr.drivers.rtsp.description import Track
from custom_components.nvr.drivers.rtsp.headers import range_by_clock
from custom_components.nvr.drivers.rtsp.replay import FORMS, ReplayForm, ReplayMark, replay_mark
from custom_components.nvr.drivers.rtsp.session import PlayedTrack, playing

from .scripted_server import ScriptedServer, rtp
from .steps import Connect

TAKEN = datetime(2026, 7, 24, 13, 20, 29, 40_000, tzinfo=UTC)
# 13:20:29.04 by NTP, and all flags but the last; the PLAY had the number 5.
STAMP = bytes.fromhex("ee0de51d 0a3d70a3")
EXTENSION = bytes.fromhex("abac0003") + STAMP + bytes.fromhex("e0050000")


def extended(extension: bytes, *, sources: int = 0) -> bytes:
    packet = rtp(90_000)
    head = bytes([0x90 | sources]) + packet[1:12] + bytes(4 * sources)
    return head + extension + packet[12:]


@pytest.mark.parametrize("sources", [0, 2])
def test_a_packet_tells_when_it_was_taken(sources: int) -> None:
    mark = replay_mark(extended(EXTENSION, sources=sources))
    assert mark == ReplayMark(
        time=TAKEN, clean=True, ends=True, discontinuous=True, terminal=False, sequence=5
    )


def test_the_end_of_a_track_is_told() -> None:
    mark = replay_mark(extended(EXTENSION[:12] + b"\x10\0\0\0"))
    assert mark is not None
    assert (mark.clean, mark.ends, mark.terminal) == (False, False, True)


def test_pictures_of_their_own_may_follow_in_the_extension() -> None:
    longer = bytes.fromhex("abac0005") + EXTENSION[4:] + b"\xff\xd8\0\1quan"
    mark = replay_mark(extended(longer))
    assert mark is not None
    assert mark.time == TAKEN


@pytest.mark.parametrize(
    "packet",
    [
        rtp(90_000),
        extended(bytes.fromhex("bede0003") + EXTENSION[4:]),
        extended(bytes.fromhex("abac0002") + EXTENSION[4:12]),
        extended(bytes.fromhex("abacffff") + EXTENSION[4:]),
        extended(bytes.fromhex("abac0003") + bytes(12)),
        rtp(1)[:12].replace(b"\x80", b"\x90", 1),
        b"\x90",
        b"",
    ],
    ids=["none", "another", "short", "lie", "never set", "cut off", "one byte", "nothing"],
)
def test_what_is_no_such_extension_tells_nothing(packet: bytes) -> None:
    assert replay_mark(packet) is None


@pytest.mark.parametrize(
    ("form", "asked", "headers"),
    [
        ("replay", {}, {"Require": "onvif-replay", "Rate-Control": "no"}),
        (
            "replay",
            {"intra": True},
            {"Require": "onvif-replay", "Rate-Control": "no", "Frames": "intra"},
        ),
        (
            "replay",
            {"intra": True, "interval": timedelta(seconds=4), "instead": True},
            {
                "Require": "onvif-replay",
                "Rate-Control": "no",
                "Frames": "intra/4000",
                "Immediate": "yes",
            },
        ),
        ("replay", {"natural": True}, {"Require": "onvif-replay"}),
        ("replay_all_frames", {"intra": True}, {"Require": "onvif-replay", "Rate-Control": "no"}),
        ("replay_natural_speed", {}, {"Require": "onvif-replay"}),
        ("fast", {}, {"Rate-Control": "no"}),
        ("plain", {"intra": True}, {}),
    ],
)
def test_a_form_asks_for_what_it_knows(
    form: str, asked: dict[str, object], headers: dict[str, str]
) -> None:
    assert FORMS[form].play_headers(**asked) == headers  # type: ignore[arg-type]  # named in the table


async def test_replay_is_asked_for_where_it_is_set_up_and_played(
    server: ScriptedServer, connect: Connect
) -> None:
    form = ReplayForm()
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        for track in description.tracks:
            await session.setup(track, form.setup_headers())
        await session.play(
            range=range_by_clock(TAKEN, TAKEN + timedelta(minutes=5)),
            headers=form.play_headers(),
        )
    assert {
        request.headers["Require"] for request in server.requests if request.method == "SETUP"
    } == {"onvif-replay"}
    asked = server.last("PLAY").headers
    assert asked["Require"] == "onvif-replay"
    assert asked["Rate-Control"] == "no"
    assert asked["Range"] == "clock=20260724T132029.040Z-20260724T132529.040Z"


@pytest.mark.parametrize(
    ("media", "told", "rate"),
    [("video", 90_000, 90_000), ("video", 0, 90_000), ("audio", 8000, 8000), ("audio", 0, 0)],
)
def test_pictures_always_count_by_a_clock(media: str, told: int, rate: int) -> None:
    track = Track(media=media, payload_type=96, encoding="H264", clock_rate=told)
    played = PlayedTrack(track=track, url="", channel=0, rtcp_channel=None)
    [described] = json.loads(container_head([played], {}, None)[len(MAGIC) + 4 :])["tracks"]
    assert described["clock_rate"] == rate


def test_the_container_says_how_wrong_the_clock_is_that_packets_carry() -> None:
    head = container_head([], {}, None, timedelta(seconds=-1.5))
    assert json.loads(head[len(MAGIC) + 4 :])["ahead"] == -1_500_000
