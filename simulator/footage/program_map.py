"""The program stream map of Hikvision's recorders, which carries the device's wall clock.

Layouts: section 13 of the protocol notes; the map itself: ISO/IEC 13818-1, 2.5.4.
"""

from datetime import datetime, timedelta

from .formats import MILLISECONDS, AudioCodec, StreamFormat, VideoCodec

TIME_TAG, DEVICE_TAG, VIDEO_TAG, AUDIO_TAG = 0x40, 0x41, 0x42, 0x43
VIDEO_ID, AUDIO_ID = 0xE0, 0xC0
STREAM_TYPES = {
    VideoCodec.H264: 0x1B,
    VideoCodec.H265: 0x24,
    AudioCodec.AAC: 0x0F,
    AudioCodec.ALAW: 0x90,
    AudioCodec.ULAW: 0x91,
}
NOT_ENCRYPTED = 7
_COMPANY = b"HK"
_TIME_VERSION = b"\x01\x00"
_TIME_SIZE = 12
_FIRST_YEAR = 2000
_CAMERA_MARK = bytes(4)
_DEVICE = bytes(range(16))
_ENCODER_VERSION, _ENCODER_DATE = b"\x01\x00", b"\x2a\x61"
_PROGRESSIVE_ONE_REFERENCE = b"\x01\xff\xff"
_CRC_POLYNOMIAL = 0x04C11DB7
_TICKS_PER_MS = 90


def time_descriptor(wall: datetime) -> bytes:
    """Write the descriptor that tells the device's wall clock to the millisecond.

    Args:
        wall: naive, in the years 2000 to 2255.
    """
    fields = wall.month
    for value, bits in (
        (wall.day, 5),
        (wall.hour, 5),
        (wall.minute, 6),
        (wall.second, 6),
        (1, 1),
        (wall.microsecond // MILLISECONDS, 10),
        (NOT_ENCRYPTED, 3),
    ):
        fields = fields << bits | value
    year = wall.year - _FIRST_YEAR
    body = _COMPANY + _TIME_VERSION + bytes((year,)) + fields.to_bytes(5) + _CAMERA_MARK
    return _descriptor(TIME_TAG, body)


def parse_time_descriptor(data: bytes) -> tuple[datetime, int]:
    """Read a time descriptor from its tag on.

    Returns:
        The device's naive wall clock and the encryption field.

    Raises:
        ValueError: if this is no time descriptor.
    """
    if len(data) < _TIME_SIZE or data[0] != TIME_TAG or data[2:4] != _COMPANY:
        raise ValueError("not a time descriptor")
    fields = int.from_bytes(data[7:12])
    wall = datetime(
        _FIRST_YEAR + data[6],
        fields >> 36,
        fields >> 31 & 31,
        fields >> 26 & 31,
        fields >> 20 & 63,
        fields >> 14 & 63,
    )
    return wall + timedelta(milliseconds=fields >> 3 & 1023), fields & 7


def program_stream_map(form: StreamFormat, wall: datetime | None) -> bytes:
    """Write the map that stands before a key frame.

    Args:
        form: what the stream consists of.
        wall: the device's wall clock; None leaves the time descriptor out.
    """
    about = time_descriptor(wall) if wall else b""
    about += _descriptor(DEVICE_TAG, _COMPANY + _DEVICE)
    streams = _stream(STREAM_TYPES[form.codec], VIDEO_ID, _video_descriptor(form))
    if form.audio:
        streams += _stream(STREAM_TYPES[form.audio], AUDIO_ID, _audio_descriptor(form.audio))
    body = b"\xe0\xff" + _sized(about) + _sized(streams)
    packet = b"\0\0\1\xbc" + (len(body) + 4).to_bytes(2) + body
    return packet + _crc(packet).to_bytes(4)


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body


def _sized(body: bytes) -> bytes:
    return len(body).to_bytes(2) + body


def _stream(kind: int, identity: int, about: bytes) -> bytes:
    return bytes((kind, identity)) + _sized(about)


def _video_descriptor(form: StreamFormat) -> bytes:
    interval = form.interval_ms * _TICKS_PER_MS
    size = form.width.to_bytes(2) + form.height.to_bytes(2)
    tail = (interval << 1 | 1).to_bytes(3)
    body = _ENCODER_VERSION + _ENCODER_DATE + size + _PROGRESSIVE_ONE_REFERENCE + tail
    return _descriptor(VIDEO_TAG, body)


def _audio_descriptor(codec: AudioCodec) -> bytes:
    frame_bytes, rate, bit_rate = (
        (0, 16000, 32000) if codec is AudioCodec.AAC else (320, 8000, 64000)
    )
    parts = (
        frame_bytes.to_bytes(2),
        b"\xfe",
        (rate << 2 | 3).to_bytes(3),
        (bit_rate << 2 | 3).to_bytes(3),
    )
    return _descriptor(AUDIO_TAG, b"".join(parts) + b"\xff")


def _crc(data: bytes) -> int:
    """Give MPEG's CRC-32: highest bit first, not inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_CRC_POLYNOMIAL if crc & 1 << 31 else 0)) & 0xFFFFFFFF
    return crc
