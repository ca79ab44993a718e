"""Replay as ONVIF wants it: headers, the RTP header extension, and devices that do it otherwise."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator.core.faults import Fault
from simulator.rtsp.extension import Extension
from simulator.rtsp.replay import RateControl, ReplayTraits, Without
from simulator.rtsp.traits import End, Reports

from .client import INTERLEAVED, Client, Packet
from .stage import RECORDED, TEN_SECONDS, Stage

REQUIRE = {"Require": "onvif-replay"}
SECOND = timedelta(seconds=1)
FRAME = timedelta(milliseconds=100)
NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
CLEAN, END, BROKEN, TERMINAL = 0x80, 0x40, 0x20, 0x10
TRACK = f"{RECORDED}/trackID=video"


@dataclass(frozen=True)
class Marked:
    """What the extension of a packet says."""

    profile: int
    words: int
    instant: datetime
    flags: int
    cseq: int


def marked(packet: Packet) -> Marked | None:
    """Read the extension of a packet, None where it has none."""
    data = packet.data
    if not data[0] & 0x10:
        return None
    seconds, fraction = (int.from_bytes(data[place : place + 4]) for place in (16, 20))
    since = timedelta(seconds=seconds, microseconds=round(fraction * 1_000_000 / 2**32))
    words = int.from_bytes(data[14:16])
    return Marked(int.from_bytes(data[12:14]), words, NTP_EPOCH + since, data[24], data[25])


def clock(start: datetime, stop: datetime | None = None) -> str:
    """Write a range."""
    told = (
        f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}Z" if at else "" for at in (start, stop)
    )
    return f"clock={'-'.join(told)}"


class Viewer:
    """Plays what a test asks for."""

    def __init__(self, stage: Stage, client: Client) -> None:
        """Watch a stage."""
        self.stage = stage
        self.client = client

    async def set_up(self, *, sound: bool = False, **headers: str) -> int:
        """Set tracks up; give the status."""
        assert (await self.client.ask("DESCRIBE", RECORDED))[0] == 200
        status, *_ = await self.client.ask(
            "SETUP", TRACK, Transport=INTERLEAVED, **(headers or REQUIRE)
        )
        if sound:
            await self.client.set_up_sound(RECORDED)
        return status

    async def play(self, range_: str = "", **headers: str) -> tuple[int, dict[str, str]]:
        """Play; header names have `_` for `-`."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        if range_:
            asked["Range"] = range_
        status, told, _ = await self.client.ask("PLAY", RECORDED, **REQUIRE, **asked)
        return status, told

    async def until(self, flags: int, channel: int = 0) -> list[tuple[Packet, Marked]]:
        """Give a track's packets up to the one that has flags."""
        seen: list[tuple[Packet, Marked]] = []
        while not seen or not seen[-1][1].flags & flags:
            packet = await self.client.packet()
            if packet.channel == channel and (told := marked(packet)):
                seen.append((packet, told))
        return seen


def instants(packets: list[tuple[Packet, Marked]]) -> list[datetime]:
    """Give when the frames were filmed, in the order in which they came."""
    return [told.instant for packet, told in packets if packet.last]


@pytest.fixture
async def viewer(stage: Stage, client: Client) -> Viewer:
    """Give a viewer of a well-behaved device."""
    stage.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT, reverse=True)
    return Viewer(stage, client)


async def test_a_range_from_the_key_frame_before_to_the_end(viewer: Viewer) -> None:
    """All frames come at once, each with the time at which it was filmed."""
    stage = viewer.stage
    start, stop = stage.first + 2.35 * SECOND, stage.first + 5 * SECOND
    await viewer.set_up()
    status, told = await viewer.play(clock(start, stop), Rate_Control="no", Immediate="yes")
    assert (status, told["Range"]) == (200, clock(start, stop))
    packets = await viewer.until(TERMINAL)
    assert instants(packets) == [stage.first + 2 * SECOND + n * FRAME for n in range(30)]
    for packet, mark in packets:
        assert (mark.profile, mark.words, mark.cseq) == (0xABAC, 3, 3)
        since = (mark.instant - stage.first) % SECOND
        assert bool(mark.flags & CLEAN) is (since == timedelta())
        assert packet.data[26:28] == b"\0\0"
    assert [place for place, (_, mark) in enumerate(packets) if mark.flags & BROKEN] == [0]
    # What was asked for ends here, but no section does.
    assert packets[-1][1].flags & (END | TERMINAL) == TERMINAL
    assert sum(bool(mark.flags & TERMINAL) for _, mark in packets) == 1


async def test_time_stamps_count_when_it_was_filmed(viewer: Viewer) -> None:
    """Over a gap they jump as far as the gap is long."""
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    packets = [pair for pair in await viewer.until(TERMINAL) if pair[0].last]
    assert len(packets) == 200
    for (one, early), (other, late) in pairwise(packets):
        ticks = (other.timestamp - one.timestamp) % 2**32
        assert ticks == (late.instant - early.instant) // timedelta(milliseconds=1) * 90
    ended = [told for _, told in packets if told.flags & END]
    assert [told.instant for told in ended] == [
        begins + TEN_SECONDS - FRAME for begins in (stage.first, stage.second)
    ]


async def test_gaps_are_flagged_on_each_track(viewer: Viewer) -> None:
    stage = viewer.stage
    await viewer.set_up(sound=True)
    await viewer.play(clock(stage.first + 8 * SECOND), Rate_Control="no")
    seen: dict[int, list[tuple[datetime, int]]] = {0: [], 2: []}
    while not all(told and told[-1][1] & TERMINAL for told in seen.values()):
        packet = await viewer.client.packet()
        told = marked(packet)
        assert told is not None
        seen[packet.channel].append((told.instant, told.flags))
    for flags in seen.values():
        ends = [instant for instant, flag in flags if flag & END]
        begins = [instant for instant, flag in flags if flag & BROKEN]
        assert len(ends) == len(begins) == 2
        assert stage.first + TEN_SECONDS - ends[0] <= FRAME
        assert begins[1] - stage.second < FRAME
    assert all(flag & CLEAN for _, flag in seen[2])


async def test_in_a_gap_what_follows_is_played(viewer: Viewer) -> None:
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(clock(stage.first + 60 * SECOND), Rate_Control="no")
    assert instants(await viewer.until(TERMINAL))[0] == stage.second


async def test_backwards(viewer: Viewer) -> None:
    """Groups come from the last to the first, the frames in them forwards."""
    stage = viewer.stage
    start, stop = stage.second + 1.5 * SECOND, stage.first + 8.3 * SECOND
    await viewer.set_up(sound=True)
    _, told = await viewer.play(clock(start, stop), Rate_Control="no", Scale="-1.0")
    assert told["Range"] == clock(start, stop)
    packets = await viewer.until(TERMINAL)
    frames = [stage.second + SECOND + n * FRAME for n in range(6)]
    frames += [stage.second + n * FRAME for n in range(10)]
    frames += [stage.first + 9 * SECOND + n * FRAME for n in range(10)]
    frames += [stage.first + 8 * SECOND + n * FRAME for n in range(10)]
    assert instants(packets) == frames
    broken = [mark.instant for _, mark in packets if mark.flags & BROKEN]
    assert broken == [frames[0], frames[6], frames[16], frames[26]]
    assert [mark.instant for _, mark in packets if mark.flags & END] == [frames[15]]
    numbers = [packet.sequence for packet, _ in packets]
    assert all((late - early) % 2**16 == 1 for early, late in pairwise(numbers))


async def test_backwards_in_life_s_own_time(viewer: Viewer) -> None:
    stage = viewer.stage
    stage.server.pace = 20
    await viewer.set_up()
    start = stage.first + 3.95 * SECOND
    assert (await viewer.play(clock(start, start - 2 * SECOND), Scale="-1"))[0] == 200
    packets = [pair for pair in await viewer.until(TERMINAL) if pair[0].last]
    assert instants(packets)[0] == stage.first + 3 * SECOND
    # What was filmed later is shown earlier.
    for (one, early), (other, late) in pairwise(packets):
        shown = (other.timestamp - one.timestamp + 2**31) % 2**32 - 2**31
        assert shown == -((late.instant - early.instant) // timedelta(milliseconds=1)) * 90


@pytest.mark.parametrize(
    ("frames", "step"),
    [("intra", 1), ("intra/1000", 1), ("intra/2500", 3), ("all", 0.1), ("predicted", 0.1)],
)
async def test_pictures_that_are_wanted(viewer: Viewer, frames: str, step: float) -> None:
    stage = viewer.stage
    await viewer.set_up(sound=frames == "intra")
    await viewer.play(
        clock(stage.first, stage.first + TEN_SECONDS), Rate_Control="no", Frames=frames
    )
    seen = instants(await viewer.until(TERMINAL))
    assert seen == [stage.first + n * step * SECOND for n in range(len(seen))]
    assert seen[-1] + step * SECOND >= stage.first + TEN_SECONDS


async def test_key_frames_backwards(viewer: Viewer) -> None:
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(
        clock(stage.first + 9.5 * SECOND, stage.first + 3.5 * SECOND),
        Rate_Control="no",
        Scale="-1",
        Frames="intra/2000",
    )
    seen = instants(await viewer.until(TERMINAL))
    assert seen == [stage.first + n * SECOND for n in (9, 7, 5, 3)]


async def test_at_the_speed_of_life_time_stamps_count_playback(viewer: Viewer) -> None:
    """Sender reports tell the clock of now, and time stamps know of no gap."""
    stage = viewer.stage
    stage.server.pace = 20
    stage.server.change(reports=Reports.NOW)
    await viewer.set_up()
    await viewer.play(clock(stage.first + 9 * SECOND, stage.second + SECOND))
    report = await viewer.client.packet()
    assert (report.channel, report.kind) == (1, 200)
    packets = [pair for pair in await viewer.until(TERMINAL) if pair[0].last]
    steps = {(other[0].timestamp - one[0].timestamp) % 2**32 for one, other in pairwise(packets)}
    assert len(packets) == 20
    assert steps == {9000}


async def test_no_reports_while_it_races(viewer: Viewer) -> None:
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    packet = None
    while packet is None or not (marked(packet) or pytest.fail("no extension")).flags & TERMINAL:
        packet = await viewer.client.packet()
        assert packet.channel == 0


async def test_it_stays_silent_and_plays_again(viewer: Viewer) -> None:
    """At the end no word is said, and the session goes on."""
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(clock(stage.first, stage.first + SECOND), Rate_Control="no")
    await viewer.until(TERMINAL)
    assert (await viewer.client.ask("GET_PARAMETER", RECORDED))[0] == 200
    status, _ = await viewer.play(clock(stage.second), Rate_Control="no", Immediate="yes")
    assert status == 200
    packets = await viewer.until(TERMINAL)
    assert packets[0][1].instant == stage.second
    assert packets[0][1].flags & BROKEN
    assert {mark.cseq for _, mark in packets} == {5}


async def test_a_new_range_cuts_off_the_one_that_is_played(viewer: Viewer) -> None:
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(clock(stage.first))
    await viewer.client.frame()
    # What is on its way is passed over by the client before the answer.
    await viewer.play(clock(stage.second + 5 * SECOND), Rate_Control="no", Immediate="yes")
    first = await viewer.client.frame()
    told = marked(first)
    assert told is not None
    assert told.instant == stage.second + 5 * SECOND


async def test_a_pause_is_no_break(viewer: Viewer) -> None:
    """What goes on after it follows what came before, up to the end that was asked for."""
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(clock(stage.first, stage.first + 3 * SECOND), Rate_Control="yes")
    before = marked(await viewer.client.frame())
    assert (await viewer.client.ask("PAUSE", RECORDED))[0] == 200
    await viewer.play(Rate_Control="no")
    packets = await viewer.until(TERMINAL)
    assert before is not None
    assert not any(mark.flags & BROKEN for _, mark in packets)
    assert packets[0][1].instant <= stage.first + 5 * FRAME
    assert packets[-1][1].instant == stage.first + 3 * SECOND - FRAME


async def test_a_reader_that_stops_holds_it_up(viewer: Viewer) -> None:
    """Nothing is lost of what the client takes its time for."""
    stage = viewer.stage
    await viewer.set_up()
    stage.server.faults.add(Fault(path="/tracks/*", method="PLAY", stall_at=50_000))
    await viewer.play(Rate_Control="no")
    reading = asyncio.create_task(viewer.until(TERMINAL))
    done, _ = await asyncio.wait({reading}, timeout=0.3)
    assert not done
    stage.server.faults.release()
    assert len(instants(await reading)) == 200


async def test_a_session_that_nobody_asks_about_ends(viewer: Viewer) -> None:
    stage = viewer.stage
    await viewer.set_up()
    await viewer.play(clock(stage.first, stage.first + SECOND), Rate_Control="no")
    await viewer.until(TERMINAL)
    stage.time.advance(timedelta(seconds=61))
    assert (await viewer.client.ask("GET_PARAMETER", RECORDED))[0] == 454


async def test_descriptions_name_the_tracks(stage: Stage, client: Client) -> None:
    stage.server.change(replay=ReplayTraits())
    _, _, text = await client.ask("DESCRIBE", "/tracks/301?starttime=tokens", **REQUIRE)
    tokens = [line for line in text.splitlines() if line.startswith("a=x-onvif-track:")]
    assert tokens == ["a=x-onvif-track:VIDEO001", "a=x-onvif-track:AUDIO001"]
    assert "x-onvif-track" not in (await client.ask("DESCRIBE", RECORDED))[2]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Scale": "2", "Rate-Control": "no"}, 456),
        ({"Rate-Control": "perhaps"}, 400),
        ({"Frames": "some"}, 456),
        ({"Range": "clock=20200101T000000Z-20200101T000100Z"}, 457),
        ({"Range": "clock=20200101T000100Z-20200101T000000Z", "Scale": "-1"}, 457),
        ({"Range": "clock=20260301T120000Z-20260301T130000Z", "Scale": "-1"}, 457),
        ({"Range": "smpte=0-"}, 457),
    ],
)
async def test_refusals(viewer: Viewer, headers: dict[str, str], status: int) -> None:
    await viewer.set_up()
    assert (await viewer.client.ask("PLAY", RECORDED, **REQUIRE, **headers))[0] == status


async def test_who_does_not_require_replay_gets_the_beginning(viewer: Viewer) -> None:
    stage = viewer.stage
    assert await viewer.set_up(User="nobody") == 200
    status, told, _ = await viewer.client.ask(
        "PLAY", RECORDED, Range=clock(stage.second), **{"Rate-Control": "no"}
    )
    assert status == 200
    assert told["Range"].startswith(clock(stage.first)[:-1])
    assert marked(await viewer.client.frame()) is None


async def test_who_does_not_require_replay_gets_what_is_now(viewer: Viewer) -> None:
    viewer.stage.server.change(replay=ReplayTraits(without=Without.LIVE))
    await viewer.set_up(User="nobody")
    status, told, _ = await viewer.client.ask("PLAY", RECORDED, Range=clock(viewer.stage.first))
    assert (status, told["Range"]) == (200, "npt=now-")
    assert marked(await viewer.client.frame()) is None


async def test_some_give_all_the_same(viewer: Viewer) -> None:
    viewer.stage.server.change(replay=ReplayTraits(without=Without.PLAYS))
    await viewer.set_up(User="nobody")
    await viewer.client.ask("PLAY", RECORDED, Range=clock(viewer.stage.second))
    told = marked(await viewer.client.frame())
    assert told is not None
    assert told.instant == viewer.stage.second


@pytest.mark.parametrize(
    ("traits", "headers"),
    [
        (ReplayTraits(without=Without.REFUSED), {"User": "nobody"}),
        (ReplayTraits(supported=False), REQUIRE),
    ],
)
async def test_551(viewer: Viewer, traits: ReplayTraits, headers: dict[str, str]) -> None:
    viewer.stage.server.change(replay=traits)
    await viewer.client.ask("DESCRIBE", RECORDED)
    status, told, _ = await viewer.client.ask("SETUP", TRACK, Transport=INTERLEAVED, **headers)
    assert (status, told["Unsupported"]) == (551, "onvif-replay")


async def test_what_is_live_cannot_be_replayed(viewer: Viewer) -> None:
    await viewer.client.ask("DESCRIBE", "/live")
    path = "/live/trackID=1"
    assert (await viewer.client.ask("SETUP", path, Transport=INTERLEAVED, **REQUIRE))[0] == 551
    assert (await viewer.client.ask("SETUP", path, Transport=INTERLEAVED))[0] == 200


async def test_a_device_that_does_not_hurry(viewer: Viewer) -> None:
    """It sends at the speed of life, whatever is asked."""
    viewer.stage.server.change(replay=ReplayTraits(rate_control=RateControl.IGNORED))
    await viewer.set_up()
    await viewer.play(clock(viewer.stage.first), Rate_Control="no")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(6):
        await viewer.client.frame()
    assert loop.time() - begun > 0.4


async def test_a_device_that_refuses_to_hurry(viewer: Viewer) -> None:
    viewer.stage.server.change(replay=ReplayTraits(rate_control=RateControl.REFUSED))
    await viewer.set_up()
    assert (await viewer.play(Rate_Control="no"))[0] == 455
    assert (await viewer.play())[0] == 200


async def test_a_device_that_begins_where_it_likes(viewer: Viewer) -> None:
    """It says that it does as it was told."""
    stage = viewer.stage
    stage.server.change(replay=ReplayTraits(ranges=False, frames=False))
    await viewer.set_up()
    asked = clock(stage.second, stage.second + SECOND)
    _, told = await viewer.play(asked, Rate_Control="no", Frames="intra")
    assert told["Range"] == asked
    packets = await viewer.until(TERMINAL)
    assert instants(packets)[:2] == [stage.first, stage.first + FRAME]
    assert instants(packets)[-1] == stage.second + TEN_SECONDS - FRAME


async def test_a_device_that_goes_on_beyond_the_end(viewer: Viewer) -> None:
    stage = viewer.stage
    stage.server.change(end=End.PLAYS_ON)
    await viewer.set_up()
    await viewer.play(clock(stage.first, stage.first + SECOND), Rate_Control="no")
    packets = await viewer.until(TERMINAL)
    assert instants(packets)[-1] == stage.second + TEN_SECONDS - FRAME


async def test_a_device_without_flags(viewer: Viewer) -> None:
    stage = viewer.stage
    stage.server.change(replay=ReplayTraits(sections=False, terminal=False))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    flags = set()
    for _ in range(200):
        told = marked(await viewer.client.frame())
        assert told is not None
        flags.add(told.flags)
    assert flags == {0, CLEAN}


@pytest.mark.parametrize(
    ("extension", "head"),
    [
        (Extension.WITH_JPEG, "abac0004"),
        (Extension.SHORT, "abac0002"),
        (Extension.OVERLONG, "abac0fff"),
        (Extension.OTHER_PROFILE, "bede0003"),
    ],
)
async def test_odd_extensions(viewer: Viewer, extension: Extension, head: str) -> None:
    viewer.stage.server.change(replay=ReplayTraits(extension=extension))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    packet = await viewer.client.packet()
    assert packet.data[0] == 0x90
    assert packet.data[12:16].hex() == head
    told = marked(packet)
    assert told is not None
    assert told.instant == viewer.stage.first
    # The payload follows: a parameter set.
    words = 2 if extension is Extension.SHORT else 4 if extension is Extension.WITH_JPEG else 3
    assert packet.data[16 + 4 * words] & 0x1F == 7


@pytest.mark.parametrize(("extension", "least", "most"), [("none", 0, 0), ("first packet", 1, 1)])
async def test_packets_without_extension(
    viewer: Viewer, extension: str, least: int, most: int
) -> None:
    viewer.stage.server.change(replay=ReplayTraits(extension=Extension(extension)))
    await viewer.set_up()
    await viewer.play(Rate_Control="no")
    frame = [await viewer.client.packet()]
    while not frame[-1].last:
        frame.append(await viewer.client.packet())
    flagged = [told.flags for packet in frame if (told := marked(packet))]
    assert len(frame) > 2
    assert least <= len(flagged) <= most
    assert all(flags & CLEAN and flags & BROKEN for flags in flagged)
