"""Clips that tests wish for, and where they look for them."""

from datetime import timedelta

from homeassistant.core import Context

from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.library.job import ClipRequest, Job
from custom_components.nvr.library.maker import Patience
from custom_components.nvr.library.queue import ClipQueue

HASTY = Patience(
    settle=timedelta(),
    ask_again=timedelta(seconds=1),
    wait_limit=timedelta(minutes=3),
    retries=(timedelta(), timedelta()),
)
CONTEXT = Context(user_id=None, parent_id="parent", id="call")


def request(recording: Recording, offset: float = 60, seconds: float = 30) -> ClipRequest:
    start = recording.start + timedelta(seconds=offset)
    return ClipRequest(
        channel=recording.channel,
        stream=recording.stream,
        start=start,
        end=start + timedelta(seconds=seconds),
        name="door",
    )


async def submit(queue: ClipQueue, wish: ClipRequest) -> Job:
    return await queue.submit(wish, "camera.front_door", CONTEXT)


def files(queue: ClipQueue) -> list[str]:
    """Return the names of all files below the library's folder, hidden ones too."""
    return sorted(path.name for path in queue.folder.root.rglob("*") if path.is_file())
