"""A config flow with forms that say what went wrong, and steps that take their time."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PASSWORD
from homeassistant.data_entry_flow import FlowResultType
import voluptuous as vol

from .const import DOMAIN, LOGGER
from .drivers.errors import DriverError
from .exceptions import translation_of


class ProgressFlow(ConfigFlow):
    """Shows that work is going on. A step may be shown only after it, so the work names the one that follows."""

    def __init__(self) -> None:
        """Initialize."""
        self._work: asyncio.Task[str] | None = None
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}

    def _note(self, error: DriverError) -> None:
        """Keep what a driver's error says for the form that is shown next."""
        translation = translation_of(error)
        self._errors = {"base": translation.key}
        self._placeholders = translation.placeholders

    def _async_show(
        self, step_id: str, schema: vol.Schema, values: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Show a form with what was typed, except the password, and with what is wrong about it."""
        values = {key: value for key, value in values.items() if key != CONF_PASSWORD}
        errors, self._errors = self._errors, {}
        placeholders, self._placeholders = self._placeholders, {}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders=placeholders,
        )

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
