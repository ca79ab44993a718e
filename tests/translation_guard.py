"""Sees every text that a test makes Home Assistant look up, and whether it is there.

The checks in `tests/hassfest` read the code; a key that is only made at run time they can't
know. Each test that has a Home Assistant therefore also watches what is really asked for:
exceptions, forms, reasons for ending a flow, and entities with their states.
"""

from collections.abc import Iterable, Mapping
import json
from pathlib import Path
from typing import cast

from homeassistant.config_entries import (
    ConfigEntriesFlowManager,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
import voluptuous as vol

from tests.hassfest.flows import CORE_ABORTS
from tests.hassfest.integration import Json, branch
from tests.hassfest.translations import placeholders

DOMAIN = "nvr"
ENGLISH = Path(__file__).resolve().parents[1] / "custom_components/nvr/translations/en.json"


def english_texts() -> Json:
    """Read the integration's English texts."""
    return cast("Json", json.loads(ENGLISH.read_text(encoding="utf-8")))


class TranslationGuard:
    """Collects what is missing while a test runs."""

    def __init__(self, english: Json, domain: str = DOMAIN) -> None:
        """Start with nothing missing of an integration's English texts."""
        self._english = english
        self.domain = domain
        self.missing: list[str] = []

    def see_exception(self, key: str | None, given: Mapping[str, str] | None) -> None:
        """Look at an exception that is made for a person to read."""
        message = branch(self._english, "exceptions", key or "").get("message")
        if not isinstance(message, str):
            self.missing.append(f"exceptions.{key}")
        elif placeholders(message) != set(given or ()):
            self.missing.append(f"exceptions.{key} with the placeholders {sorted(given or ())}")

    def see_flow(self, result: ConfigFlowResult) -> None:
        """Look at what a config flow shows next."""
        given = result.get("description_placeholders") or {}
        if result["type"] is FlowResultType.ABORT:
            reason = result["reason"]
            if reason not in CORE_ABORTS:
                self._see_text(f"config.abort.{reason}", given)
        elif result["type"] is FlowResultType.SHOW_PROGRESS:
            self._see_text(f"config.progress.{result['progress_action']}", given)
        elif result["type"] is FlowResultType.FORM:
            step = f"config.step.{result['step_id']}"
            self._see_fields(step, result["data_schema"])
            description = branch(self._english, *step.split(".")).get("description")
            if description is not None:
                self._see_text(f"{step}.description", given)
            for error in (result.get("errors") or {}).values():
                self._see_text(f"config.error.{error}", given)

    def _see_fields(self, place: str, schema: vol.Schema | None) -> None:
        for key, value in (schema.schema if schema is not None else {}).items():
            inner = getattr(value, "schema", None)
            if isinstance(inner, vol.Schema):
                self._see_text(f"{place}.sections.{key}.name", {})
                self._see_fields(f"{place}.sections.{key}", inner)
            else:
                self._see_text(f"{place}.data.{key}", {})
                self._see_text(f"{place}.data_description.{key}", {})

    def _see_text(self, place: str, given: Iterable[str]) -> None:
        *way, last = place.split(".")
        text = branch(self._english, *way).get(last)
        if not isinstance(text, str):
            self.missing.append(place)
        elif not placeholders(text) <= {*given, "name"}:
            self.missing.append(f"{place} with the placeholders {sorted(given)}")

    def see_entities(self, entries: Iterable[er.RegistryEntry]) -> None:
        """Look at all entities that came to be, and the states they may take."""
        for entry in entries:
            if entry.platform != self.domain or entry.translation_key is None:
                continue
            texts = branch(self._english, "entity", entry.domain)
            place = f"entity.{entry.domain}.{entry.translation_key}"
            if entry.translation_key not in texts:
                self.missing.append(place)
                continue
            texts = branch(texts, entry.translation_key)
            capabilities = entry.capabilities or {}
            self._see_states(f"{place}.state", texts, capabilities.get("options"))
            events = branch(texts, "state_attributes", "event_type")
            self._see_states(f"{place}.event_type", events, capabilities.get("event_types"))

    def _see_states(self, place: str, texts: Json, states: object) -> None:
        known = branch(texts, "state")
        named = states if isinstance(states, list) else []
        self.missing += [f"{place}.{state}" for state in named if state not in known]


def watch(hass: HomeAssistant, guard: TranslationGuard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Show a guard what a Home Assistant looks up from now on."""
    make_exception = HomeAssistantError.__init__

    def seen_exception(self: HomeAssistantError, *args: object, **keywords: object) -> None:
        make_exception(self, *args, **keywords)  # type: ignore[arg-type]  # passed on as they came
        if self.translation_domain == guard.domain:
            guard.see_exception(self.translation_key, self.translation_placeholders)

    monkeypatch.setattr(HomeAssistantError, "__init__", seen_exception)
    _watch_flows(hass.config_entries.flow, guard, monkeypatch)


def _watch_flows(
    manager: ConfigEntriesFlowManager, guard: TranslationGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, go_on = manager.async_init, manager.async_configure

    async def seen_begin(
        handler: str, *, context: ConfigFlowContext | None = None, data: object = None
    ) -> ConfigFlowResult:
        result = await begin(handler, context=context, data=data)
        if handler == guard.domain:
            guard.see_flow(result)
        return result

    async def seen_go_on(
        flow_id: str, user_input: dict[str, object] | None = None
    ) -> ConfigFlowResult:
        result = await go_on(flow_id, user_input)
        if result["handler"] == guard.domain:
            guard.see_flow(result)
        return result

    monkeypatch.setattr(manager, "async_init", seen_begin)
    monkeypatch.setattr(manager, "async_configure", seen_go_on)
