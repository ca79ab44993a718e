"""Speeds, ranges and pauses, as time stamps and reports tell them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator.footage.pattern import EPOCH
from simulator.rtsp.traits import End, Reports, Timestamps

from .client import Client, Packet
from .stage import RECORDED, Stage

RATE = 90_000
NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
SENDER_REPORT = 200


def rtptimes(headers: dict[str, str]) -> list[int]:
    """Read the time stamps of a PLAY answer."""
    tracks = headers["RTP-Info"].split(",")
    return [int(track.rpartition("rtptime=")[2]) for track in tracks]


def between(early: int, late: int) -> float:
    """Give the seconds between two time stamps, backwards negative."""
    return ((late - early + 2**31) % 2**32 - 2**31) / RATE


async def frames(client: Client, count: int) -> list[Packet]:
    """Give the ends of so many frames."""
    return [await client.frame() for _ in range(count)]


async def steps(client: Client, count: int) -> list[float]:
    """Give the seconds between frames."""
    return [
        round(between(one.timestamp, other.timestamp), 3)
        for one, other in pairwise(await frames(client, count + 1))
    ]


def clock(instant: datetime) -> str:
    """Write an instant as a range does."""
    return f"{instant:%Y%m%dT%H%M%SZ}"


def exact_clock(instant: datetime) -> str:
    """Write an instant as an exact range does."""
    return f"{instant:%Y%m%dT%H%M%S}.{instant.microsecond // 1000:03}Z"


async def test_the_answer_names_the_first_packet(stage: Stage, client: Client) -> None:
    await client.set_up(RECORDED)
    await client.set_up_sound(RECORDED)
    status, headers, _ = await client.ask("PLAY", RECORDED)
    assert status == 200
    end = stage.second + timedelta(seconds=10)
    assert headers["Range"] == f"clock={exact_clock(stage.first)}-{exact_clock(end)}"
    video, audio = rtptimes(headers)
    first: dict[int, Packet] = {}
    while len(first) < 2:
        packet = await client.packet()
        if packet.channel in (0, 2):
            first.setdefault(packet.channel, packet)
    assert first[0].timestamp == video
    assert f"seq={first[0].sequence};" in headers["RTP-Info"]
    # The first sound lies within a packet's length behind the first picture.
    assert 0 <= (first[2].timestamp - audio) % 2**32 <= 320


@pytest.mark.parametrize(
    ("asked", "told", "step"), [(0.125, "0.125", 0.1), (4, "4", 0.1), (32, "8", 1.0)]
)
async def test_speeds(stage: Stage, client: Client, asked: float, told: str, step: float) -> None:
    """Time stamps tell when it was filmed; from eight times on there are key frames alone."""
    stage.server.pace = 50
    await client.set_up(RECORDED)
    status, headers, _ = await client.ask("PLAY", RECORDED, Scale=f"{asked}")
    assert (status, headers["Scale"]) == (200, told)
    assert await steps(client, 5) == [step] * 5


async def test_time_stamps_of_played_time(stage: Stage, client: Client) -> None:
    stage.server.pace = 50
    stage.server.change(timestamps=Timestamps.PLAYED)
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED, Scale="4")
    # Ten seconds are played in two and a half, the gap of an hour behind them in none.
    assert await steps(client, 120) == [0.025] * 120


async def test_speed_is_life_s_own(stage: Stage, client: Client) -> None:
    """What plays twice as fast takes half the time."""
    stage.server.pace = 5
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED, Scale="2")
    # A frame comes when its time has come, not before: 40 of them take 4 s / 2 / 5.
    loop_time = stage.time()
    await frames(client, 41)
    assert stage.time() - loop_time > timedelta(seconds=0.39)


@pytest.mark.parametrize("scale", ["-1", "0", "nan", "fast"])
async def test_refused_speeds(client: Client, scale: str) -> None:
    await client.set_up(RECORDED)
    status, _, _ = await client.ask("PLAY", RECORDED, Scale=scale)
    assert status in (400, 456)
    assert (await client.ask("PLAY", RECORDED))[0] == 200


async def test_backwards(stage: Stage, client: Client) -> None:
    stage.server.pace = 50
    stage.server.change(reverse=True, end=End.SAYS_BYE, reports=Reports.WALL)
    _, headers, _ = await _described(client)
    assert 'Scales="-1, 0.5' in headers["Media-Properties"]
    start = stage.first + timedelta(seconds=4.5)
    await client.ask(
        "PLAY", RECORDED, Range=f"clock={start:%Y%m%dT%H%M%S}.{start:%f}Z-", Scale="-1"
    )
    assert _reported(await client.packet()) == stage.first + timedelta(seconds=4)
    pictures = 0
    while (packet := await client.packet()).channel == 0:
        pictures += packet.last
    # Key frames of seconds 4, 3, 2, 1 and 0, then goodbye.
    assert pictures == 5
    assert packet.kind == 203


async def test_a_pause_loses_nothing_and_repeats_nothing(stage: Stage, client: Client) -> None:
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    before = (await frames(client, 3))[-1]
    # What was on its way when the pause was asked for still comes.
    status, _, _ = await client.ask("PAUSE", RECORDED)
    assert status == 200
    _, headers, _ = await client.ask("PLAY", RECORDED)
    late = await frames(client, 3)
    lost = between(before.timestamp, late[0].timestamp)
    assert lost >= 0.099
    assert between(rtptimes(headers)[0], late[0].timestamp) == 0
    assert (late[0].sequence - before.sequence) % 2**16 < 20


async def test_ranges_by_clock(stage: Stage, client: Client) -> None:
    stage.server.pace = 50
    stage.server.change(end=End.SAYS_BYE)
    await client.set_up(RECORDED)
    base = stage.first.replace(microsecond=0)
    asked = f"clock={clock(base + timedelta(seconds=3))}-{clock(base + timedelta(seconds=6))}"
    _, headers, _ = await client.ask("PLAY", RECORDED, Range=asked)
    key_frame = stage.source.key_frame_at_or_before(base + timedelta(seconds=3))
    assert headers["Range"].startswith(f"clock={exact_clock(key_frame)}-")
    seen = [await client.packet()]
    while seen[-1].kind != 203:
        seen.append(await client.packet())
    video = [packet for packet in seen if packet.channel == 0]
    [report] = [packet for packet in seen if packet.kind == SENDER_REPORT]
    # From the key frame before up to the asked end.
    began = _reported(report)
    assert began == key_frame
    length = between(video[0].timestamp, video[-1].timestamp)
    assert began + timedelta(seconds=length) < base + timedelta(seconds=6)
    assert began + timedelta(seconds=length + 0.1) >= base + timedelta(seconds=6)


async def test_an_answer_that_repeats_what_was_asked(stage: Stage, client: Client) -> None:
    """The time stamps are those of the key frame before, whatever the range says."""
    stage.server.change(tells_seek=False)
    await client.set_up(RECORDED)
    asked = stage.first.replace(microsecond=0) + timedelta(seconds=3)
    _, headers, _ = await client.ask("PLAY", RECORDED, Range=f"clock={clock(asked)}-")
    assert headers["Range"].startswith(f"clock={clock(asked)}-")
    assert _reported(await client.packet()) < asked
    assert (await client.packet()).timestamp == rtptimes(headers)[0]


async def test_ranges_by_play_time_jump_the_gap(stage: Stage, client: Client) -> None:
    stage.server.pace = 50
    await client.set_up(RECORDED)
    _, headers, _ = await client.ask("PLAY", RECORDED, Range="npt=0:00:12.5-")
    assert headers["Range"] == "npt=12.000-20.000"
    report = await client.packet()
    assert _reported(report) == stage.second + timedelta(seconds=2)


@pytest.mark.parametrize(
    "asked",
    [
        "npt=20-",
        "clock=20270101T000000Z-",
        "npt=7-3",
        "clock=20261399T000000Z-",
        "smpte=0:10-",
        "npt=99999999999999-",
    ],
)
async def test_ranges_that_are_refused(client: Client, asked: str) -> None:
    await client.set_up(RECORDED)
    assert (await client.ask("PLAY", RECORDED, Range=asked))[0] == 457


async def test_reports_of_now_and_of_no_clock(stage: Stage, client: Client) -> None:
    stage.server.change(reports=Reports.NOW)
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    assert abs(_reported(await client.packet()) - stage.time()) < timedelta(minutes=1)
    await client.ask("TEARDOWN", RECORDED)
    stage.server.change(reports=Reports.UPTIME)
    client.session = ""
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    assert _reported(await client.packet()) - NTP_EPOCH < timedelta(minutes=1)


async def test_reports_belong_to_the_time_stamps(stage: Stage, client: Client) -> None:
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    report = await client.packet()
    first = await client.packet()
    assert int.from_bytes(report.data[16:20]) == first.timestamp
    assert _reported(report) == stage.first


async def test_no_reports_and_no_info(stage: Stage, client: Client) -> None:
    stage.server.change(
        reports=Reports.NONE, rtp_info=False, tells_properties=False, clock_range=False
    )
    _, headers, _ = await _described(client)
    assert not headers.keys() & {"Accept-Ranges", "Media-Properties"}
    _, headers, _ = await client.ask("PLAY", RECORDED)
    assert "RTP-Info" not in headers
    assert headers["Range"] == "npt=0.000-20.000"
    assert {(await client.packet()).channel for _ in range(30)} == {0}


async def _described(client: Client) -> tuple[int, dict[str, str], str]:
    await client.ask("DESCRIBE", RECORDED)
    return await client.ask(
        "SETUP", f"{RECORDED}/trackID=video", Transport="RTP/AVP/TCP;unicast;interleaved=0-1"
    )


def _reported(packet: Packet) -> datetime:
    """Read a sender report's clock, to the millisecond."""
    assert (packet.channel, packet.kind) == (1, SENDER_REPORT)
    seconds, fraction = (int.from_bytes(packet.data[at : at + 4]) for at in (8, 12))
    told = NTP_EPOCH + timedelta(seconds=seconds, microseconds=round(fraction * 1e6 / 2**32))
    return EPOCH + round((told - EPOCH) / timedelta(milliseconds=1)) * timedelta(milliseconds=1)
