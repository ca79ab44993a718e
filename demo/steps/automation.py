"""Does an automation made from the blueprint save a clip?"""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from demo.api import Api

BLUEPRINT: Final = "nvr/save_clip.yaml"
AUTOMATION: Final = "doorbell_clip"
BUTTON: Final = "input_boolean.doorbell"
BEFORE_S, AFTER_S = 6, 3
READY_LIMIT_S = 120.0
LOADED_LIMIT_S = 60.0
POLL_INTERVAL_S = 0.1
EVENTS: Final = ({"event_type": "nvr_clip_ready"}, {"event_type": "nvr_clip_failed"})


class ClipFailedError(ValueError):
    """The doorbell rang, and no clip could be made.

    Attributes:
        reason: what the event said of it.
    """

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"no clip: {reason}")
        self.reason = reason


async def make_automation(api: Api, cameras: list[str]) -> None:
    """Make the automation as Home Assistant's page does: the doorbell saves a clip of cameras.

    Raises:
        TimeoutError: it was not taken into service.
    """
    await api.post(
        f"/api/config/automation/config/{AUTOMATION}",
        alias="Doorbell",
        use_blueprint={
            "path": BLUEPRINT,
            "input": {
                "happening": [{"trigger": "state", "entity_id": BUTTON, "to": "on"}],
                "cameras": {"entity_id": cameras},
                "before": BEFORE_S,
                "after": AFTER_S,
                "clip_name": "Doorbell",
            },
        },
    )
    # Home Assistant answers as soon as the file is written, and loads the automation after that.
    async with asyncio.timeout(LOADED_LIMIT_S):
        while not await _in_service(api):
            await asyncio.sleep(POLL_INTERVAL_S)


async def remove_automation(api: Api) -> None:
    """Take the automation away, if there is one.

    Raises:
        TimeoutError: it stayed in service.
    """
    if not await _in_service(api):
        return
    await api.request("DELETE", f"/api/config/automation/config/{AUTOMATION}")
    async with asyncio.timeout(LOADED_LIMIT_S):
        while await _in_service(api):
            await asyncio.sleep(POLL_INTERVAL_S)


async def _in_service(api: Api) -> bool:
    return any(
        state["attributes"].get("id") == AUTOMATION and state["state"] == "on"
        for state in await api.states()
    )


async def ring(api: Api) -> tuple[datetime, Any]:
    """Ring and wait for the clip; return when it rang and what the event said of the clip.

    Raises:
        ClipFailedError: it could not be made.
        TimeoutError: nothing was heard of a clip.
    """
    async with asyncio.timeout(READY_LIMIT_S), api.websocket() as socket:
        await api.post("/api/services/input_boolean/turn_off", entity_id=BUTTON)
        ended = await socket.subscribe("subscribe_events", *EVENTS)
        rang = datetime.now(UTC)
        await api.post("/api/services/input_boolean/turn_on", entity_id=BUTTON)
        event = await anext(ended)
    if event["event_type"] != "nvr_clip_ready":
        raise ClipFailedError(event["data"].get("message"))
    return rang, event["data"]
