"""What codecs the parts of a playback have, as playlists name them (RFC 6381)."""

from dataclasses import dataclass
from pathlib import Path
from typing import override

_MAX_INIT_BYTES = 1 << 20
_AVC = b"avcC"
_HEVC = b"hvcC"
_AAC = b"mp4a"
_AAC_LC = "mp4a.40.2"
_CONVERTED_VIDEO = "avc1.4d401f"
"""What parts are converted to: main profile, level 3.1."""


@dataclass(frozen=True, slots=True)
class PartCodecs:
    """The codecs of one playback. ``widely_played`` tells whether every browser decodes the pictures."""

    video: str
    audio: str | None
    widely_played: bool

    @override
    def __str__(self) -> str:
        return ",".join(codec for codec in (self.video, self.audio) if codec is not None)

    @property
    def converted(self) -> PartCodecs:
        """What they are once converted."""
        return PartCodecs(_CONVERTED_VIDEO, self.audio, widely_played=True)


def read_codecs(path: Path) -> PartCodecs:
    """Return the codecs by the file that begins every part.

    Raises:
        OSError: The file is gone.
        ValueError: It is none of ours.
    """
    with path.open("rb") as file:
        init = file.read(_MAX_INIT_BYTES)
    audio = _AAC_LC if _AAC in init else None
    if (at := init.find(_HEVC)) >= 0:
        return PartCodecs(_hevc(init[at + len(_HEVC) :]), audio, widely_played=False)
    if (at := init.find(_AVC)) >= 0 and len(init) >= at + 8:
        return PartCodecs(f"avc1.{init[at + 5 : at + 8].hex()}", audio, widely_played=True)
    raise ValueError("no codec that parts have")


def _hevc(record: bytes) -> str:
    """Return the name of an H.265 stream by its configuration record (ISO/IEC 14496-15, annex E.3)."""
    if len(record) < 13:
        raise ValueError("the record is too short")
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    profile = record[1] & 0x1F
    # The compatibility flags are named in reverse order of bits, the constraints without zeros at the end.
    flags = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = [f"{byte:X}" for byte in record[6:12].rstrip(b"\0")]
    return ".".join([f"hvc1.{space}{profile}", f"{flags:X}", f"{tier}{record[12]}", *constraints])
