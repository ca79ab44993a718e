"""A config flow with steps that take their time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType

from .const import DOMAIN, LOGGER


class ProgressFlow(ConfigFlow):
    """Shows that work is going on. A step may be shown only after it, so the work names the one that follows."""

    _work: asyncio.Task[str] | None = None

    async def _async_work(
        self, step_id: str, work: Callable[[], Coroutine[Any, Any, str]]
    ) -> ConfigFlowResult:
        """Do the work of a step, and go on with the step that it names; until then this is called again and again."""
        if self._work is None:
            self._work = self.hass.async_create_task(work(), f"{DOMAIN} {step_id}")
        if not self._work.done():
            return self.async_show_progress(
                step_id=step_id, progress_action=step_id, progress_task=self._work
            )
        task, self._work = self._work, None
        if (mistake := task.exception()) is not None:
            # Otherwise it would be shown for ever that work is going on.
            LOGGER.error("The step %s of a flow failed", step_id, exc_info=mistake)
            next_step = "failed"
        else:
            next_step = task.result()
        shown = self.cur_step
        if shown is not None and shown["type"] is FlowResultType.SHOW_PROGRESS:
            return self.async_show_progress_done(next_step_id=next_step)
        # Done before anything could be shown. What came with this step is not meant for the next.
        step: Callable[[], Coroutine[Any, Any, ConfigFlowResult]] = getattr(
            self, f"async_step_{next_step}"
        )
        return await step()

    async def async_step_failed(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """End because of a mistake of ours."""
        return self.async_abort(reason="internal_error")
