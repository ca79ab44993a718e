"""Does a camera show what happens now?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from demo.api import Api
from demo.frontend import Frontend
from demo.recorders import RecorderChannel
from simulator.footage.pattern import decode_image

FIRST_FRAME_LIMIT_S = 40.0
ADVANCE = timedelta(seconds=3)
ADVANCE_LIMIT_S = 30.0
# A picture is made, sent, decoded and looked at; a recorder's still may be a moment old.
OLDEST_PICTURE = timedelta(seconds=10)


@dataclass(frozen=True)
class LiveResult:
    """How a camera's dialog played.

    Attributes:
        first_frame_s: from opening it to the first picture.
        faults: what was wrong, in words.
    """

    first_frame_s: float
    faults: tuple[str, ...]


async def watch_live(frontend: Frontend, camera: str, channel: RecorderChannel) -> LiveResult:
    """Open a camera's dialog and watch its WebRTC video go on.

    Raises:
        VideoError: no picture came, or it stood still.
    """
    video, began = await frontend.open_camera(camera)
    first = await video.first_sight(FIRST_FRAME_LIMIT_S)
    took = monotonic() - began
    later = await video.advance(first, ADVANCE, ADVANCE_LIMIT_S)
    late = datetime.now(UTC) - later.instant
    faults = []
    if later.pattern.channel != channel.number:
        faults.append(f"{camera} shows channel {later.pattern.channel}")
    if abs(late) > OLDEST_PICTURE:
        faults.append(f"{camera} shows what was {late} ago")
    await frontend.close_dialog()
    return LiveResult(took, tuple(faults))


@dataclass(frozen=True)
class StillResult:
    """How a camera's still was served: in how many milliseconds, and what was wrong."""

    took_ms: float
    faults: tuple[str, ...]


async def fetch_still(api: Api, camera: str, channel: RecorderChannel) -> StillResult:
    """Fetch a camera's picture of now and read it."""
    began = monotonic()
    picture: bytes = await api.get(f"/api/camera_proxy/{camera}")
    took = monotonic() - began
    reading = decode_image(picture)
    late = datetime.now(UTC) - reading.instant
    faults = []
    if reading.channel != channel.number:
        faults.append(f"{camera}'s still shows channel {reading.channel}")
    if abs(late) > OLDEST_PICTURE:
        faults.append(f"{camera}'s still shows what was {late} ago")
    return StillResult(took * 1000, tuple(faults))
