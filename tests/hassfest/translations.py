"""The form of the translation files, whatever the code does with them."""

from collections.abc import Mapping
import re
import string

from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .integration import Integration, leaves

URL = re.compile(r"\b(?:[a-z]+://|www\.)\S", re.IGNORECASE)
QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")
HTML = re.compile(r"</?[a-zA-Z][^>]*>")
# References that only Home Assistant's own build resolves.
REFERENCE = re.compile(r"\[%key:")
KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def text(value: object) -> str:
    """Validate one text.

    Raises:
        vol.Invalid: it is no string, is empty, or holds what a text may not hold.
    """
    if not isinstance(value, str) or not value:
        raise vol.Invalid("expected a text")
    if value != value.strip():
        raise vol.Invalid("spaces around the text")
    for pattern, problem in (
        (URL, "an address; give it by a placeholder"),
        (HTML, "HTML"),
        (QUOTED_PLACEHOLDER, "a placeholder in single quotes"),
        (REFERENCE, "a reference, which does nothing in a custom integration"),
    ):
        if pattern.search(value):
            raise vol.Invalid(f"holds {problem}")
    try:
        names = placeholders(value)
    except ValueError as err:
        raise vol.Invalid(f"braces do not match: {err}") from err
    for name in names:
        if not name.isidentifier():
            raise vol.Invalid(f"{{{name}}} is no placeholder")
    return value


def placeholders(value: str) -> set[str]:
    """Give the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}


def _key(value: object) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise vol.Invalid(f"{value} is no key: small letters, digits, single underscores")
    return value


TEXTS = {_key: text}
NAMED = {vol.Required("name"): text, vol.Optional("description"): text}
DESCRIBED = {vol.Required("name"): text, vol.Required("description"): text}
FORM_PART = {
    vol.Optional("data"): TEXTS,
    vol.Optional("data_description"): TEXTS,
    vol.Optional("description"): text,
}
STEP = {
    **FORM_PART,
    vol.Optional("title"): text,
    vol.Optional("submit"): text,
    vol.Optional("menu_options"): TEXTS,
    vol.Optional("menu_option_descriptions"): TEXTS,
    vol.Optional("sections"): {_key: {**FORM_PART, vol.Required("name"): text}},
}
FLOW = {
    vol.Optional("flow_title"): text,
    vol.Required("step"): {_key: STEP},
    vol.Optional("error"): TEXTS,
    vol.Optional("abort"): TEXTS,
    vol.Optional("progress"): TEXTS,
    vol.Optional("create_entry"): TEXTS,
}
SUBENTRY_FLOW = {
    **FLOW,
    vol.Required("entry_type"): text,
    vol.Required("initiate_flow"): {vol.Required("user"): text, cv.slug: text},
}
ENTITY = {
    vol.Optional("name"): text,
    vol.Optional("unit_of_measurement"): text,
    vol.Optional("state"): TEXTS,
    vol.Optional("state_attributes"): {
        _key: {vol.Optional("name"): text, vol.Optional("state"): TEXTS}
    },
}
SERVICE = {
    **DESCRIBED,
    vol.Optional("fields"): {_key: DESCRIBED},
    vol.Optional("sections"): {_key: NAMED},
}
SCHEMA = vol.Schema(
    {
        vol.Optional("title"): text,
        vol.Optional("config"): FLOW,
        vol.Optional("config_subentries"): {cv.slug: SUBENTRY_FLOW},
        vol.Optional("options"): FLOW,
        vol.Optional("device"): {_key: {vol.Required("name"): text}},
        vol.Optional("device_automation"): {
            vol.In(["action_type", "condition_type", "trigger_type", "trigger_subtype"]): TEXTS
        },
        vol.Optional("entity"): {vol.In([platform.value for platform in Platform]): {_key: ENTITY}},
        vol.Optional("exceptions"): {_key: {vol.Required("message"): text}},
        vol.Optional("issues"): {
            _key: vol.Any(
                {vol.Required("title"): text, vol.Required("description"): text},
                {vol.Required("title"): text, vol.Required("fix_flow"): FLOW},
            )
        },
        vol.Optional("selector"): {_key: {vol.Optional("options"): TEXTS}},
        vol.Optional("services"): {_key: SERVICE},
        vol.Optional("system_health"): {vol.Optional("info"): TEXTS},
    }
)


def check_schema(integration: Integration) -> list[str]:
    """Check the form of every language's file and each text in it."""
    found = []
    for language, tree in integration.translations.items():
        try:
            SCHEMA(dict(tree))
        except vol.Invalid as err:
            found.append(f"{language}.json: {err}")
    return found


def check_languages(integration: Integration) -> list[str]:
    """Check that every language says the same things about the same placeholders."""
    found = []
    english = dict(leaves(integration.english))
    for language, tree in integration.translations.items():
        texts = dict(leaves(tree))
        found += [f"{language}.json: {key} is missing" for key in english if key not in texts]
        found += [
            f"{language}.json: {key} is not in en.json" for key in texts if key not in english
        ]
        found += [
            f"{language}.json: {key} has other placeholders than en.json"
            for key in english.keys() & texts.keys()
            if _placeholders(texts[key]) != _placeholders(english[key])
        ]
    return found


def _placeholders(value: object) -> set[str] | None:
    try:
        return placeholders(str(value))
    except ValueError:
        return None


def check_english_is_there(integration: Integration) -> list[str]:
    """Check that there is the language that all others fall back to."""
    needs_texts = integration.services or integration.manifest.get("config_flow")
    if needs_texts and "en" not in integration.translations:
        return ["translations/en.json is missing"]
    return []


def check_form_fields(integration: Integration) -> list[str]:
    """Check that every field of every form has a label and an explanation."""
    found = []
    for flow, tree in flows(integration):
        for place, part in _form_parts(tree, flow):
            labels = _mapping(part.get("data"))
            explained = _mapping(part.get("data_description"))
            found += [
                f"en.json: {place}: {key} has a label and no data_description"
                for key in labels
                if key not in explained
            ]
            found += [
                f"en.json: {place}: {key} has a data_description and no label"
                for key in explained
                if key not in labels
            ]
    return found


def flows(integration: Integration) -> list[tuple[str, Mapping[str, object]]]:
    """Give every flow that has texts, with the name of its place."""
    english = integration.english
    found = [(key, _mapping(english.get(key))) for key in ("config", "options") if key in english]
    for kind, tree in _mapping(english.get("config_subentries")).items():
        found.append((f"config_subentries.{kind}", _mapping(tree)))
    for issue, tree in _mapping(english.get("issues")).items():
        fix = _mapping(tree).get("fix_flow")
        if fix is not None:
            found.append((f"issues.{issue}.fix_flow", _mapping(fix)))
    return found


def _form_parts(flow: Mapping[str, object], place: str) -> list[tuple[str, Mapping[str, object]]]:
    parts = []
    for step, tree in _mapping(flow.get("step")).items():
        parts.append((f"{place}.step.{step}", _mapping(tree)))
        for section, inner in _mapping(_mapping(tree).get("sections")).items():
            parts.append((f"{place}.step.{step}.sections.{section}", _mapping(inner)))
    return parts


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
