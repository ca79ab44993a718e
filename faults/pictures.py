"""Is a saved picture whole, and does it show what was asked for?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any, Final

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from faults.clips import LOOSE, SLACK
from simulator.footage.pattern import PatternError, PatternReading, decode_image

# Search answers count whole seconds.
ROUNDING = timedelta(seconds=1)
# The longest that one picture stays on screen.
LONGEST_SHOWN = timedelta(seconds=20)
_UUID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """A picture that was asked for.

    Attributes:
        channel: number of the channel it has to show.
        frame: from picture to picture.
        garbled: whether the recorder sends nonsense, which may then be seen in it.
    """

    channel: int
    instant: datetime
    frame: timedelta
    garbled: bool


def wrong_with_picture(file: Path, request: PictureRequest) -> list[str]:
    """Return what is wrong with a picture, in words. Blocks."""
    try:
        instant, exact = _read_note(file)
        reading = decode_image(file.read_bytes())
    except PatternError as error:
        return [] if request.garbled else [f"it shows no pattern: {error}"]
    except (ValueError, KeyError, TypeError, StopIteration, OSError) as error:
        return [f"it can't be read: {type(error).__name__} {error}"]
    return _told_wrongly(reading, instant, request, request.frame + (SLACK if exact else LOOSE))


def _read_note(file: Path) -> tuple[datetime, bool]:
    """Return when the picture says that it was taken, and whether that is exact."""
    with Image.open(file, formats=["JPEG"]) as image:
        if not isinstance(image, JpegImageFile):
            raise TypeError("not a JPEG")
        image.load()
        # Whoever made the picture may have left a comment, too: ours stands before it.
        comment = next(body for kind, body in image.applist if kind == "COM")
    fields: Any = json.loads(comment[_UUID_BYTES:])
    return datetime.fromisoformat(fields["start"]), fields["exact"]


def _told_wrongly(
    reading: PatternReading, instant: datetime, request: PictureRequest, slack: timedelta
) -> list[str]:
    wrong = []
    if reading.channel != request.channel:
        wrong.append(f"it shows channel {reading.channel}")
    if abs(reading.instant - instant) > slack:
        wrong.append(f"it says that it is of {instant}, but is of {reading.instant}")
    early, late = request.instant - LONGEST_SHOWN - slack, request.instant + ROUNDING + slack
    if not early <= reading.instant <= late:
        wrong.append(f"it is of {reading.instant}, not of {request.instant}")
    return wrong
