"""Pictures and sound out of RTP, put together whatever happened on the way."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count, groupby

import pytest

from custom_components.nvr.footage.worker.faults import InvalidBytesError
from custom_components.nvr.footage.worker.rtp_container import MAGIC
from custom_components.nvr.footage.worker.rtp_stream import RtpStream
from custom_components.nvr.footage.worker.units import Picture, Sound, Unit
from simulator.footage.formats import AudioCodec, VideoCodec
from simulator.footage.source import FootageSource, VideoFrame

from .filmed import NOON, Filmed, small_format
from .rtp_bytes import AUDIO, VIDEO, Container, Packet, interleaved, packets, replayed, report

START = NOON + timedelta(seconds=10)
STEP = 3600
START_CODE = b"\0\0\0\1"


def source_of(
    codec: VideoCodec = VideoCodec.H264, audio: AudioCodec | None = None
) -> FootageSource:
    return Filmed(NOON, NOON, format=small_format(codec, audio)).source


def sent(source: FootageSource, seconds: float = 5) -> list[Packet]:
    return list(packets(source, START, START + timedelta(seconds=seconds)))


def frames(source: FootageSource, seconds: float = 5) -> list[VideoFrame]:
    return list(source.video(START, START + timedelta(seconds=seconds)))


def read(container: Container, stream: Iterable[Packet]) -> list[Unit]:
    chunks = iter([container.head(), *interleaved(stream)])
    source = RtpStream(lambda: next(chunks, b""), next(chunks))
    try:
        return list(source)
    finally:
        source.close()


def pictures(units: Iterable[Unit]) -> list[Picture]:
    return [unit for unit in units if isinstance(unit, Picture)]


def sounds(units: Iterable[Unit]) -> list[Sound]:
    return [unit for unit in units if isinstance(unit, Sound)]


def bytes_of(frame: VideoFrame) -> bytes:
    return b"".join(START_CODE + nal for nal in frame.nals)


@pytest.mark.parametrize("codec", VideoCodec)
def test_pictures_come_out_as_they_went_in(codec: VideoCodec) -> None:
    source = source_of(codec)
    found = pictures(read(Container(source), sent(source)))
    expected = frames(source)
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in expected]
    assert [unit.key for unit in found] == [frame.key for frame in expected]
    assert [unit.pts for unit in found] == list(range(0, STEP * len(expected), STEP))
    assert [unit.dts for unit in found] == [unit.pts for unit in found]


@pytest.mark.parametrize("codec", VideoCodec)
def test_units_that_share_a_packet(codec: VideoCodec) -> None:
    source = source_of(codec)
    kind = b"\x78" if codec is VideoCodec.H264 else b"\x60\1"

    def is_fragment(packet: Packet) -> bool:
        first = packet.data[12]
        return first & 0x1F == 28 if codec is VideoCodec.H264 else first >> 1 & 0x3F == 49

    def bundled() -> Iterator[Packet]:
        """Put neighbours that belong to one picture into one packet."""
        number = count()
        for (_, alone), group in groupby(
            sent(source, 3), lambda one: (one.stamp, is_fragment(one))
        ):
            found = list(group)
            if alone:
                for packet in found:
                    yield packet.with_payload(packet.data[12:], sequence=next(number))
                continue
            body = b"".join(len(one.data[12:]).to_bytes(2) + one.data[12:] for one in found)
            yield found[-1].with_payload(kind + body, sequence=next(number))

    found = pictures(read(Container(source), bundled()))
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in frames(source, 3)]


@pytest.mark.parametrize("codec", VideoCodec)
def test_parameter_sets_that_only_the_description_has(codec: VideoCodec) -> None:
    source = source_of(codec)
    sets = set(source.parameter_sets)
    lean = [packet for packet in sent(source) if packet.data[12:] not in sets]
    lean = [
        packet.with_payload(packet.data[12:], sequence=number) for number, packet in enumerate(lean)
    ]
    found = pictures(read(Container(source), lean))
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in frames(source)]


def test_parameter_sets_under_a_stamp_of_their_own() -> None:
    source = source_of()
    sets = set(source.parameter_sets)
    stream = [
        packet.stamped(packet.stamp - 90) if packet.data[12:] in sets else packet
        for packet in sent(source)
    ]
    found = pictures(read(Container(source, sets=False), stream))
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in frames(source)]


@pytest.mark.parametrize("codec", VideoCodec)
@pytest.mark.parametrize("place", [0.1, 0.3, 0.45, 0.8])
def test_after_a_loss_pictures_begin_again_at_the_next_key_picture(
    codec: VideoCodec, place: float
) -> None:
    source = source_of(codec)
    stream = sent(source)
    lost = int(len(stream) * place)
    hurt = stream[lost].instant
    expected = frames(source)
    again = min(
        (frame.instant for frame in expected if frame.key and frame.instant > hurt),
        default=datetime.max.replace(tzinfo=hurt.tzinfo),
    )
    found = pictures(read(Container(source), stream[:lost] + stream[lost + 1 :]))
    kept = [one for one in expected if one.instant < hurt or one.instant >= again]
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in kept]
    # What is missing leaves a hole in the time.
    at = {one.instant: number * STEP for number, one in enumerate(expected)}
    first = at[kept[0].instant]
    assert [unit.pts + first for unit in found] == [at[frame.instant] for frame in kept]


def test_a_stream_that_begins_amid_a_picture() -> None:
    source = source_of()
    stream = sent(source)[3:]
    found = pictures(read(Container(source), stream))
    assert not any(unit.data == bytes_of(frames(source)[0]) for unit in found)
    assert sum(unit.key for unit in found) == sum(frame.key for frame in frames(source)) - 1


def test_the_end_of_the_bytes_amid_a_picture() -> None:
    source = source_of()
    stream = sent(source)
    last = max(number for number, packet in enumerate(stream) if not packet.data[1] & 0x80)
    found = pictures(read(Container(source), stream[: last + 1]))
    whole = frames(source)[: len(found)]
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in whole]
    assert whole[-1].instant < stream[last].instant
    # Bytes that end within the frame around a packet.
    data = Container(source).head() + b"".join(interleaved(stream))
    chunks = iter([data[:-7]])
    reader = RtpStream(lambda: next(chunks, b""), next(chunks))
    assert len(pictures(reader)) == len(frames(source)) - 1


def test_time_stamps_that_wrap() -> None:
    source = source_of()
    stream = sent(source)
    shift = (1 << 32) - stream[0].stamp - 40_000
    found = pictures(
        read(Container(source), (packet.stamped(packet.stamp + shift) for packet in stream))
    )
    assert [unit.pts for unit in found] == [STEP * number for number in range(len(found))]
    assert len(found) == len(frames(source))


@pytest.mark.parametrize("known", [False, True])
def test_time_stamps_that_start_anew_after_a_hole(known: bool) -> None:
    source = source_of()
    later = START + timedelta(minutes=7)
    after = packets(source, later, later + timedelta(seconds=2))
    stream = [
        *sent(source, 2),
        *(packet.stamped(packet.stamp + 1_000_000_007) for packet in after),
    ]
    if known:
        stream = [replayed(packet) for packet in stream]
    found = pictures(read(Container(source), stream))
    times = [unit.pts for unit in found]
    hole = times[len(frames(source, 2))] - times[len(frames(source, 2)) - 1]
    if known:
        gap = source.key_frame_at_or_before(later) - frames(source, 2)[-1].instant
        assert hole == gap / timedelta(seconds=1) * 90_000
    else:
        assert hole == STEP


@pytest.mark.parametrize("audio", AudioCodec)
def test_sound_stands_where_the_sender_reports_put_it(audio: AudioCodec) -> None:
    source = source_of(audio=audio)
    stream = sent(source, 3)
    # The tracks' stamps count from places that have nothing to do with each other.
    stream = [
        packet.stamped(packet.stamp + (77_777 if packet.channel == AUDIO else 0))
        for packet in stream
    ]
    firsts = [next(one for one in stream if one.channel == track) for track in (VIDEO, AUDIO)]
    told = [report(one, one.instant + timedelta(hours=5)) for one in firsts]
    found = read(Container(source), [*told, *stream])
    first = firsts[0].instant
    expected = [
        round((one.instant - first) / timedelta(seconds=1) * 90_000)
        for one in source.audio(first, START + timedelta(seconds=3))
    ]
    heard = [unit.pts for unit in sounds(found)]
    assert len(heard) == len(expected)
    known = [(time, right) for time, right in zip(heard, expected, strict=True) if time is not None]
    assert len(known) > len(expected) * 0.8
    assert all(abs(time - right) <= 90 for time, right in known)


def test_sound_without_reports_goes_by_the_answer_to_play_or_by_its_coming() -> None:
    source = source_of(audio=AudioCodec.ALAW)
    stream = sent(source, 3)
    firsts = [next(one for one in stream if one.channel == track) for track in (VIDEO, AUDIO)]
    gap = round((firsts[1].instant - firsts[0].instant) / timedelta(seconds=1) * 90_000)
    stamps = (firsts[0].stamp, firsts[1].stamp - gap * 8000 // 90_000)
    told = sounds(read(Container(source, rtptimes=stamps), stream))
    untold = sounds(read(Container(source), stream))
    exact = [unit.pts for unit in told if unit.pts is not None]
    assert exact[-1] - exact[0] == (len(exact) - 1) * 3600
    near = [unit.pts for unit in untold if unit.pts is not None]
    assert all(abs(one - other) <= 9000 for one, other in zip(exact, near, strict=True))


def test_aac_keeps_its_configuration() -> None:
    source = source_of(audio=AudioCodec.AAC)
    chunks = iter([Container(source).head(), *interleaved(sent(source, 2))])
    stream = RtpStream(lambda: next(chunks, b""), next(chunks))
    assert stream.audio is not None
    assert (stream.audio.codec, stream.audio.rate) == ("aac", 16_000)
    assert stream.audio.extradata == bytes.fromhex("1408")


@pytest.mark.parametrize(
    "spoiled",
    [
        MAGIC,
        MAGIC + b"\xff\xff\xff\xff",
        MAGIC + b"\0\0\0\2[]",
        MAGIC + b'\0\0\0\x0d{"tracks": 1}',
        MAGIC + b'\0\0\0\x0e{"tracks": []}',
        MAGIC + b'\0\0\0\x10{"tracks": [{}]}',
        MAGIC + b"\0\0\0\2\xff\xff",
    ],
)
def test_a_container_that_is_none(spoiled: bytes) -> None:
    with pytest.raises(InvalidBytesError):
        RtpStream(lambda: b"", spoiled)


@pytest.mark.parametrize("rate", [0, 1, 10**9, None])
def test_sound_that_counts_by_no_clock_is_left_out(rate: int | None) -> None:
    source = source_of(audio=AudioCodec.ALAW)
    stream = sent(source, 2)
    found = read(Container(source, sound_changes={"clock_rate": rate}), stream)
    assert [unit.data for unit in pictures(found)] == [bytes_of(one) for one in frames(source, 2)]
    assert not sounds(found)
    assert sounds(read(Container(source), stream))


def test_bytes_that_are_no_frames_end_it() -> None:
    source = source_of()
    data = Container(source).head() + b"".join(interleaved(sent(source, 1)))
    chunks = iter([data + b"RTSP/1.0 200 OK\r\n\r\n"])
    reader = RtpStream(lambda: next(chunks, b""), next(chunks))
    with pytest.raises(InvalidBytesError):
        list(reader)


def test_packets_that_are_none_are_passed_over() -> None:
    source = source_of()
    stream = sent(source, 2)
    strange = [
        Packet(VIDEO, b"", START),
        Packet(VIDEO, b"\x80", START),
        Packet(VIDEO, b"\0" * 40, START),
        Packet(VIDEO, b"\x9f" + b"\xff" * 11, START),
        Packet(9, b"\x80" * 40, START),
        Packet(1, b"\x80\xc8\xff\xff", START),
        Packet(AUDIO, b"\x80\x08" + bytes(10), START),
    ]
    mixed = [one for packet in stream for one in (packet, *strange)]
    found = pictures(read(Container(source), mixed))
    assert [unit.data for unit in found] == [bytes_of(frame) for frame in frames(source, 2)]


def test_pictures_that_never_come_find_an_end() -> None:
    source = source_of()
    filler = Packet(VIDEO, b"\x80\x60" + bytes(10) + b"\x06" + bytes(60_000), START)

    def endless() -> Iterator[Packet]:
        for number in range(2000):
            yield filler.with_payload(filler.data[12:], sequence=number).stamped(number * STEP)

    with pytest.raises(InvalidBytesError):
        read(Container(source), endless())


def test_sets_that_are_not_well_formed_are_left_out() -> None:
    source = source_of()
    good = b64encode(source.parameter_sets[0]).decode()
    container = Container(source, changes={"fmtp": {"sprop-parameter-sets": f"{good},%%%,"}})
    assert len(pictures(read(container, sent(source, 1)))) == len(frames(source, 1))
