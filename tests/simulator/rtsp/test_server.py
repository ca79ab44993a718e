"""Live and playback as FFmpeg's RTSP client sees them; methods and refusals over a bare socket."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import av
import pytest

from simulator.footage.decoded import pattern_of
from simulator.footage.pattern import PatternReading
from simulator.rtsp import server as server_module

from .client import INTERLEAVED, Client
from .stage import RECORDED, Stage


@contextmanager
def opened(address: str) -> Iterator[av.container.InputContainer]:
    """Open an address by FFmpeg's client."""
    options = {"rtsp_transport": "tcp"}
    with av.open(address, options=options, timeout=20) as container:
        yield container


def readings(address: str, count: int) -> list[PatternReading]:
    """Play some frames and read their patterns."""
    with opened(address) as container:
        frames = islice(container.decode(video=0), count)
        return [pattern_of(frame) for frame in frames]


async def test_live_shows_now(both: Stage) -> None:
    """The first picture is the last key frame, the next ones follow as time goes."""
    before = datetime.now(UTC)
    seen = await asyncio.to_thread(readings, both.address("/live"), 15)
    after = datetime.now(UTC)
    assert before - timedelta(seconds=1.1) <= seen[0].instant <= after
    assert {(reading.channel, reading.stream) for reading in seen} == {(3, 2)}
    steps = {late.instant - early.instant for early, late in pairwise(seen)}
    assert steps == {both.source.frame_interval}
    assert seen[-1].instant <= after


async def test_playback_jumps_over_what_was_not_recorded(both: Stage) -> None:
    """Played much faster than life, all frames of both spans come in order, and then the end."""

    def play() -> list[datetime]:
        with opened(both.address(RECORDED)) as container:
            return [pattern_of(frame).instant for frame in container.decode(video=0)]

    both.server.pace = 50.0
    seen = await asyncio.to_thread(play)
    expected = [
        start + number * both.source.frame_interval
        for start in (both.first, both.second)
        for number in range(100)
    ]
    # FFmpeg may hold back the last frame at the end of a stream that says no goodbye.
    assert seen[:199] == expected[:199]
    assert both.resolved == [RECORDED]


async def test_audio_is_offered_and_arrives(both: Stage) -> None:
    """Both tracks carry packets whose times run side by side."""

    def play() -> dict[str, float]:
        with opened(both.address("/live")) as container:
            packets = list(islice(container.demux(), 60))
            return {
                kind: max(
                    float(packet.pts * packet.time_base)
                    for packet in packets
                    if packet.stream.type == kind and packet.pts is not None and packet.time_base
                )
                for kind in ("video", "audio")
            }

    newest = await asyncio.to_thread(play)
    assert abs(newest["video"] - newest["audio"]) < 1


async def test_wrong_password_counts_and_locks(both: Stage) -> None:
    """Refused logins count in the accounts that HTTP uses, too."""
    for _ in range(3):
        with pytest.raises(av.FFmpegError):
            await asyncio.to_thread(readings, both.address("/live", "wrong"), 1)
    with pytest.raises(av.FFmpegError):
        await asyncio.to_thread(readings, both.address("/live"), 1)
    assert both.accounts.failed_logins == 3
    both.accounts.unlock()
    assert await asyncio.to_thread(readings, both.address("/live"), 1)


async def test_unknown_address_is_not_found(both: Stage) -> None:
    """What a face refuses is refused with its status."""
    with pytest.raises(av.HTTPNotFoundError):
        await asyncio.to_thread(readings, both.address("/elsewhere"), 1)


async def test_playback_needs_its_right(both: Stage) -> None:
    """Somebody who may only watch live gets no recordings."""
    address = both.address("/tracks/301?starttime=x").replace("admin", "guard")
    with pytest.raises(av.HTTPForbiddenError):
        await asyncio.to_thread(readings, address, 1)
    assert await asyncio.to_thread(readings, both.address("/live").replace("admin", "guard"), 1)


async def test_sessions_end_with_their_client(both: Stage) -> None:
    """A closed connection leaves no session; beyond the limit comes 453."""
    both.server.change(max_sessions=1)
    client = Client(both)
    await client.connect()
    assert (await client.ask("SETUP", "/live/trackID=1", Transport=INTERLEAVED))[0] == 200
    other = Client(both)
    await other.connect()
    assert (await other.ask("SETUP", "/live/trackID=1", Transport=INTERLEAVED))[0] == 453
    await client.close()
    await other.until_set_up("/live/trackID=1")
    await other.close()


async def test_a_bound_holds_for_connections_to_come(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[int] = []
    monkeypatch.setattr(server_module, "bound_rate", lambda _, rate: bounds.append(rate))
    await client.ask("OPTIONS", RECORDED)
    stage.server.rate = 1_000_000
    following = Client(stage)
    await following.connect()
    status, _, _ = await following.ask("OPTIONS", RECORDED)
    await following.close()
    assert status == 200
    assert bounds == [1_000_000]


async def test_pictures_have_their_bit_rate_where_they_are_filled(
    stage: Stage, client: Client
) -> None:
    stage.server.fills = True
    form = stage.source.format
    await client.set_up(RECORDED)
    await client.ask("PLAY", RECORDED)
    # Key pictures are large by themselves.
    await client.frame()
    size, last = 0, False
    while not last:
        packet = await client.packet()
        size += len(packet.data)
        last = packet.last
    assert size >= form.bitrate_kbps * form.interval_ms // 8
