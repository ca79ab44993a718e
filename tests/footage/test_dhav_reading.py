"""Reading DHAV: frames by their headers, times by their dates and counters, and what is damaged."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import io
from itertools import pairwise
import random

import av
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.nvr.footage.worker.dhav_frame import describe, wall_second
from custom_components.nvr.footage.worker.dhav_stream import DhavStream
from custom_components.nvr.footage.worker.faults import InvalidBytesError, NoPictureError
from custom_components.nvr.footage.worker.units import Picture, Sound, Unit, VideoCodec as Codec
from simulator.footage.formats import AudioCodec, VideoCodec

from .damage import PIECES, assert_read_or_refused, spoiled
from .dhav_bytes import (
    AUXILIARY,
    KEY,
    PICTURE,
    SOUND,
    Counter,
    Dav,
    Numbers,
    date_of,
    packed,
    picture_extensions,
    sound_extensions,
    walked,
)
from .filmed import NOON, ONE_FRAME, small_format
from .remade import coded_anew, ticks

# One key picture, written out by hand from the layout of the container.
WALL = NOON.replace(tzinfo=None)
BY_HAND = bytes.fromhex(
    "44484156 fd 00 03 00 2a000000 2d000000 00c09c69 a903 08 00"
    "81000c19 00000000 0000000126 64686176 2d000000"
)


def footage(seconds: float = 4, **values: object) -> bytes:
    """Return a few seconds of footage."""
    end = NOON + timedelta(seconds=seconds)
    return b"".join(Dav(NOON, end, **values).chunks(NOON, end))  # type: ignore[arg-type]  # passed on as they are


def stream_of(data: bytes, size: int = 5000) -> DhavStream:
    """Return a reader of bytes that come in chunks."""
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return DhavStream(lambda: next(chunks, b""), b"")


def units_of(data: bytes) -> list[Unit]:
    """Read all of it."""
    stream = stream_of(data)
    try:
        return list(stream)
    finally:
        stream.close()


def pictures_of(data: bytes) -> list[Picture]:
    """Return the pictures."""
    return [unit for unit in units_of(data) if isinstance(unit, Picture)]


def test_a_frame_by_hand() -> None:
    (frame,) = walked(BY_HAND)
    assert (frame.kind, frame.channel, frame.number, frame.counter) == (KEY, 3, 42, 937)
    assert frame.second == int(datetime(2026, 6, 14, 12, tzinfo=UTC).timestamp())
    assert frame.extensions == bytes.fromhex("81000c1900000000")
    assert frame.data == b"\0\0\0\1\x26"
    assert frame.shows
    assert describe(frame.extensions).fps == 25


@given(st.datetimes(datetime(2000, 1, 1), datetime(2063, 12, 31)))
def test_dates(wall: datetime) -> None:
    expected = int(wall.replace(microsecond=0, tzinfo=UTC).timestamp())
    assert wall_second(date_of(wall)) == expected


@given(st.integers(0, (1 << 32) - 1))
def test_dates_of_any_digits(date: int) -> None:
    second = wall_second(date)
    assert second is None or second >= 946_684_800


def test_extensions() -> None:
    size = b"\x82\0\0\0\x80\x07\x38\x04"
    assert describe(size).size == (1920, 1080)
    assert describe(b"\x80\0\x50\x2c").size == (640, 352)
    assert describe(b"\x80\0\x50\x2c" + size).size == (1920, 1080)
    assert [describe(bytes((0x81, 0, code, 25))).foreign for code in (1, 2, 3, 4, 8, 12, 13)] == [
        True, False, True, False, False, False, True,
    ]  # fmt: skip
    # Behind what is not known nothing is read, nor what is cut.
    assert describe(b"\x77" + size) == describe(b"")
    assert describe(size[:5]) == describe(b"")


@pytest.mark.parametrize(
    ("code", "codec"),
    [
        (0x07, "pcm_s8"), (0x0A, "pcm_mulaw"), (0x16, "pcm_mulaw"), (0x0C, "pcm_s16le"), (0x10, "pcm_s16le"),
        (0x0E, "pcm_alaw"), (0x1A, "aac"), (0x1F, "mp2"), (0x21, "mp3"), (0x0D, None), (0x99, None),
    ],
)  # fmt: skip
def test_codecs_of_sound(code: int, codec: str | None) -> None:
    for long in (False, True):
        audio = describe(sound_extensions(code, 16_000, long=long)).audio
        assert (audio and audio.codec) == codec
        if audio is not None:
            assert (audio.rate, audio.channels) == (16_000, 1)
            # There is a decoder of that name.
            av.CodecContext.create(audio.codec, "r")
    odd = describe(bytes((0x83, 9, 0x0E, 99))).audio
    assert odd is not None
    assert (odd.rate, odd.channels) == (8000, 1)


@pytest.mark.parametrize("size", [1, 7, 333, 4096, 1 << 20])
def test_size_of_chunks_does_not_matter(size: int) -> None:
    data = footage(1)
    assert walked(data, size) == walked(data, 50_000)


@pytest.mark.parametrize("counter", Counter)
@pytest.mark.parametrize("numbers", Numbers)
@pytest.mark.parametrize("codec", VideoCodec)
def test_every_picture_has_its_time(counter: Counter, numbers: Numbers, codec: VideoCodec) -> None:
    data = footage(
        70, counter=counter, numbers=numbers, format=small_format(codec, None, gop_seconds=10)
    )
    source = Dav(NOON, NOON).source
    units = pictures_of(data)
    frames = list(source.video(NOON - timedelta(seconds=10), NOON + timedelta(seconds=70)))
    assert len(units) >= 70 * 25
    taken = [ticks(frame.instant) for frame in frames[-len(units) :]]
    error = max(abs((unit.wall or 0) - exact) for unit, exact in zip(units, taken, strict=True))
    # What a running counter counts from is known as exactly as frames tell where a second begins.
    assert error <= (0 if counter is not Counter.FREE else 40 * 90)
    assert {after.pts - before.pts for before, after in pairwise(units)} == {3600}
    assert all(unit.pts == unit.dts for unit in units)
    assert [unit.key for unit in units] == [number % 250 == 0 for number in range(len(units))]


@pytest.mark.parametrize(
    "leading",
    [
        b"",
        b"DAHUA".ljust(0x400, b"\0"),
        b"DHII" + bytes(range(256)) * 20,
        b"--part\r\n\r\n{}\r\n--part\r\n\r\nDHAV? no, DHAV",
        bytes(30_000),
    ],
)
def test_head_before_the_first_frame_and_index_behind_the_last(leading: bytes) -> None:
    plain = footage(2)
    index = b"DHAVIDX" + bytes(range(256)) * 16
    assert pictures_of(leading + plain + index) == pictures_of(plain)


def test_auxiliary_frames_and_padding_are_passed_over() -> None:
    other = packed(AUXILIARY, b"{}", WALL) + packed(0xF9, b"what", WALL) + bytes(512)
    plain = footage(2)
    mixed = footage(2, change=lambda data, _: data + other)
    assert pictures_of(mixed) == pictures_of(plain)


def test_picture_that_was_cut_is_not_delivered() -> None:
    data = footage(2, format=small_format(audio=None))
    whole = pictures_of(data)
    for cut in (1, 8, 9, 200):
        assert pictures_of(data[:-cut])[-1] == whole[-2]


def damaged(number: int, change: str, **values: object) -> list[Picture]:
    """Return the pictures where one frame of the file is not what it should be."""
    seen = iter(range(1 << 20))

    def spoil(data: bytes, _: datetime) -> bytes:
        if next(seen) != number:
            return data
        if change == "cut out":
            return data[:20] + data[200:]
        if change == "length":
            return data[:12] + b"\xff\xff\xff\0" + data[16:]
        if change == "short":
            return data[:12] + b"\x05\0\0\0" + data[16:]
        return b"XXXX" + data[4:]

    return pictures_of(footage(4, change=spoil, **values))


@pytest.mark.parametrize("change", ["cut out", "length", "short", "mark"])
@pytest.mark.parametrize("numbers", [Numbers.ONE_ROW, Numbers.ROWS])
def test_after_damage_pictures_begin_with_a_key_picture(change: str, numbers: Numbers) -> None:
    silent = small_format(audio=None)
    whole = pictures_of(footage(4, numbers=numbers, format=silent))
    keys = [number for number, picture in enumerate(whole) if picture.key]
    lost = keys[1] + 10
    found = damaged(lost, change, numbers=numbers, format=silent)
    assert found == whole[:lost] + whole[keys[2] :]


def test_damage_to_parameter_sets_costs_a_group_of_pictures() -> None:
    silent = small_format(audio=None)
    whole = pictures_of(footage(4, format=silent))
    keys = [number for number, picture in enumerate(whole) if picture.key]
    seen: list[int] = []

    def spoil(data: bytes, _: datetime) -> bytes:
        seen.append(data[4])
        if data[4] != KEY or seen.count(KEY) != 2:
            return data
        sets = data.index(b"\0\0\0\1\x67") + 8
        return data[:sets] + bytes(12) + data[sets + 12 :]

    found = pictures_of(footage(4, format=silent, change=spoil))
    kept = whole[: keys[1]] + whole[keys[2] :]
    assert [picture.pts for picture in found] == [picture.pts for picture in kept]
    assert [picture.data for picture in found] == [picture.data for picture in kept]


def test_damage_to_sound_costs_no_picture() -> None:
    whole = pictures_of(footage(4, numbers=Numbers.ROWS))
    frames = walked(footage(4))
    sounds = [number for number, frame in enumerate(frames) if frame.kind == SOUND]
    assert damaged(sounds[30], "mark", numbers=Numbers.ROWS) == whole


def test_pictures_of_another_stream_are_left_out() -> None:
    small = small_format(audio=None, width=704, height=384)
    other = Dav(NOON, NOON + timedelta(seconds=4), format=small, channel=2)
    frames = [one for one, _ in other.frames(NOON, NOON + timedelta(seconds=4))]
    for field in (5, 6):
        waiting = iter(frames)

        def between(
            data: bytes, _: datetime, at: int = field, rest: Iterator[bytes] = waiting
        ) -> bytes:
            extra = next(rest, b"")
            return data + extra[:at] + b"\1" + extra[at + 1 :] if extra else data

        mixed = pictures_of(footage(4, change=between))
        assert mixed == pictures_of(footage(4))


def test_sound_comes_with_its_format_and_time() -> None:
    for codec, name in ((AudioCodec.ALAW, "pcm_alaw"), (AudioCodec.AAC, "aac")):
        for counter in (Counter.IN_SECOND, Counter.LOW_BITS):
            stream = stream_of(footage(3, counter=counter, format=small_format(audio=codec)))
            units = iter(stream)
            first = next(units)
            # It is known when the first picture is there.
            assert isinstance(first, Picture)
            assert stream.audio is not None
            assert stream.audio.codec == name
            sounds = [unit for unit in units if isinstance(unit, Sound)]
            source = Dav(NOON, NOON, format=small_format(audio=codec)).source
            begin = datetime.fromtimestamp((first.wall or 0) / 90_000, UTC)
            taken = [
                ticks(sound.instant) for sound in source.audio(begin, NOON + timedelta(seconds=3))
            ]
            # What stands before the first picture is of no use.
            assert [sound.pts for sound in sounds] == taken[-len(sounds) :]
            assert len(taken) - len(sounds) <= 1
            stream.close()


def test_file_without_sound_says_so() -> None:
    stream = stream_of(footage(4, format=small_format(audio=None)))
    next(iter(stream))
    assert stream.audio is None
    stream.close()


def test_sound_of_a_codec_that_is_not_known_is_left_out() -> None:
    data = footage(3).replace(sound_extensions(0x0E), sound_extensions(0x0D))
    assert not [unit for unit in units_of(data) if isinstance(unit, Sound)]
    assert pictures_of(data) == pictures_of(footage(3))


@pytest.mark.parametrize("codec", VideoCodec)
def test_ffmpeg_finds_the_same(codec: VideoCodec) -> None:
    data = footage(4, format=small_format(codec))
    with av.open(io.BytesIO(data), "r", format="dhav") as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
        assert container.streams.audio[0].codec_context.name == "pcm_alaw"
        assert (
            container.streams.video[0].codec_context.name
            == {"H.264": "h264", "H.265": "hevc"}[codec]
        )
    pictures = pictures_of(data)
    assert [picture.data for picture in pictures] == packets
    stream = stream_of(data)
    list(stream)
    assert stream.video is {VideoCodec.H264: Codec.H264, VideoCodec.H265: Codec.HEVC}[codec]
    assert stream.template().codec_context.width == 640
    stream.close()


def test_pictures_in_another_order() -> None:
    """An encoder's B pictures, each stamped with when it is shown."""
    options = (("preset", "veryfast"), ("x264-params", "bframes=3:b-adapt=0:scenecut=0"))
    coded = coded_anew(NOON, 6, "libx264", options)
    form = small_format(audio=None)

    def wall(pts: int) -> datetime:
        return datetime.fromtimestamp(pts / 90_000, UTC).replace(tzinfo=None)

    data = b"".join(
        packed(
            KEY if one.key else PICTURE,
            one.data,
            wall(one.pts),
            number=number,
            extensions=picture_extensions(form) if one.key else b"",
        )
        for number, one in enumerate(coded)
    )
    found = pictures_of(data)
    assert [picture.pts for picture in found] == [one.pts for one in coded]
    assert all(picture.dts <= picture.pts for picture in found)
    assert all(before.dts < after.dts for before, after in pairwise(found))


def test_codec_that_is_not_copied_is_refused() -> None:
    data = packed(KEY, b"\xff\xd8\xff" + bytes(99), WALL, extensions=b"\x81\0\3\x19")
    with pytest.raises(InvalidBytesError):
        units_of(data)


def test_pictures_without_parameter_sets_are_passed_over() -> None:
    bare = packed(KEY, b"\0\0\0\1\x65" + bytes(99), WALL, extensions=b"\x81\0\2\x19")
    empty = packed(KEY, b"", WALL, extensions=b"\x81\0\2\x19")
    assert [one.data for one in pictures_of(empty + bare + footage(2))] == [
        one.data for one in pictures_of(footage(2))
    ]
    stream = stream_of(bare)
    assert not list(stream)
    with pytest.raises(NoPictureError):
        stream.template()


def test_noise_has_an_end() -> None:
    noise = random.Random(1).randbytes(1 << 20)
    with pytest.raises(InvalidBytesError):
        walked(noise * 9, 100_000)


def test_much_footage_without_a_picture_has_an_end() -> None:
    sound = packed(SOUND, bytes(1 << 20), WALL, extensions=sound_extensions(0x0E))
    stream = DhavStream(lambda: sound, b"")
    with pytest.raises(InvalidBytesError):
        list(stream)


_DAMAGEABLE = footage(2)


@settings(max_examples=60, deadline=None)
@given(spoiled(_DAMAGEABLE), PIECES)
def test_damage_never_gets_further_than_an_error_of_ours(data: bytes, piece: int) -> None:
    assert_read_or_refused(stream_of(data, piece))


def test_hole_in_a_file_is_a_hole() -> None:
    minute = timedelta(minutes=30)
    first = footage(4, format=small_format(audio=None))
    later = Dav(
        NOON + minute, NOON + minute, format=small_format(audio=None), counts={"all": 99_999}
    )
    second = b"".join(later.chunks(NOON + minute, NOON + minute + timedelta(seconds=4)))
    found = pictures_of(first + second)
    (leap,) = [
        b.pts - a.pts
        for a, b in pairwise(found)
        if b.pts - a.pts != ONE_FRAME // timedelta(milliseconds=1) * 90
    ]
    assert leap > 1790 * 90_000
    assert all(picture.pts == picture.wall for picture in found)
