"""Replay as ONVIF wants it: ranges, speed, choice of pictures, and what the extension says of each packet."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from simulator.core.faults import Fault
from simulator.rtsp.replay import ReplayTraits
from simulator.rtsp.traits import Reports

from .client import Client
from .stage import RECORDED, TEN_SECONDS, Stage
from .viewer import (
    BROKEN,
    CLEAN,
    END,
    FRAME,
    REQUIRE,
    SECOND,
    TERMINAL,
    Viewer,
    clock,
    instants,
    marked,
)


async def test_a_range_from_the_key_frame_before_to_the_end(stage: Stage, viewer: Viewer) -> None:
    """All frames come at once, each with the time at which it was filmed."""
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


async def test_time_stamps_count_when_it_was_filmed(stage: Stage, viewer: Viewer) -> None:
    """Over a gap they jump as far as the gap is long."""
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


async def test_gaps_are_flagged_on_each_track(stage: Stage, viewer: Viewer) -> None:
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


async def test_in_a_gap_what_follows_is_played(stage: Stage, viewer: Viewer) -> None:
    await viewer.set_up()
    await viewer.play(clock(stage.first + 60 * SECOND), Rate_Control="no")
    assert instants(await viewer.until(TERMINAL))[0] == stage.second


async def test_backwards(stage: Stage, viewer: Viewer) -> None:
    """Groups come from the last to the first, the frames in them forwards."""
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


async def test_backwards_in_life_s_own_time(stage: Stage, viewer: Viewer) -> None:
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
async def test_pictures_that_are_wanted(
    stage: Stage, viewer: Viewer, frames: str, step: float
) -> None:
    await viewer.set_up(sound=frames == "intra")
    await viewer.play(
        clock(stage.first, stage.first + TEN_SECONDS), Rate_Control="no", Frames=frames
    )
    seen = instants(await viewer.until(TERMINAL))
    assert seen == [stage.first + n * step * SECOND for n in range(len(seen))]
    assert seen[-1] + step * SECOND >= stage.first + TEN_SECONDS


async def test_key_frames_backwards(stage: Stage, viewer: Viewer) -> None:
    await viewer.set_up()
    await viewer.play(
        clock(stage.first + 9.5 * SECOND, stage.first + 3.5 * SECOND),
        Rate_Control="no",
        Scale="-1",
        Frames="intra/2000",
    )
    seen = instants(await viewer.until(TERMINAL))
    assert seen == [stage.first + n * SECOND for n in (9, 7, 5, 3)]


async def test_at_the_speed_of_life_time_stamps_count_playback(
    stage: Stage, viewer: Viewer
) -> None:
    """Sender reports tell the clock of now, and time stamps know of no gap."""
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


async def test_it_stays_silent_and_plays_again(stage: Stage, viewer: Viewer) -> None:
    """At the end no word is said, and the session goes on."""
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


async def test_a_new_range_cuts_off_the_one_that_is_played(stage: Stage, viewer: Viewer) -> None:
    await viewer.set_up()
    await viewer.play(clock(stage.first))
    await viewer.client.frame()
    # What is on its way is passed over by the client before the answer.
    await viewer.play(clock(stage.second + 5 * SECOND), Rate_Control="no", Immediate="yes")
    first = await viewer.client.frame()
    told = marked(first)
    assert told is not None
    assert told.instant == stage.second + 5 * SECOND


async def test_a_pause_is_no_break(stage: Stage, viewer: Viewer) -> None:
    """What goes on after it follows what came before, up to the end that was asked for."""
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


async def test_a_reader_that_stops_holds_it_up(stage: Stage, viewer: Viewer) -> None:
    """Nothing is lost of what the client takes its time for."""
    await viewer.set_up()
    stage.server.faults.add(Fault(path="/tracks/*", method="PLAY", stall_at=50_000))
    await viewer.play(Rate_Control="no")
    reading = asyncio.create_task(viewer.until(TERMINAL))
    done, _ = await asyncio.wait({reading}, timeout=0.3)
    assert not done
    stage.server.faults.release()
    assert len(instants(await reading)) == 200


async def test_a_session_that_nobody_asks_about_ends(stage: Stage, viewer: Viewer) -> None:
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
