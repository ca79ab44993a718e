"""Instants of frames, and that the same instant is always the same frame."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from simulator.footage.caption import Caption
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.pattern import EPOCH, MILLISECOND
from simulator.footage.source import AudioFrame, VideoFrame, to_milliseconds

from .streams import CODECS, MAIN, START, SUB, seconds, source


@pytest.mark.parametrize("fps", [25, 20, 12.5, 10])
def test_frames_lie_on_a_grid(fps: float) -> None:
    stream = source(replace(SUB, fps=fps, gop_seconds=4))
    frames = list(stream.video(START, START + seconds(9)))
    assert {after.instant - before.instant for before, after in pairwise(frames)} == {
        stream.frame_interval
    }
    keys = [frame.instant for frame in frames if frame.key]
    assert keys[0] == frames[0].instant <= START
    assert {after - before for before, after in pairwise(keys)} == {seconds(4)}
    assert to_milliseconds(keys[0]) % 4000 == 137 + 7 * 7
    assert frames[-1].instant < START + seconds(9) <= frames[-1].instant + stream.frame_interval


def test_key_frames_lie_at_odd_milliseconds() -> None:
    for channel in range(1, 33):
        key_frame = source(channel=channel).key_frame_at_or_before(START)
        assert key_frame.microsecond != 0


def test_frames_before_an_instant() -> None:
    stream = source()
    key_frame = stream.key_frame_at_or_before(START)
    assert START - seconds(2) < key_frame <= START
    assert stream.key_frame_at_or_before(key_frame) == key_frame
    assert stream.key_frame_at_or_before(key_frame - MILLISECOND) == key_frame - seconds(2)
    frame = stream.frame_at_or_before(START)
    assert START - stream.frame_interval < frame <= START
    assert (
        stream.frame_at_or_before(frame - timedelta(microseconds=1))
        == frame - stream.frame_interval
    )


def test_stop_between_milliseconds() -> None:
    stream = source()
    key_frame = stream.key_frame_at_or_before(START)
    assert not list(stream.video(key_frame, key_frame))
    assert len(list(stream.video(key_frame, key_frame + timedelta(microseconds=1)))) == 1


def test_time_stamps_follow_the_instant() -> None:
    for frame in islice(source().frames(START), 100):
        assert frame.pts90k == to_milliseconds(frame.instant) * 90 % 2**33


@pytest.mark.parametrize("codec", CODECS)
def test_same_instant_same_frame(codec: VideoCodec) -> None:
    """Whoever asks, whenever and from wherever on."""
    form = replace(SUB, codec=codec, audio=AudioCodec.AAC)
    all_frames = list(source(form).frames(START, START + seconds(20)))
    later = START + seconds(11)
    tail = list(source(form).frames(later, START + seconds(20)))
    assert tail == [frame for frame in all_frames if frame.instant >= tail[0].instant]


def test_pictures_and_sound_are_in_order() -> None:
    frames = list(source(MAIN).frames(START, START + seconds(4)))
    assert [frame.instant for frame in frames] == sorted(frame.instant for frame in frames)
    kinds = {type(frame) for frame in frames}
    assert kinds == {VideoFrame, AudioFrame}
    assert isinstance(frames[0], VideoFrame)
    assert frames[0].key


def test_iterators_are_endless_and_lazy() -> None:
    frames = source(MAIN).frames(START)
    assert len(list(islice(frames, 500))) == 500


def test_channels_and_streams_differ() -> None:
    at = START + seconds(1)
    pictures = {
        next(source(form, channel=channel, stream=stream).video(at)).nals
        for form in (SUB, MAIN)
        for channel in (1, 2, 16)
        for stream in (1, 2)
    }
    assert len(pictures) == 12


def test_caption_over_the_end_of_summer_time() -> None:
    caption = Caption(ZoneInfo("Europe/Berlin"))
    change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    texts = [caption.at((change - EPOCH) // MILLISECOND + ms) for ms in (-40, 40)]
    assert texts == ["2026-10-25 02:59:59.960 +02:00", "2026-10-25 02:00:00.040 +01:00"]
    assert Caption(ZoneInfo("America/St_Johns")).at(0) == "1969-12-31 20:30:00.000 -03:30"


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: replace(MAIN, width=320),
        lambda: replace(MAIN, height=20000),
        lambda: replace(MAIN, width=641),
        lambda: replace(MAIN, fps=30),
        lambda: replace(MAIN, fps=0),
        lambda: replace(MAIN, gop_seconds=0),
        lambda: replace(MAIN, fps=12.5, gop_seconds=0.5),
        lambda: replace(MAIN, bitrate_kbps=0),
    ],
)
def test_impossible_formats(impossible: Callable[[], StreamFormat]) -> None:
    with pytest.raises(ValueError):
        impossible()
