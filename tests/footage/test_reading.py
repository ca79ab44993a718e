"""Reading program streams: what the vendor's devices wrote, and what nobody should have written."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
import random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.nvr.footage.worker.descriptor import wall_ticks
from custom_components.nvr.footage.worker.elementary import ElementaryStream, Unwrapper
from custom_components.nvr.footage.worker.faults import InvalidBytesError
from custom_components.nvr.footage.worker.media_head import HEAD_BYTES, audio_of_head
from custom_components.nvr.footage.worker.parameters import guess_codec, parameter_sets
from custom_components.nvr.footage.worker.program_stream import Payload, ProgramStream, WallMark
from custom_components.nvr.footage.worker.recorder_stream import RecorderStream
from custom_components.nvr.footage.worker.timekeeper import Timekeeper
from custom_components.nvr.footage.worker.units import Picture, Sound, VideoCodec

from .damage import PIECES, assert_read_or_refused, spoiled
from .filmed import NOON, Filmed, small_format
from .played import bytes_of
from .remade import coded_anew, program_stream, ticks

SECOND = 90_000
HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("descriptor", "wall"),
    [
        ("40 0E 48 4B 00 01 0D AF C5 D3 E0 07", "2013-10-31 17:29:15.000"),
        ("40 0E 48 4B 01 00 16 CE 04 6B 74 97", "2022-12-28 01:06:45.658"),
        ("40 0E 48 4B 00 00 17 9D 3E B4 60 00", "2023-09-26 15:43:17.000"),
        ("40 0E 48 4B 01 00 10 15 83 BC ED A7", "2016-01-11 00:59:51.436"),
        ("40 0E 48 4B 01 00 13 4E D2 3D 63 27", "2019-04-29 20:35:53.100"),
        ("40 0E 48 4B 01 00 19 4E 40 64 A2 DF", "2025-04-28 16:06:18.091"),
        ("40 0E 48 4B 01 00 15 41 86 9E 3D B0", "2021-04-03 01:41:56.950"),
    ],
)
def test_time_descriptors_of_real_devices(descriptor: str, wall: str) -> None:
    body = bytes.fromhex(descriptor)[2:] + bytes(4)
    expected = ticks(datetime.fromisoformat(wall).replace(tzinfo=UTC))
    assert wall_ticks(body) == expected
    assert wall_ticks(b"XX" + body[2:]) is None
    assert wall_ticks(body[:9]) is None


@given(st.binary(max_size=20))
def test_time_descriptors_of_any_bytes(tail: bytes) -> None:
    ticks_found = wall_ticks(b"HK" + tail)
    assert ticks_found is None or ticks_found > 0


def reader(data: bytes, size: int = 1000) -> Iterator[bytes]:
    """Cut bytes into chunks, then end."""
    for at in range(0, len(data), size):
        yield data[at : at + size]
    while True:
        yield b""


def everything(data: bytes, size: int = 1000) -> list[Payload | WallMark]:
    """Read a program stream whose bytes come in chunks of some size."""
    chunks = reader(data, size)
    return list(ProgramStream(lambda: next(chunks)))


def footage(seconds: int = 6) -> bytes:
    """Return a few seconds of the simulator's footage."""
    return b"".join(bytes_of(Filmed(NOON, NOON + timedelta(seconds=seconds)), NOON))


@pytest.mark.parametrize("size", [1, 7, 333, 4096, 1 << 20])
def test_size_of_chunks_does_not_matter(size: int) -> None:
    data = footage(4)
    assert everything(data, size) == everything(data, 50_000)


def test_every_picture_is_found_with_its_time() -> None:
    source = Filmed(NOON, NOON + timedelta(seconds=6)).source
    chunks = reader(footage(6))
    stream = RecorderStream(lambda: next(chunks), b"")
    units = list(stream)
    pictures = [unit for unit in units if isinstance(unit, Picture)]
    frames = list(islice(source.video(source.key_frame_at_or_before(NOON)), len(pictures)))
    assert len(frames) >= 150
    assert [picture.pts % (1 << 33) for picture in pictures] == [frame.pts90k for frame in frames]
    assert [picture.key for picture in pictures] == [frame.key for frame in frames]
    walls = [picture.wall for picture in pictures]
    assert walls == [ticks(frame.instant) if frame.key else None for frame in frames]
    assert any(isinstance(unit, Sound) for unit in units)
    assert stream.template().codec_context.width == 640
    stream.close()


_DAMAGEABLE = footage(4)


@settings(max_examples=60, deadline=None)
@given(spoiled(_DAMAGEABLE), PIECES)
def test_damage_never_gets_further_than_an_error_of_ours(data: bytes, piece: int) -> None:
    chunks = reader(data, piece)
    assert_read_or_refused(RecorderStream(lambda: next(chunks), next(chunks)))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([b"\0\0\1" + bytes([n]) for n in (0xB9, 0xBA, 0xBB, 0xBC, 0xC0, 0xE0)]),
        ),
        max_size=40,
    )
)
def test_any_bytes_can_be_walked(pieces: list[bytes]) -> None:
    for item in everything(b"".join(pieces), 17):
        assert isinstance(item, Payload | WallMark)


def test_older_packets() -> None:
    """MPEG-1's headers: stuffing, a buffer size, one or two time stamps, or none."""
    pack = b"\0\0\1\xba\x21\0\1\0\1\x80\0\1"
    stamp = b"\x21\0\5\xbf\x21"
    both = b"\x31\0\5\xbf\x21\x11\0\5\xbf\x21"
    packets = [
        b"\xff\xff\x60\x20" + stamp + b"one",
        both + b"two",
        b"\x0fthree",
        b"\xff\xff",
        b"x",
    ]
    data = pack + b"".join(b"\0\0\1\xe0" + len(body).to_bytes(2) + body for body in packets)
    payloads = [item for item in everything(data) if isinstance(item, Payload)]
    assert [(one.data, one.pts, one.dts) for one in payloads] == [
        (b"one", 90_000, 90_000),
        (b"two", 90_000, 90_000),
        (b"three", None, None),
    ]


def test_stream_that_is_cut_says_so() -> None:
    for cut in (4, 10, 60, 5000):
        chunks = reader(footage(4)[:-cut])
        stream = ProgramStream(lambda source=chunks: next(source))  # type: ignore[misc]  # the default binds it
        list(stream)
    for data in (b"\0\0\1\xba\x44", b"\0\0\1\xe0\0", b"\0\0\1\xe0\0\x10abc"):
        chunks = reader(data)
        stream = ProgramStream(lambda source=chunks: next(source))  # type: ignore[misc]  # the default binds it
        assert not list(stream)
        assert stream.truncated


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_picture_that_was_cut_is_not_delivered(share: float) -> None:
    pictures = coded_anew(NOON, 4)
    packets = list(program_stream(pictures, small_format(audio=None)))
    packets[-1] = packets[-1][: int(len(packets[-1]) * share)]
    chunks = reader(b"".join(packets))
    found = list(RecorderStream(lambda: next(chunks), b""))
    assert len(found) == len(pictures) - 2
    whole = reader(b"".join(program_stream(pictures, small_format(audio=None))))
    assert len(list(RecorderStream(lambda: next(whole), b""))) == len(pictures)


def test_one_enormous_chunk_is_refused() -> None:
    with pytest.raises(InvalidBytesError):
        everything(bytes(8 << 20), 8 << 20)


def test_time_stamps_go_on_after_they_start_over() -> None:
    unwrap = Unwrapper()
    wrap = 1 << 33
    assert [unwrap(stamp) for stamp in (wrap - 10, wrap - 1, 5, wrap - 3, 20)] == [
        wrap - 10,
        wrap - 1,
        wrap + 5,
        wrap - 3,
        wrap + 20,
    ]


def test_pictures_that_begin_in_the_middle_of_packets() -> None:
    """As FFmpeg writes them: a packet's time stamp is that of the first picture that begins in it."""
    pictures = coded_anew(NOON, 4)
    data = b"".join(picture.data for picture in pictures)
    starts = [0]
    for picture in pictures:
        starts.append(starts[-1] + len(picture.data))
    stream = ElementaryStream("h264")
    frames = []
    for at in range(0, len(data), 1999):
        begun = [n for n, start in enumerate(starts[:-1]) if at <= start < at + 1999]
        stamp = pictures[begun[0]].pts if begun else None
        frames += list(stream.feed(data[at : at + 1999], stamp, stamp))
    frames += list(stream.flush())
    assert [frame.data for frame in frames] == [picture.data for picture in pictures]
    stamped = [(frame.pts, picture.pts) for frame, picture in zip(frames, pictures, strict=True)]
    assert all(found in (None, real) for found, real in stamped)
    assert sum(found is not None for found, _ in stamped) == len({at // 1999 for at in starts[:-1]})


def test_parameter_sets_in_a_packet_of_their_own() -> None:
    pictures = coded_anew(NOON, 4)
    stream = ElementaryStream("h264")
    frames = []
    for picture in pictures:
        slices = picture.data.find(b"\0\0\1\x65") if picture.key else 0
        if slices > 0:
            frames += list(stream.feed(picture.data[:slices], None, None))
        frames += list(stream.feed(picture.data[slices:], picture.pts, picture.dts))
    frames += list(stream.flush())
    assert [frame.pts for frame in frames] == [picture.pts for picture in pictures]


def test_time_stamps_in_between_are_worked_out() -> None:
    pictures = coded_anew(NOON, 4)
    packets = list(program_stream(pictures, small_format(audio=None)))
    # Every second picture comes without a time stamp.
    bare = [
        packet.replace(
            packet[14:],
            b"\0\0\1\xe0" + (len(picture.data) + 3).to_bytes(2) + b"\x80\0\0" + picture.data,
        )
        if number % 2 and not picture.key
        else packet
        for number, (packet, picture) in enumerate(zip(packets, pictures, strict=True))
    ]
    chunks = reader(b"".join(bare))
    found = [
        unit for unit in RecorderStream(lambda: next(chunks), b"") if isinstance(unit, Picture)
    ]
    assert len(found) == len(pictures)
    assert all(b.pts - a.pts == 3600 for a, b in pairwise(found))


def head(audio: int, rate: int = 8000, channels: int = 1) -> bytes:
    """Return a media head."""
    words = b"".join(word.to_bytes(2, "little") for word in (0x0102, 1, 2, 0x0100, audio))
    tail = bytes((channels, 16)) + rate.to_bytes(4, "little") + bytes(4)
    return (b"IMKH" + words + tail).ljust(HEAD_BYTES, b"\0")


def test_media_head_says_what_the_sound_is() -> None:
    assert [audio_of_head(head(kind)) for kind in (0, 0x7221)] == [None, None]
    audio = audio_of_head(head(0x7110))
    assert audio is not None
    assert (audio.codec, audio.rate, audio.channels) == ("pcm_mulaw", 8000, 1)
    odd = audio_of_head(head(0x2001, rate=1, channels=9))
    assert odd is not None
    assert (odd.codec, odd.rate, odd.channels, odd.framed) == ("aac", 8000, 1, True)
    assert audio_of_head(head(0x7111)[:39]) is None
    assert audio_of_head(b"\0" * 40) is None


@pytest.mark.parametrize(
    ("start", "codec"),
    [
        (b"\xff\xf1\x60\x40", "aac"),
        (b"\xff\xfb\x90\x44", "mp2"),
        (b"\xff\xfd\x90\x44", "mp2"),
        (b"\xd5\xd5\xd5\xd5", None),
    ],
)
def test_sound_that_nothing_announces_is_recognised(start: bytes, codec: str | None) -> None:
    pictures = coded_anew(NOON, 4)
    packets = list(program_stream(pictures, small_format(), with_map=False))
    sound = b"\0\0\1\xc0\0\x48\x80\0\0" + start + bytes(65)
    chunks = reader(packets[0] + sound + b"".join(packets[1:]))
    stream = RecorderStream(lambda: next(chunks), b"")
    list(stream)
    assert (stream.audio.codec if stream.audio else None) == codec


def test_codec_is_recognised_by_its_parameter_sets() -> None:
    assert guess_codec(b"\0\0\0\1\x67\x64") is VideoCodec.H264
    assert guess_codec(b"\0\0\0\1\x40\x01\x0c") is VideoCodec.HEVC
    assert guess_codec(b"\0\0\0\1\x09\x10") is None
    assert guess_codec(b"") is None
    picture = coded_anew(NOON, 4)[0].data
    sets = parameter_sets(VideoCodec.H264, picture)
    assert [one & 0x1F for one in (sets[0],)] == [7]


def key(pts: int, wall: int | None) -> Picture:
    """Return a key picture."""
    return Picture(b"", pts, pts, key=True, wall=wall)


def test_nearest_of_several_offsets_is_right() -> None:
    for offset in (HOUR, 2 * HOUR):
        utc = 500 * HOUR
        keeper = Timekeeper([HOUR, 2 * HOUR], utc + 60 * SECOND, 0)
        assert keeper.utc(5) is None
        keeper.see(Picture(b"", 0, 0, key=False, wall=None))
        assert keeper.utc(5) is None
        keeper.see(key(77, utc + offset))
        assert keeper.utc(77) == utc
        assert keeper.first_wall == utc + offset
        assert keeper.exact


def test_no_clock_counts_from_the_base() -> None:
    for wall, offsets in ((None, [0]), (500 * HOUR, [])):
        keeper = Timekeeper(offsets, 0, 400 * HOUR)
        keeper.see(key(1000, wall))
        keeper.see(key(1000 + SECOND, None if wall is None else wall + 5 * SECOND))
        assert keeper.utc(1000 + 2 * SECOND) == 400 * HOUR + 2 * SECOND
        assert not keeper.exact


def test_slow_drift_follows_the_wall_clock_a_set_clock_does_not() -> None:
    keeper = Timekeeper([0], 500 * HOUR, 0)
    for number in range(100):
        # The stamps run 0.1 % slow.
        keeper.see(key(round(number * 2 * SECOND * 0.999), 500 * HOUR + number * 2 * SECOND))
    last = round(99 * 2 * SECOND * 0.999)
    assert abs((keeper.utc(last) or 0) - (500 * HOUR + 99 * 2 * SECOND)) <= SECOND // 200
    before = keeper.utc(last + 2 * SECOND)
    # Somebody sets the clock by 12 minutes: time itself did not jump.
    keeper.see(key(last + 2 * SECOND, 500 * HOUR + 920 * SECOND))
    assert keeper.utc(last + 2 * SECOND) == before


@pytest.mark.parametrize("group", [SECOND * 24 // 25, SECOND * 48 // 25, SECOND * 7 // 2])
def test_clock_without_milliseconds_leaves_the_stamps_their_steps(group: int) -> None:
    keeper = Timekeeper([0], 500 * HOUR, 0)
    taken = [500 * HOUR + SECOND // 10 + number * group for number in range(60)]
    told = []
    for utc in taken:
        keeper.see(key(utc, utc - utc % SECOND))
        told.append(keeper.utc(utc) or 0)
    assert not keeper.exact
    assert all(utc - SECOND < one <= utc for utc, one in zip(taken, told, strict=True))
    # Narrowed down at first, and never back.
    late = {utc - one for utc, one in zip(taken[30:], told[30:], strict=True)}
    assert len(late) == 1
    assert late.pop() <= taken[0] % SECOND
    # Milliseconds in the end are no chance.
    keeper.see(key(taken[-1] + group, taken[-1] + group + SECOND // 1000))
    assert keeper.exact


def test_clock_whose_milliseconds_happen_to_be_none_is_exact() -> None:
    keeper = Timekeeper([0], 500 * HOUR, 0)
    for number in range(10):
        keeper.see(key(number * 2 * SECOND, 500 * HOUR + number * 2 * SECOND))
    assert keeper.exact


def test_stamps_that_start_anew_follow_the_wall_clock() -> None:
    keeper = Timekeeper([0], 500 * HOUR, 0)
    keeper.see(key(800 * SECOND, 500 * HOUR))
    keeper.see(key(5 * SECOND, 500 * HOUR + 2 * SECOND))
    assert keeper.utc(6 * SECOND) == 500 * HOUR + 3 * SECOND
    # Never backwards.
    keeper.see(key(0, 499 * HOUR))
    assert keeper.utc(0) == 500 * HOUR + 2 * SECOND


def test_noise_has_an_end() -> None:
    noise = random.Random(1).randbytes(1 << 20).replace(b"\0\0\1", b"\1\1\1")
    with pytest.raises(InvalidBytesError):
        everything(noise * 9, 100_000)


@pytest.mark.parametrize("off", [-400 * 24, -5, 5, 24])
def test_clock_that_was_never_set_is_not_believed(off: int) -> None:
    keeper = Timekeeper([0, HOUR], 500 * HOUR, 500 * HOUR)
    keeper.see(Picture(b"", 90, 90, key=True, wall=(500 + off) * HOUR))
    assert not keeper.exact
    assert keeper.utc(90 + SECOND) == 500 * HOUR + SECOND
    assert keeper.first_wall == (500 + off) * HOUR
    # Later ones are not either.
    keeper.see(Picture(b"", 90 + SECOND, 90 + SECOND, key=True, wall=(500 + off) * HOUR + SECOND))
    assert keeper.utc(90 + SECOND) == 500 * HOUR + SECOND


def test_device_that_does_not_cut_may_begin_much_earlier() -> None:
    keeper = Timekeeper([0], 500 * HOUR, 500 * HOUR, reach=HOUR)
    keeper.see(Picture(b"", 90, 90, key=True, wall=499 * HOUR))
    assert keeper.exact
    assert keeper.utc(90) == 499 * HOUR
