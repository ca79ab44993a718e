"""The head of 40 bytes before a recorder's program stream.

Its fields are known from the vendor's public player interface: mark, version, device, container, video
format, audio format, channels, bits per sample, sample rate, bit rate, then 16 bytes reserved. Only the audio
format is used: it says which G.711 the sound is, which the program stream itself leaves open.
"""

import struct

from .units import AudioFormat

HEAD_BYTES = 40
MARK = b"IMKH"
_FIELDS = struct.Struct("<4sHHHHHBBII")
_RATES = range(8000, 48_001)
_CHANNELS = (1, 2)
_DEFAULT_RATE = 8000
# FFmpeg's decoder, and whether the sound has frames of its own.
_FORMATS = {
    0x7110: ("pcm_mulaw", False),
    0x7111: ("pcm_alaw", False),
    0x2000: ("mp2", True),
    0x2001: ("aac", True),
}


def has_head(head: bytes) -> bool:
    """Return whether the bytes begin with such a head."""
    return head.startswith(MARK)


def audio_of_head(head: bytes) -> AudioFormat | None:
    """Return the sound's format as the head says, or None where it says nothing that is known."""
    if not has_head(head) or len(head) < HEAD_BYTES:
        return None
    fields = _FIELDS.unpack_from(head)
    codec, channels, rate = fields[5], fields[6], fields[8]
    if codec not in _FORMATS:
        return None
    name, framed = _FORMATS[codec]
    return AudioFormat(
        name,
        rate if rate in _RATES else _DEFAULT_RATE,
        channels if channels in _CHANNELS else 1,
        framed=framed,
    )
