"""Is a saved clip in the media browser, and does a browser show it from the asked start to the end?"""

from dataclasses import dataclass
from datetime import timedelta

from demo.entry import Entry
from demo.frontend import Frontend
from demo.steps.clip import Wish
from demo.steps.playback import (
    FIRST_FRAME_LIMIT_S,
    SAVED_CLIPS,
    SOURCE,
    day_title,
    title_beginnings,
)
from demo.video import Sight, Video

SEEK_LIMIT_S = 30.0
# In pictures: a player that is sent to the very end shows nothing, or what it showed before.
BEFORE_THE_END = 0.8


@dataclass(frozen=True)
class SavedClipResult:
    """How far a clip's first and last picture in the browser are from what was asked for."""

    start_error_s: float
    end_error_s: float
    channel: int


async def watch_saved_clip(frontend: Frontend, entry: Entry, wish: Wish) -> SavedClipResult:
    """Find a clip under the saved ones and look at its two ends.

    Raises:
        VideoError: no picture came.
    """
    folders = (SOURCE, SAVED_CLIPS, entry.title, wish.channel.name, day_title(wish.start))
    await frontend.browse_media(*folders)
    video, _ = await frontend.play_media(title_beginnings(wish.start))
    first, last = await _ends(video, wish.channel.frame_s)
    await frontend.close_dialog()
    frame = timedelta(seconds=wish.channel.frame_s)
    return SavedClipResult(
        abs((first.instant - wish.start).total_seconds()),
        abs((last.instant + frame - wish.end).total_seconds()),
        first.pattern.channel,
    )


async def _ends(video: Video, frame_s: float) -> tuple[Sight, Sight]:
    await video.first_sight(FIRST_FRAME_LIMIT_S)
    await video.pause()
    first = await video.seek(0, SEEK_LIMIT_S)
    last = await video.seek(await video.duration_s() - BEFORE_THE_END * frame_s, SEEK_LIMIT_S)
    return first, last
