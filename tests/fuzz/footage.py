"""The readers of footage: what runs in the workers, and what drivers look for in it."""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
import json
from pathlib import Path
import struct
from tempfile import TemporaryDirectory
from typing import Final

import av
from hypothesis import strategies as st

from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.hikvision.footage_time import first_wall
from custom_components.nvr.drivers.pictures import read_picture
from custom_components.nvr.footage.worker.descriptor import wall_ticks
from custom_components.nvr.footage.worker.dhav_container import DhavContainer
from custom_components.nvr.footage.worker.dhav_frame import describe
from custom_components.nvr.footage.worker.faults import JobError
from custom_components.nvr.footage.worker.inputs import PartInput, PartOrder, open_source
from custom_components.nvr.footage.worker.media_head import audio_of_head
from custom_components.nvr.footage.worker.mp4_boxes import complete
from custom_components.nvr.footage.worker.parameters import (
    guess_codec,
    open_picture,
    parameter_sets,
)
from custom_components.nvr.footage.worker.program_stream import ProgramStream
from custom_components.nvr.footage.worker.rtp_packet import parse_packet, sender_reports
from custom_components.nvr.footage.worker.service import run
from custom_components.nvr.footage.worker.units import VideoCodec
from custom_components.nvr.footage.worker.wire import (
    HEADER,
    JobAbortedError,
    JsonObject,
    Kind,
    Wire,
    WireClosedError,
    decode_header,
    decode_json,
    encode,
    encode_json,
)
from custom_components.nvr.library.note_box import read_note
from custom_components.nvr.library.picture_note import read_picture_note
from tests.fuzz.reader import Reader
from tests.fuzz.reels import (
    dhav_files,
    files,
    key_pictures,
    program_streams,
    rtp_containers,
    rtp_packets,
)

CHUNK = 5_003
_ORDER: Final[JsonObject] = {
    "offsets": [0],
    "expected": 0,
    "base": 0,
    "loose": False,
    "more": False,
    "reach": 0,
}
_WORDS: Final = (
    b"\0\0\1\xba", b"\0\0\1\xbc", b"\0\0\1\xbb", b"\0\0\1\xbe", b"\0\0\1\xe0", b"\0\0\1\xc0", b"\0\0\1\xb9",
    b"\0\0\1\x67", b"\0\0\1\x68", b"\0\0\1\x65", b"\0\0\1\x40\x01", b"\0\0\1\x42\x01", b"\0\0\1\x26\x01",
    b"IMKH", b"\x40\x0eHK", b"$\0\0\0", b"$\0\xff\xff", b"$\1\0\4", b"NVRRTP1\n", b"ftyp", b"moov", b"mdat",
    b"trak", b"edts", b"elst", b"uuid", b"\xbe\xde\0\1", b"\xab\xac\0\3", b"\xff\xd8", b"\xff\xd9", b"\xff\xda",
    b"DHAV\xfd", b"DHAV\xfc", b"DHAV\xf0", b"DHAV\xf1", b"dhav", b"\x81\0\2\x19", b"\x83\1\x0e\2",
)  # fmt: skip
_PACKETS: Final = st.builds(
    lambda kind, size, body: b"\0\0\1" + bytes([kind]) + size.to_bytes(2) + body,
    st.sampled_from([0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xC0, 0xE0, 0xE1]),
    st.integers(0, 0xFFFF),
    st.binary(max_size=64),
)
_PROGRAM: Final = st.lists(_PACKETS, max_size=12).map(b"".join)
_DHAV: Final = st.lists(
    st.builds(
        lambda kind, number, date, counter, extensions, body, lie: (
            (b"DHAV" + bytes([kind, 0, 0, 0]) + number.to_bytes(4, "little"))
            + (32 + len(extensions) + len(body) + lie & 0xFFFFFFFF).to_bytes(4, "little")
            + struct.pack("<IHBB", date, counter, len(extensions), 0)
            + (extensions + body + b"dhav" + bytes(4))
        ),
        st.sampled_from([0xF0, 0xF1, 0xFC, 0xFD, 0xFD, 0xFF, 0]),
        st.integers(0, 0xFFFFFFFF),
        st.sampled_from([0, 0xFFFFFFFF, 0x699CC000, 0x699CC001, 0x699CC03B, 0x699CD000]),
        st.integers(0, 0xFFFF),
        st.one_of(
            st.binary(max_size=16),
            st.sampled_from([b"\x81\0\2\x19", b"\x81\0\3\0", b"\x83\1\x0e\2", b"\x82" + bytes(7)]),
        ),
        st.one_of(
            st.binary(max_size=40),
            st.just(b"\0\0\1\x67\x42\0\x0a\xf8\x41\xa2\0\0\1\x68\xce\x38\x80\0\0\1\x65\x88"),
        ),
        st.sampled_from([0, 0, 0, 0, 1, -8, -30, 1000, 24 << 20, -33]),
    ),
    max_size=10,
).map(b"".join)
_RTP: Final = st.builds(
    lambda first, second, rest: bytes([first, second]) + rest,
    st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0x81, 0x9F, 0xBF, 0x40]),
    st.integers(0, 255),
    st.binary(max_size=80),
)
_TRACK: Final = st.fixed_dictionaries(
    {
        "channel": st.one_of(st.integers(-1, 300), st.none()),
        "rtcp": st.one_of(st.integers(0, 3), st.none()),
        "media": st.sampled_from(["video", "audio", ""]),
        "encoding": st.sampled_from(
            ["H264", "H265", "PCMA", "PCMU", "MPEG4-GENERIC", "G722", "G726-32", "JPEG", ""]
        ),
        "clock_rate": st.sampled_from([0, 1, 8000, 90_000, -5, 1 << 40]),
        "channels": st.integers(-1, 9),
        "payload_type": st.integers(0, 127),
        "fmtp": st.one_of(
            st.none(),
            st.dictionaries(
                st.sampled_from(
                    ["sprop-parameter-sets", "sprop-vps", "config", "sizelength", "indexlength"]
                ),
                st.sampled_from(["Z0IAKeKQ", "====", "", "1408", "zz", "13", "-3", "99999"]),
            ),
        ),
        "rtptime": st.one_of(st.none(), st.integers(-1, 1 << 33)),
        "seq": st.none(),
    }
)


def _container(tracks: list[object], packets: list[bytes], ahead: object) -> bytes:
    text = json.dumps({"tracks": tracks, "start": None, "ahead": ahead}).encode()
    framed = b"".join(
        b"$" + bytes([number % 4]) + len(packet).to_bytes(2) + packet
        for number, packet in enumerate(packets)
    )
    return b"NVRRTP1\n" + len(text).to_bytes(4) + text + framed


_CONTAINERS: Final = st.builds(
    _container,
    st.lists(_TRACK, max_size=3),
    st.lists(_RTP, max_size=12),
    st.one_of(st.integers(), st.text(max_size=3), st.none()),
)
_BOXES: Final = st.recursive(
    st.binary(max_size=40),
    lambda inner: st.builds(
        lambda kind, body, lie: (len(body) + 8 + lie & 0xFFFFFFFF).to_bytes(4) + kind + body,
        st.sampled_from(
            [b"ftyp", b"moov", b"trak", b"edts", b"elst", b"tkhd", b"mdia", b"hdlr", b"uuid"]
        ),
        st.lists(inner, max_size=4).map(b"".join),
        st.sampled_from([0, 0, 0, 1, -8, 1000, -1]),
    ),
    max_leaves=12,
)


def _chunks(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]


def _program_stream(data: bytes) -> None:
    chunks = _chunks(data)
    for _ in ProgramStream(lambda: next(chunks, b"")):
        pass


def _dhav(data: bytes) -> None:
    chunks = _chunks(data)
    for frame in DhavContainer(lambda: next(chunks, b"")):
        describe(frame.extensions)


def _transfer(data: bytes) -> None:
    frames = b"".join(encode(Kind.DATA, chunk) for chunk in _chunks(data)) + encode(Kind.END)
    with TemporaryDirectory(dir="/dev/shm") as folder:
        source = open_source(PartInput(Wire(BytesIO(frames), BytesIO())), Path(folder))
        try:
            for _ in source:
                pass
            source.template()
        finally:
            source.close()


def _job(order: JsonObject) -> Callable[[bytes], None]:
    """Return what does a whole job with footage; it has to end in a result or a failure."""

    def read(data: bytes) -> None:
        with TemporaryDirectory(dir="/dev/shm") as folder:
            written = BytesIO()
            paths = {
                key: str(Path(folder) / str(value)) if key in {"path", "folder"} else value
                for key, value in order.items()
            }
            asked = [
                encode_json(Kind.JOB, paths),
                encode_json(Kind.PART, _ORDER),
                *(encode(Kind.DATA, chunk) for chunk in _chunks(data)),
                encode(Kind.END),
                encode(Kind.FINISH),
            ]
            run(Wire(BytesIO(b"".join(asked)), written))
            said = written.getvalue()
            kinds = set(_kinds(said))
            assert kinds & {Kind.RESULT, Kind.FAILED}, kinds

    return read


def _kinds(said: bytes) -> Iterator[Kind]:
    at = 0
    while at < len(said):
        kind, length = decode_header(said[at : at + HEADER.size])
        yield kind
        at += HEADER.size + length


def _rtp(data: bytes) -> None:
    parse_packet(data)
    for _ in sender_reports(data):
        pass


def _parameters(data: bytes) -> None:
    guess_codec(data)
    for codec in VideoCodec:
        parameter_sets(codec, data)


def _picture(data: bytes) -> None:
    for codec in VideoCodec:
        try:
            open_picture(codec, data).close()
        except JobError:
            continue


def _clocks(data: bytes) -> None:
    first_wall(data)
    wall_ticks(data)
    audio_of_head(data)


def _boxes(data: bytes) -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        file = Path(folder) / "clip.mp4"
        file.write_bytes(data)
        read_note(file)
        read_picture_note(file)
        complete(file, 1)


def _wire(data: bytes) -> None:
    wire = Wire(BytesIO(data), BytesIO())
    while True:
        kind, payload = wire.receive()
        if kind in {Kind.JOB, Kind.PART}:
            PartOrder.of_json(decode_json(payload))


def _descriptors() -> list[bytes]:
    found = [b"HK\0\0" + bytes([26]) + bytes.fromhex("73 9a 5d 68 00") + bytes(4)]
    return found + [stream[:2000] for stream in program_streams()]


_footage: Final = partial(Reader, words=_WORDS)
_read: Final = partial(_footage, errors=(JobError,))
_transferred: Final = partial(_footage, read=_transfer, errors=(JobError, av.FFmpegError))

FOOTAGE: Final = (
    _read(name="program-stream", read=_program_stream, corpus=program_streams, shapes=_PROGRAM),
    _transferred(name="recorder-stream", corpus=program_streams, shapes=_PROGRAM),
    _transferred(name="rtp-stream", corpus=rtp_containers, shapes=_CONTAINERS),
    _read(name="dhav-container", read=_dhav, corpus=dhav_files, shapes=_DHAV),
    _transferred(name="dhav-stream", corpus=dhav_files, shapes=_DHAV),
    _transferred(name="file", corpus=files, shapes=_BOXES),
    _footage(
        name="clip-job",
        read=_job({"job": "clip", "path": "clip.mp4", "start": 0, "end": 90_000}),
        corpus=lambda: [*program_streams(), *rtp_containers(), *dhav_files(), *files()],
        shapes=st.one_of(_PROGRAM, _CONTAINERS, _DHAV, _BOXES),
    ),
    _footage(
        name="rtp-packet",
        read=_rtp,
        corpus=lambda: [packet.data for packet in rtp_packets()],
        shapes=_RTP,
    ),
    _footage(name="parameter-sets", read=_parameters, corpus=key_pictures, shapes=_PROGRAM),
    _footage(name="key-picture", read=_picture, corpus=key_pictures, shapes=_PROGRAM),
    _footage(name="footage-clock", read=_clocks, corpus=_descriptors, shapes=_PROGRAM),
    _read(name="mp4-boxes", read=_boxes, corpus=files, shapes=_BOXES),
    Reader(
        name="wire",
        read=_wire,
        errors=(WireClosedError, JobAbortedError, ValueError),
        corpus=lambda: [
            encode_json(Kind.PART, _ORDER) + encode(Kind.DATA, b"footage") + encode(Kind.END),
            encode_json(Kind.JOB, {"job": "clip", "path": "a", "start": 0, "end": 1}),
        ],
        shapes=st.lists(
            st.builds(
                lambda kind, size, body: struct.pack(">cI", kind, size) + body,
                st.sampled_from([kind.value for kind in Kind] + [b"?"]),
                st.integers(0, 2 << 20),
                st.binary(max_size=40),
            ),
            max_size=6,
        ).map(b"".join),
    ),
    _footage(
        name="jpeg",
        read=read_picture,
        errors=(DriverError,),
        corpus=lambda: [b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(60) + b"\xff\xda\0\x0c\xff\xd9"],
    ),
)
