"""Clips, playbacks and pictures of what came over RTSP."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.formats import AudioCodec, VideoCodec
from simulator.footage.pattern import EPOCH, decode_image
from simulator.footage.source import FootageSource

from .filmed import NOON, ONE_FRAME, shown, small_format
from .played import assert_parts
from .rtp_bytes import AUDIO, Container, Packet, Played, replayed, report

ZONE = timedelta(hours=2)
START, END = NOON + timedelta(seconds=33.33), NOON + timedelta(seconds=41.7)


def recording(codec: VideoCodec = VideoCodec.H264, **values: object) -> Played:
    """Return a recording of ten minutes."""
    form = small_format(codec, AudioCodec.ALAW)
    return Played(NOON, NOON + timedelta(minutes=10), format=form, **values)  # type: ignore[arg-type]  # passed on as they are


def told(clock: timedelta) -> Callable[[Iterator[Packet]], Iterator[Packet]]:
    """Return a change that puts sender reports before the packets; their clock is that far off."""

    def change(sent: Iterator[Packet]) -> Iterator[Packet]:
        seen: set[int] = set()
        for packet in sent:
            if packet.channel not in seen:
                seen.add(packet.channel)
                yield report(packet, packet.instant + clock)
            yield packet

    return change


def answered(source: FootageSource, *, at: timedelta) -> Container:
    """Describe tracks whose answer to PLAY named a later instant than the first picture's."""
    instant = NOON + at
    ticks = int((instant - EPOCH) / timedelta(milliseconds=1))
    stamps = (ticks * 90 % (1 << 32), ticks * 8 % (1 << 32))
    return Container(source, rtptimes=stamps, start=ticks * 1000)


@pytest.mark.parametrize("codec", VideoCodec)
async def test_clip_is_exact_where_each_picture_has_its_time(
    pool: WorkerPool, tmp_path: Path, codec: VideoCodec
) -> None:
    played = recording(codec, change=lambda sent: map(replayed, sent))
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    pictures = shown(path)
    assert made.exact
    assert made.audio_codec == "aac"
    source = played.source
    assert made.start == pictures[0][1] == source.frame_at_or_before(START)
    assert pictures[-1][1] == source.frame_at_or_before(END - ONE_FRAME / 2)
    assert pictures[0][0] == 0
    assert len(played.fetches) == 1


@pytest.mark.parametrize("ahead", [timedelta(seconds=-0.35), timedelta(hours=7, milliseconds=13)])
async def test_clip_is_exact_by_the_times_of_a_clock_that_is_wrong(
    pool: WorkerPool, tmp_path: Path, ahead: timedelta
) -> None:
    played = recording(
        change=lambda sent: (replayed(packet, packet.instant + ahead) for packet in sent),
        describe=lambda source: Container(source, ahead=ahead),
    )
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert made.exact
    assert made.start == shown(path)[0][1] == played.source.frame_at_or_before(START)


async def test_the_time_may_stand_in_any_packet_of_a_picture(
    pool: WorkerPool, tmp_path: Path
) -> None:
    def last_alone(sent: Iterator[Packet]) -> Iterator[Packet]:
        for packet in sent:
            ends = packet.channel == AUDIO or bool(packet.data[1] & 0x80)
            yield replayed(packet) if ends else packet

    played = recording(change=last_alone)
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert made.exact
    assert made.start == shown(path)[0][1] == played.source.frame_at_or_before(START)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize(
    "leap",
    [
        pytest.param(timedelta(), id="stamps count the gap"),
        pytest.param(timedelta(seconds=-2.9), id="stamps go on over the gap"),
        pytest.param(timedelta(seconds=-20), id="stamps start anew before"),
        pytest.param(timedelta(seconds=20), id="stamps start anew behind"),
        pytest.param(timedelta(hours=3), id="stamps start anew far behind"),
    ],
)
async def test_clip_over_a_gap_is_exact_on_both_sides(
    pool: WorkerPool, tmp_path: Path, leap: timedelta, marked: bool
) -> None:
    source = recording().source
    # Servers go on with what can be decoded.
    hole = (
        source.frame_at_or_before(NOON + timedelta(seconds=36.1)),
        source.key_frame_at_or_before(NOON + timedelta(seconds=40)),
    )

    def gapped(sent: Iterator[Packet]) -> Iterator[Packet]:
        sequences = dict.fromkeys(range(4), 0)
        broken: set[int] = set()
        for packet in sent:
            if hole[0] <= packet.instant < hole[1]:
                continue
            after = packet.instant >= hole[1]
            rate = 8000 if packet.channel == AUDIO else 90_000
            stamp = packet.stamp + (int(leap.total_seconds() * rate) if after else 0)
            sequences[packet.channel] += 1
            payload = packet.data[12:]
            moved = packet.stamped(stamp).with_payload(payload, sequence=sequences[packet.channel])
            breaks = after and packet.channel not in broken
            if breaks:
                broken.add(packet.channel)
            yield replayed(moved, breaks=breaks and marked)

    played = recording(change=gapped)
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    pictures = shown(path)
    assert made.exact
    assert made.missing == (hole,)
    assert pictures[0][1] == source.frame_at_or_before(START)
    assert pictures[-1][1] == source.frame_at_or_before(END - ONE_FRAME / 2)
    before = [instant for _, instant in pictures if instant < hole[0]]
    behind = [instant for _, instant in pictures if instant >= hole[1]]
    assert len(before) + len(behind) == len(pictures)
    assert (before[-1] + ONE_FRAME, behind[0]) == hole
    # The clip does not stand still over the hole.
    assert {round((b - a) * 25) for (a, _), (b, _) in pairwise(pictures)} == {1}


@pytest.mark.parametrize("clock", [timedelta(), ZONE])
async def test_clip_is_exact_by_a_report_of_when_it_was_taken(
    pool: WorkerPool, tmp_path: Path, clock: timedelta
) -> None:
    played = recording(change=told(clock), offsets=(ZONE,))
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert made.exact
    assert made.start == shown(path)[0][1] == played.source.frame_at_or_before(START)


@pytest.mark.parametrize("clock", [timedelta(seconds=40), timedelta(days=200)])
async def test_report_of_when_it_is_sent_is_not_taken_for_when_it_was_taken(
    pool: WorkerPool, tmp_path: Path, clock: timedelta
) -> None:
    played = recording(change=told(clock), offsets=(ZONE,))
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert not made.exact
    # Off by a group of pictures at most, and not fetched anew from the recording's start.
    assert timedelta() <= START - shown(path)[0][1] <= timedelta(seconds=2) + ONE_FRAME
    assert len(played.fetches) == 1


async def test_answer_to_play_says_what_instant_the_stamps_count_from(
    pool: WorkerPool, tmp_path: Path
) -> None:
    played = recording(
        change=lambda sent: sent,
        describe=lambda source: answered(source, at=timedelta(seconds=30.3)),
    )
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert shown(path)[0][1] == played.source.frame_at_or_before(START)
    assert not made.exact


@pytest.mark.parametrize("codec", VideoCodec)
async def test_parts_of_a_playback(pool: WorkerPool, tmp_path: Path, codec: VideoCodec) -> None:
    played = recording(codec, change=lambda sent: map(replayed, sent))
    played.start = played.source.key_frame_at_or_before(NOON + timedelta(seconds=2))
    playback = Playback(pool, played.part, tmp_path / "parts")
    try:
        await assert_parts(playback, played.part.start)
    finally:
        await playback.close()


@pytest.mark.parametrize("codec", VideoCodec)
async def test_picture_of_an_instant(pool: WorkerPool, codec: VideoCodec) -> None:
    played = recording(codec, change=lambda sent: map(replayed, sent))
    instant = NOON + timedelta(seconds=100.48)
    picture = await make_picture(pool, played.part, instant)
    expected = played.source.frame_at_or_before(instant)
    assert decode_image(picture.jpeg).instant == picture.instant == expected


async def test_clip_over_a_loss_lacks_what_was_lost(pool: WorkerPool, tmp_path: Path) -> None:
    def lossy(sent: Iterator[Packet]) -> Iterator[Packet]:
        for packet in map(replayed, sent):
            after = packet.instant - NOON
            if packet.channel == AUDIO or not timedelta(seconds=37) < after < timedelta(seconds=38):
                yield packet

    played = recording(change=lossy)
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [played.part], START, END, path)
    assert len(made.missing) == 1
    hole_start, hole_end = made.missing[0]
    assert hole_start <= NOON + timedelta(seconds=37) + ONE_FRAME
    assert hole_end >= NOON + timedelta(seconds=38)
    pictures = shown(path)
    assert all(not hole_start < instant < hole_end for _, instant in pictures)
