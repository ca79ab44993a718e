"""How much of what is played counts as footage that has come, by time stamps that may be anything."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from custom_components.nvr.drivers.playback_footage import PlayedFootage, TimeWitness
from custom_components.nvr.drivers.rtsp.description import parse_description
from custom_components.nvr.drivers.rtsp.message import Frame
from custom_components.nvr.drivers.rtsp.session import PlayedTrack
from tests.drivers.rtsp.scripted_server import SDP, frame, rtp

RATE = 90_000
PICTURES_A_SECOND = 10
WANTED = 30
MINUTES_10 = 600 * RATE
HOURS_4 = 4 * 3600 * RATE
WRAP = 2**32


def footage(stamps: Sequence[int]) -> PlayedFootage:
    """Return what plays pictures with these time stamps, of which 30 seconds are wanted."""
    described = parse_description(SDP.encode()).tracks[0]
    track = PlayedTrack(track=described, url="", channel=0, rtcp_channel=1)
    batches = [[Frame(frame(0, rtp(stamp % WRAP)))] for stamp in stamps]

    async def later() -> AsyncIterator[list[Frame]]:
        for batch in batches[1:]:
            yield batch

    span = timedelta(seconds=WANTED), timedelta(seconds=WANTED + 2)
    witness = TimeWitness(track, (), lambda tells: None)
    return PlayedFootage(track, b"", batches[0], later(), span, witness)


def seconds(count: int, begin: int = 0) -> list[int]:
    return [begin + at * RATE // PICTURES_A_SECOND for at in range(count * PICTURES_A_SECOND + 1)]


async def pictures(played: PlayedFootage) -> int:
    return len([chunk async for chunk in played if chunk])


@pytest.mark.parametrize("anew", [HOURS_4, 2 * HOURS_4, MINUTES_10, WRAP - HOURS_4])
async def test_time_stamps_that_start_anew_are_no_footage(anew: int) -> None:
    stamps = seconds(10) + seconds(15, anew)
    played = footage(stamps)
    assert await pictures(played) == len(stamps)
    # It ended before all had come.
    assert played.truncated


async def test_what_comes_after_time_stamps_that_started_anew_counts() -> None:
    played = footage(seconds(10) + seconds(40, HOURS_4))
    assert await pictures(played) < len(seconds(10) + seconds(25, HOURS_4))
    assert not played.truncated


async def test_time_stamps_that_go_on_over_a_gap_count() -> None:
    played = footage(seconds(10) + seconds(60, 28 * RATE))
    assert await pictures(played) < len(seconds(10) + seconds(6))
    assert not played.truncated
