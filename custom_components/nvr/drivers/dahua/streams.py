"""The encodings of each channel: the table ``Encode`` (section 6 of the notes)."""

from collections.abc import Iterator, Mapping
import re

from ..answer import LIST
from ..figures import MAX_FPS, MAX_KBPS, MAX_PIXELS, MAX_WORD, codec_name, whole, within
from ..models import Stream, StreamName
from .channels import MAX_CHANNELS
from .question import config_question
from .tree import Tree, at, boolean, indexed, number, text

# What ``subtype`` calls a stream in addresses, and where its settings stand.
SUBTYPES = {StreamName.MAIN: 0, StreamName.SUB: 1, StreamName.THIRD: 2}
_PLACES: Mapping[StreamName, tuple[str, int]] = {
    StreamName.MAIN: ("MainFormat", 0),
    StreamName.SUB: ("ExtraFormat", 0),
    StreamName.THIRD: ("ExtraFormat", 1),
}
# In PAL; where devices count NTSC's lines they say width and height, too.
_SIZES = {
    "4K": (3840, 2160),
    "8M": (3840, 2160),
    "6M": (3072, 2048),
    "5M": (2592, 1944),
    "4M": (2688, 1520),
    "3M": (2048, 1536),
    "1080P": (1920, 1080),
    "1_3M": (1280, 960),
    "960P": (1280, 960),
    "720P": (1280, 720),
    "960H": (960, 576),
    "D1": (704, 576),
    "HD1": (352, 576),
    "2CIF": (704, 288),
    "CIF": (352, 288),
    "QCIF": (176, 144),
    "VGA": (640, 480),
    "QVGA": (320, 240),
}
_SIZE = re.compile(r"(\d{2,5})\s*[xX*]\s*(\d{2,5})")


def read_streams(tree: Tree) -> Mapping[int, tuple[Stream, ...]]:
    """Read Encode: the streams that are switched on, by the channel's index."""
    return {index: tuple(_streams(row)) for index, row in indexed(tree) if index < MAX_CHANNELS}


ENCODE = config_question("Encode", read_streams, limits=LIST)


def _streams(row: Tree) -> Iterator[Stream]:
    for name, (table, place) in _PLACES.items():
        found = at(row, table, place)
        if isinstance(found, dict) and boolean(found, "VideoEnable") is not False:
            yield _stream(found, name)


def _stream(found: Tree, name: StreamName) -> Stream:
    video = at(found, "Video")
    size = _size(video)
    audio = text(found, "Audio", "Compression") if boolean(found, "AudioEnable") else None
    return Stream(
        name=name,
        codec=codec_name(text(video, "Compression")),
        width=None if size is None else size[0],
        height=None if size is None else size[1],
        fps=within(number(video, "FPS"), MAX_FPS),
        bitrate_kbps=whole(number(video, "BitRate"), MAX_KBPS),
        audio_codec=None if audio is None else audio[:MAX_WORD],
    )


def _size(video: Tree) -> tuple[int, int] | None:
    width, height = (whole(number(video, name), MAX_PIXELS) for name in ("Width", "Height"))
    if width is not None and height is not None:
        return width, height
    word = text(video, "resolution") or text(video, "Resolution") or ""
    if (match := _SIZE.fullmatch(word)) is not None:
        return int(match[1]), int(match[2])
    return _SIZES.get(word.upper())
