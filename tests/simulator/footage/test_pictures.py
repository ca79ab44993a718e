"""Pictures of both codecs, as real decoders see them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import random

import numpy as np
import pytest

from simulator.footage.formats import StreamFormat, VideoCodec
from simulator.footage.layout import CAPTION_LENGTH, Layout
from simulator.footage.pattern import BLOCK, PatternReading, decode
from simulator.footage.picture import STEP_MS
from simulator.footage.source import to_milliseconds
from simulator.footage.stage import Stage

from .streams import (
    CODECS,
    MAIN,
    START,
    SUB,
    byte_stream,
    decode_by_ffmpeg,
    decode_one_by_one,
    luma,
    seconds,
    source,
)

FORMS = {
    "main": MAIN,
    "sub": SUB,
    "no multiple of a block": replace(SUB, width=704, height=578, fps=10),
    "full HD": replace(MAIN, width=1920, height=1080, fps=20, gop_seconds=1),
}


@pytest.fixture(params=CODECS)
def codec(request: pytest.FixtureRequest) -> VideoCodec:
    assert isinstance(request.param, VideoCodec)
    return request.param


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_picture_tells_its_instant(form: StreamFormat, codec: VideoCodec) -> None:
    form = replace(form, codec=codec)
    stream = source(form, channel=12, stream=1)
    frames = list(stream.video(START, START + seconds(3)))
    pictures = decode_by_ffmpeg(byte_stream(frames), form)
    readings = [decode(luma(picture, form)) for picture in pictures]
    assert readings == [PatternReading(12, 1, frame.instant) for frame in frames]


def test_pictures_come_out_without_delay(codec: VideoCodec) -> None:
    form = replace(SUB, codec=codec)
    frames = list(source(form).video(START, START + seconds(2)))
    readings = [decode(picture) for picture in decode_one_by_one(frames, form)]
    assert [reading.instant for reading in readings] == [frame.instant for frame in frames]


@pytest.mark.parametrize("form", [MAIN, SUB, FORMS["no multiple of a block"]])
def test_decoded_is_what_was_painted(form: StreamFormat, codec: VideoCodec) -> None:
    """Not a sample differs, long after the key frame either: nothing drifts."""
    form = replace(form, codec=codec)
    layout = Layout(form.width, form.height)
    stage = Stage(layout, channel=5, stream=1)
    frames = list(source(form, channel=5, stream=1).video(START, START + seconds(3)))
    pictures = decode_by_ffmpeg(byte_stream(frames), form)
    top, pixels = layout.scene_row * BLOCK, form.width * form.height
    for frame, picture in list(zip(frames, pictures, strict=True))[::7]:
        position = (to_milliseconds(frame.instant) // STEP_MS + 5) % layout.positions
        painted = stage.with_vehicle(position)
        expected = painted.luma[top : form.height, : form.width]
        assert np.array_equal(luma(picture, form)[top:], expected)
        for plane, start in ((painted.cb, pixels), (painted.cr, pixels * 5 // 4)):
            chroma = picture[start : start + pixels // 4].reshape(form.height // 2, -1)
            expected = plane[top // 2 : form.height // 2, : form.width // 2]
            assert np.array_equal(chroma[top // 2 :], expected)


def test_the_caption_shows_the_time_of_its_zone(codec: VideoCodec) -> None:
    form = replace(SUB, codec=codec)
    (*_, frame), (*_, picture) = (
        frames := list(source(form).video(START, START + seconds(1))),
        decode_by_ffmpeg(byte_stream(frames), form),
    )
    layout = Layout(form.width, form.height)
    stage = Stage(layout, channel=7, stream=2)
    local = frame.instant + timedelta(hours=1)
    text = f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} +01:00"
    assert len(text) == CAPTION_LENGTH
    canvas = stage.scene.copy()
    for place, letter in enumerate(text):
        for number, block in stage.letter(place, letter).items():
            row, column = divmod(number, layout.columns)
            samples = np.frombuffer(block, np.uint8, BLOCK * BLOCK).reshape(BLOCK, BLOCK)
            y, x = row * BLOCK, column * BLOCK
            canvas.luma[y : y + BLOCK, x : x + BLOCK] = samples
    rows = slice(layout.caption_row * BLOCK, layout.scene_row * BLOCK)
    assert np.array_equal(luma(picture, form)[rows], canvas.luma[rows, : form.width])


def test_any_instant_of_years(codec: VideoCodec) -> None:
    """Spans are cut out anywhere, DST nights included, and put behind each other."""
    form = replace(SUB, codec=codec)
    stream = source(form)
    chance = random.Random(3)
    begin, years = datetime(2015, 1, 1, tzinfo=UTC), 15 * 365 * 86400
    instants = [begin + timedelta(seconds=chance.uniform(0, years)) for _ in range(25)]
    instants += [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    ]
    frames = [frame for at in instants for frame in stream.video(at, at + seconds(0.2))]
    pictures = decode_by_ffmpeg(byte_stream(frames), form)
    readings = [decode(luma(picture, form)) for picture in pictures]
    assert readings == [PatternReading(7, 2, frame.instant) for frame in frames]


def test_key_frames_are_small_enough_for_live(codec: VideoCodec) -> None:
    for form, limit in ((MAIN, 150_000), (SUB, 60_000)):
        for channel in (1, 8, 16):
            stream = source(replace(form, codec=codec), channel=channel, stream=1)
            key_frame = next(stream.video(START))
            assert sum(map(len, key_frame.nals)) < limit


def test_h264_is_constrained_baseline() -> None:
    sequence, _ = source(MAIN).parameter_sets
    assert sequence[1:4] == bytes((66, 0b11000000, 31))


def test_no_start_code_within_a_nal_unit(codec: VideoCodec) -> None:
    stream = source(replace(SUB, codec=codec))
    for frame in stream.video(START, START + seconds(30)):
        for nal in frame.nals:
            assert b"\0\0\0" not in nal
            assert b"\0\0\1" not in nal
            assert b"\0\0\2" not in nal
            assert nal[-1] != 0
