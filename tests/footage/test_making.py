"""The steps by which a worker makes a clip, one by one, where whole recordings can't easily show them."""

from collections.abc import Callable
from fractions import Fraction
import io
from pathlib import Path
from typing import override

import av
import pytest

from custom_components.nvr.footage.worker import (
    cutter as cutter_module,
    inputs,
    splicer as splicer_module,
)
from custom_components.nvr.footage.worker.cutter import Cutter, Track
from custom_components.nvr.footage.worker.faults import (
    InvalidBytesError,
    JobError,
    NoPictureError,
    UnsoundResultError,
)
from custom_components.nvr.footage.worker.inputs import PartInput, PartOrder, wait_for_part
from custom_components.nvr.footage.worker.parameters import open_picture
from custom_components.nvr.footage.worker.picture_job import PictureJob
from custom_components.nvr.footage.worker.playback_job import PlaybackJob
from custom_components.nvr.footage.worker.sound_track import FRAME_SAMPLES, SoundTrack, shape_of
from custom_components.nvr.footage.worker.splicer import Frame, Item, Splicer, Tone
from custom_components.nvr.footage.worker.units import AudioFormat, Picture, Sound, VideoCodec
from custom_components.nvr.footage.worker.verifier import verify
from custom_components.nvr.footage.worker.wire import Kind, Wire, encode, encode_json

from .filmed import NOON
from .remade import coded_anew

SECOND = 90_000
STEP = 3600
A_LAW = AudioFormat("pcm_alaw", 8000)


def frame(time: int, *, key: bool = False, order: int | None = None, size: int = 1) -> Frame:
    """Return a picture."""
    order = time if order is None else order
    return Frame(Picture(bytes(size), time, order, key), time, order)


def tone(time: int | None) -> Tone:
    """Return sound."""
    return Tone(Sound(b"", time), time, A_LAW)


class Shown(Track):
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.pictures: list[int] = []
        self.tones: list[tuple[int | None, bool]] = []

    @override
    def picture(self, frame: Frame, pts: int, dts: int) -> None:
        self.pictures.append(pts)

    @override
    def tone(self, tone: Tone, time: int | None, *, anew: bool) -> None:
        self.tones.append((time, anew))


def cut(items: list[Item], start: int, end: int) -> tuple[Cutter, Shown]:
    """Cut a span out of a line of items."""
    shown = Shown()
    cutter = Cutter(start, end, lambda: shown)
    for item in items:
        cutter.push(item)
    cutter.begin()
    return cutter, shown


def line(start: int, end: int, step: int = STEP, keys: int = 50) -> list[Item]:
    """Return pictures at equal distances."""
    return [
        frame(time, key=number % keys == 0) for number, time in enumerate(range(start, end, step))
    ]


def test_lead_in_before_a_hole_is_not_shown() -> None:
    """What was on screen long before the asked start is not what was on screen at the start."""
    items = [*line(0, SECOND), *line(20 * SECOND, 30 * SECOND)]
    cutter, shown = cut(items, 10 * SECOND, 22 * SECOND)
    assert cutter.origin == 20 * SECOND
    assert shown.pictures[0] == 0
    assert cutter.missing == [(10 * SECOND, 20 * SECOND)]


def test_footage_that_ends_long_before_or_begins_after_the_span_is_none() -> None:
    assert cut(line(0, SECOND), 10 * SECOND, 12 * SECOND)[0].origin is None
    late, _ = cut(line(20 * SECOND, 21 * SECOND), 10 * SECOND, 12 * SECOND)
    assert late.origin is None
    assert late.complete


def test_hole_at_the_end_is_missing_not_held() -> None:
    cutter, shown = cut([*line(0, SECOND), *line(9 * SECOND, 10 * SECOND)], 0, 5 * SECOND)
    assert cutter.complete
    assert cutter.stop == SECOND
    assert cutter.missing == [(SECOND, 5 * SECOND)]
    assert len(shown.pictures) == 25


def test_pictures_after_the_end_are_kept_only_for_those_before_it() -> None:
    group = [frame(0, key=True, order=-2 * STEP)]
    for first in range(0, 12 * STEP, 3 * STEP):
        group += [
            frame(first + 3 * STEP, order=first - STEP),
            frame(first + STEP, order=first),
            frame(first + 2 * STEP, order=first + STEP),
        ]
    _, shown = cut([*group], 0, 5 * STEP)
    assert shown.pictures == [0, 3 * STEP, STEP, 2 * STEP, 6 * STEP, 4 * STEP]
    _, shown = cut([*group], 0, 4 * STEP)
    assert shown.pictures == [0, 3 * STEP, STEP, 2 * STEP]


def test_pictures_and_sound_around_a_hole() -> None:
    leading = [frame(10 * SECOND, key=True), frame(9 * SECOND, order=10 * SECOND + 1)]
    sounds = [tone(None), tone(5 * SECOND), tone(10 * SECOND), tone(None), tone(30 * SECOND)]
    cutter, shown = cut([*line(0, SECOND), tone(SECOND // 2), *leading, *sounds], 0, 12 * SECOND)
    # The picture that refers to what is missing is left out.
    assert shown.pictures[-1] == SECOND
    assert len(shown.pictures) == 26
    assert shown.tones == [(SECOND // 2, False), (None, True), (SECOND, False), (None, False)]
    assert cutter.missing[0] == (SECOND, 10 * SECOND)


def test_sound_in_the_lead_in_waits_for_the_first_picture() -> None:
    _, shown = cut(
        [tone(0), *line(0, SECOND), tone(SECOND // 2), *line(SECOND, 4 * SECOND)],
        SECOND // 4,
        3 * SECOND,
    )
    origin = -shown.pictures[0]
    assert shown.tones == [(SECOND // 2 - origin, False)]


def test_lead_in_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter_module, "_MAX_LEAD_IN_BYTES", 1000)
    items: list[Item] = [frame(0, key=True, size=600), frame(STEP, size=600)]
    with pytest.raises(InvalidBytesError):
        cut(items, 10 * SECOND, 12 * SECOND)
    monkeypatch.setattr(cutter_module, "_MAX_LEAD_IN_ITEMS", 2)
    with pytest.raises(InvalidBytesError):
        cut([frame(0, key=True), tone(0), tone(0)], 10 * SECOND, 12 * SECOND)


def test_splicer_holds_back_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Item] = []
    splicer = Splicer(passed.append)
    splicer.begin_part(more=True)
    for item in [tone(None), *line(0, 20 * SECOND)]:
        splicer.push(item)
    assert len(passed) == pytest.approx(14 * 25, abs=2)
    monkeypatch.setattr(splicer_module, "_MAX_HELD_BYTES", 10)
    splicer.push(frame(20 * SECOND, size=5))
    assert len(passed) > 19 * 25
    splicer.finish()
    assert len(passed) == 502


def test_splicer_keeps_the_sound_up_to_the_seam() -> None:
    passed: list[Item] = []
    splicer = Splicer(passed.append)
    splicer.begin_part(more=True)
    for item in [*line(0, 4 * SECOND), tone(SECOND), tone(3 * SECOND)]:
        splicer.push(item)
    splicer.begin_part(more=False)
    # Sound and pictures of the new recording count from its first key picture on.
    new: list[Item] = [tone(SECOND), frame(SECOND), frame(2 * SECOND, key=True), tone(2 * SECOND)]
    for item in new:
        splicer.push(item)
    times = [item.time for item in passed if isinstance(item, Frame)]
    assert times == [*range(0, 2 * SECOND, STEP), 2 * SECOND]
    assert [item.time for item in passed if isinstance(item, Tone)] == [SECOND, 2 * SECOND]


def test_sound_that_can_not_be_decoded_is_skipped() -> None:
    track = SoundTrack(AudioFormat("aac", 0, framed=True))
    assert not list(track.add(b"\xff\xf1" + bytes(3), 0))
    assert track.position == 0
    track.close()


def test_sound_is_laid_on_its_grid() -> None:
    track = SoundTrack(A_LAW)
    assert shape_of(A_LAW) == (16_000, 1)
    packets = list(track.add(bytes(8000), -SECOND // 2))
    # Half of it lies before the beginning.
    assert track.position == pytest.approx(SECOND // 2, abs=200)
    packets += track.add(bytes(800), None)
    packets += track.add(bytes(8000), 3 * SECOND)
    assert track.position == pytest.approx(4 * SECOND, abs=400)
    # What comes twice is heard once.
    packets += track.add(bytes(8000), 3 * SECOND)
    assert track.position == pytest.approx(4 * SECOND, abs=400)
    track.decode_as(AudioFormat("pcm_mulaw", 16_000, channels=2))
    packets += track.add(bytes(32_000), 4 * SECOND)
    assert track.position == pytest.approx(5 * SECOND, abs=800)
    packets += track.finish(SECOND * 9 // 2)
    track.close()
    assert [packet.pts for packet in packets] == [
        FRAME_SAMPLES * number for number in range(-1, len(packets) - 1)
    ]
    assert sum(packet.duration or 0 for packet in packets[1:]) >= 4.5 * 16_000 - FRAME_SAMPLES


def aac(rate: int, layout: str) -> list[bytes]:
    """Return a second of AAC, packed as recorders do."""
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as out:
        stream = out.add_stream("aac", rate=rate)
        stream.codec_context.layout = layout
        for number in range(rate // FRAME_SAMPLES):
            frame = av.AudioFrame("fltp", layout, FRAME_SAMPLES)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts = rate, number * FRAME_SAMPLES
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    data, packets = file.getvalue(), []
    while data:
        size = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        packets.append(data[:size])
        data = data[size:]
    return packets


def test_sound_whose_rate_changes_is_heard_on() -> None:
    track = SoundTrack(AudioFormat("aac", 0, framed=True), shape=(16_000, 1))
    for rate, layout in ((16_000, "mono"), (32_000, "stereo"), (16_000, "mono")):
        before = track.position
        for packet in aac(rate, layout):
            assert list(track.add(packet, None)) is not None
        assert track.position - before == pytest.approx(SECOND, rel=0.2)
    track.close()


def made(path: Path, *, shift: int = 0, count: int = 50, hold: int = 0) -> Path:
    """Write an MP4 of 25 pictures a second, the last of which stays ``hold`` pictures longer."""
    pictures = coded_anew(NOON, 4)[:count]
    with (
        open_picture(VideoCodec.H264, pictures[0].data) as raw,
        av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out,
    ):
        stream = out.add_stream_from_template(raw.streams.video[0], opaque=True)
        for number, picture in enumerate(pictures):
            packet = av.Packet(picture.data)
            packet.stream = stream
            packet.time_base = Fraction(1, SECOND)
            packet.pts = packet.dts = number * STEP + shift
            packet.is_keyframe = picture.key
            packet.duration = STEP * (1 + hold if number == count - 1 else 1)
            out.mux(packet)
    return path


def test_sound_clip_is_sound(tmp_path: Path) -> None:
    path = made(tmp_path / "clip")
    verify(path, 2 * SECOND, STEP)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:600]),
        lambda path: path.write_bytes(path.read_bytes()[:4000]),
        lambda path: made(path, shift=10 * STEP),
        lambda path: made(path, count=40),
        lambda path: made(path, count=30, hold=20),
        lambda path: made(path, count=48, hold=2),
        lambda path: path.unlink(),
    ],
    ids=["empty", "no index", "no pictures", "late", "short", "stands", "ends early", "gone"],
)
def test_unsound_clip_is_noticed(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    path = made(tmp_path / "clip")
    harm(path)
    with pytest.raises((UnsoundResultError, OSError)):
        verify(path, 2 * SECOND, STEP)


def wire(*frames: bytes) -> Wire:
    """Return a wire on which these frames have come."""
    return Wire(io.BytesIO(b"".join(frames)), io.BytesIO())


ORDER = encode_json(
    Kind.PART, {"offsets": [0], "expected": 0, "base": 0, "loose": False, "more": False}
)


def test_orders_have_to_be_well_formed() -> None:
    assert wait_for_part(wire(ORDER)) == PartOrder((0,), 0, 0, loose=False, more=False)
    assert wait_for_part(wire(encode(Kind.FINISH))) is None
    with pytest.raises(ValueError, match="unexpected"):
        wait_for_part(wire(encode(Kind.DATA)))
    for values in ({"offsets": 1}, {"offsets": ["x"]}, {"offsets": [], "expected": "x"}):
        with pytest.raises(ValueError, match=r"offsets|whole number"):
            PartOrder.of_json(values)  # type: ignore[arg-type]  # wrong on purpose


def test_transfers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = PartInput(wire(encode(Kind.DATA), encode(Kind.DATA, b"x"), encode(Kind.END)))
    assert [stream.read(), stream.read(), stream.read()] == [b"x", b"", b""]
    with pytest.raises(ValueError, match="unexpected"):
        PartInput(wire(encode(Kind.JOB))).read()
    monkeypatch.setattr(inputs, "_MAX_TRANSFER_BYTES", 5)
    with pytest.raises(InvalidBytesError):
        PartInput(wire(encode(Kind.DATA, b"123456"))).read()


@pytest.mark.parametrize("job", [PlaybackJob, PictureJob])
def test_jobs_without_a_transfer(tmp_path: Path, job: type[PlaybackJob | PictureJob]) -> None:
    values = {
        "folder": str(tmp_path),
        "origin": 0,
        "slot": 4 * SECOND,
        "count": 1,
        "first": 0,
        "sound": False,
        "instant": 0,
        "limit": 1,
    }
    with pytest.raises(NoPictureError):
        job(wire(encode(Kind.FINISH)), values).run()  # type: ignore[arg-type]  # a plain dictionary
    with pytest.raises(JobError):
        job(wire(ORDER, encode(Kind.DATA, b"x" * 100), encode(Kind.END)), values).run()  # type: ignore[arg-type]  # a plain dictionary


def test_key_picture_that_is_none() -> None:
    with pytest.raises(InvalidBytesError):
        open_picture(VideoCodec.H264, b"\0\0\0\1\x65" + bytes(100))
    with pytest.raises(InvalidBytesError):
        open_picture(VideoCodec.HEVC, b"")
