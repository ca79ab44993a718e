"""The guard over texts looked up at run time notices each kind that is missing."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
import voluptuous as vol

from tests.hassfest.integration import Json
from tests.translation_guard import DOMAIN, TranslationGuard, watch

ENGLISH: Json = {
    "exceptions": {"too_long": {"message": "At most {limit}."}},
    "config": {
        "step": {
            "user": {
                "description": "Tries left: {tries}.",
                "data": {"host": "Host"},
                "data_description": {"host": "Where."},
                "sections": {
                    "more": {
                        "name": "More",
                        "data": {"port": "Port"},
                        "data_description": {"port": "A number."},
                    }
                },
            }
        },
        "error": {"refused": "No."},
        "abort": {"not_ours": "No."},
    },
    "entity": {
        "sensor": {"state": {"name": "State", "state": {"ok": "OK"}}},
        "event": {"clip": {"state_attributes": {"event_type": {"state": {"ready": "Ready"}}}}},
    },
}


def test_exceptions_need_their_text_and_exactly_its_placeholders() -> None:
    guard = TranslationGuard(ENGLISH)
    guard.see_exception("too_long", {"limit": "5"})
    assert guard.missing == []
    guard.see_exception("too_short", None)
    guard.see_exception("too_long", None)
    guard.see_exception("too_long", {"limit": "5", "more": "1"})
    assert guard.missing == [
        "exceptions.too_short",
        "exceptions.too_long with the placeholders []",
        "exceptions.too_long with the placeholders ['limit', 'more']",
    ]


def _form(**more: object) -> ConfigFlowResult:
    schema = vol.Schema(
        {
            vol.Required("host"): str,
            vol.Required("more"): section(vol.Schema({vol.Optional("port"): int})),
        }
    )
    form: dict[str, object] = {
        "type": FlowResultType.FORM,
        "step_id": "user",
        "data_schema": schema,
        "description_placeholders": {"tries": "3"},
        "errors": {"base": "refused"},
    }
    result = ConfigFlowResult(flow_id="1", handler=DOMAIN)
    result.update({**form, **more})  # type: ignore[typeddict-item]  # keys as in a real answer
    return result


def test_a_form_with_all_its_texts_passes() -> None:
    guard = TranslationGuard(ENGLISH)
    guard.see_flow(_form())
    assert guard.missing == []


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"errors": {"base": "locked"}}, ["config.error.locked"]),
        (
            {"description_placeholders": None},
            ["config.step.user.description with the placeholders []"],
        ),
        (
            {"data_schema": vol.Schema({"name": str})},
            ["config.step.user.data.name", "config.step.user.data_description.name"],
        ),
        (
            {"data_schema": vol.Schema({"more": section(vol.Schema({"rtsp": int}))})},
            [
                "config.step.user.sections.more.data.rtsp",
                "config.step.user.sections.more.data_description.rtsp",
            ],
        ),
        ({"type": FlowResultType.ABORT, "reason": "other"}, ["config.abort.other"]),
        ({"type": FlowResultType.ABORT, "reason": "not_ours"}, []),
        ({"type": FlowResultType.ABORT, "reason": "reauth_successful"}, []),
    ],
)
def test_what_a_flow_shows_needs_texts(more: dict[str, object], missing: list[str]) -> None:
    guard = TranslationGuard(ENGLISH)
    guard.see_flow(_form(**more))
    assert guard.missing == missing


def test_entities_and_their_states_need_texts(entity_registry: er.EntityRegistry) -> None:
    guard = TranslationGuard(ENGLISH)
    for domain, key, capabilities in (
        ("sensor", "state", {"options": ["ok", "bad"]}),
        ("sensor", "other", {}),
        ("event", "clip", {"event_types": ["ready", "failed"]}),
    ):
        entity_registry.async_get_or_create(
            domain, "other", key, translation_key="foreign", capabilities=capabilities
        )
        guard.see_entities([_entry(entity_registry, domain, key, capabilities)])
    assert guard.missing == [
        "entity.sensor.state.state.bad",
        "entity.sensor.other",
        "entity.event.clip.event_type.failed",
    ]


def _entry(
    registry: er.EntityRegistry, domain: str, key: str, capabilities: dict[str, list[str]]
) -> er.RegistryEntry:
    made = registry.async_get_or_create(
        domain, DOMAIN, key, translation_key=key, capabilities=capabilities
    )
    registry.async_remove(made.entity_id)  # the guard of this very test must not see it
    return made


def test_an_exception_made_anywhere_is_seen(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = TranslationGuard(ENGLISH, "watched")
    watch(hass, guard, monkeypatch)
    ServiceValidationError(translation_domain="watched", translation_key="unheard_of")
    ServiceValidationError(translation_domain="foreign", translation_key="unheard_of")
    HomeAssistantError("in plain words")
    assert guard.missing == ["exceptions.unheard_of"]
