"""Does a recorder that gives no footage on say so, rather than leave people waiting?"""

from datetime import UTC, datetime, timedelta

from demo.api import Api, ApiError
from demo.entry import Entry
from demo.recorders import RecorderChannel
from demo.steps.automation import ClipFailedError, ring

AGO = timedelta(hours=1)
LENGTH = timedelta(seconds=5)
# What Home Assistant says of what nobody foresaw.
UNFORESEEN = "unknown_error"


async def clip_refusal_faults(api: Api, entry: Entry, channel: RecorderChannel) -> list[str]:
    """Ask for a clip that can't be had, and return what is wrong with the answer, in words."""
    start = datetime.now(UTC) - AGO
    camera = entry.cameras[channel.name].entity_id
    try:
        # The WebSocket tells an orderly error from one that nobody foresaw.
        await api.ask(
            "call_service",
            domain="nvr",
            service="download_clip",
            service_data={
                "entity_id": [camera],
                "start": start.isoformat(),
                "end": (start + LENGTH).isoformat(),
            },
            return_response=True,
        )
    except ApiError as error:
        if isinstance(error.answer, dict) and error.answer.get("code") != UNFORESEEN:
            return [] if error.answer.get("message") else [f"{camera}: refused without a word"]
        return [f"{camera}: {error}"]
    return [f"{camera}: a clip came of a recorder that gives none"]


async def ring_refusal_faults(api: Api) -> list[str]:
    """Ring for a clip that can't be had, and return what is wrong with what is heard of it, in words."""
    try:
        await ring(api)
    except ClipFailedError as error:
        return [] if error.reason else ["the automation's clip failed without a word"]
    return ["the automation's clip came of a recorder that gives none"]
