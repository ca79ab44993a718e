"""A config flow of Home Assistant, gone through by a program: each form is answered by the name of its step."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from demo.api import Api

FLOW: Final = "/api/config/config_entries/flow"
POLL_INTERVAL_S = 0.05
PROGRESS_LIMIT_S = 120.0


async def go_through(api: Api, domain: str, answers: Mapping[str, Mapping[str, Any]]) -> Any:
    """Begin a flow, answer its forms, and return what it ends with, or the form that it doesn't get past.

    Raises:
        TimeoutError: something takes too long that it says is going on.
    """
    return await go_on(api, await api.post(FLOW, handler=domain), answers)


async def go_on(api: Api, shown: Any, answers: Mapping[str, Mapping[str, Any]]) -> Any:
    """Go through the rest of a flow that shows something already; of a menu, the answer is the next step.

    Raises:
        TimeoutError: something takes too long that it says is going on.
    """
    shown = await _settled(api, shown)
    while (
        shown["type"] in ("form", "menu")
        and not shown.get("errors")
        and shown["step_id"] in answers
    ):
        answer = answers[shown["step_id"]]
        shown = await _settled(api, await api.post(f"{FLOW}/{shown['flow_id']}", **answer))
    return shown


async def _settled(api: Api, shown: Any) -> Any:
    async with asyncio.timeout(PROGRESS_LIMIT_S):
        while shown["type"] == "progress":
            await asyncio.sleep(POLL_INTERVAL_S)
            shown = await api.get(f"{FLOW}/{shown['flow_id']}")
    return shown
