"""Actions: their description for the page, their texts and icons."""

import ast
from collections.abc import Iterator, Mapping

from homeassistant.helpers import config_validation as cv, selector
import voluptuous as vol

from .integration import Integration, Json, branch
from .words import Words

FIELD = vol.Schema(
    {
        vol.Optional("required"): bool,
        vol.Optional("advanced"): bool,
        vol.Optional("default"): vol.NotIn([None]),
        vol.Optional("example"): vol.NotIn([None]),
        vol.Optional("filter"): dict,
        vol.Required("selector"): selector.validate_selector,
    }
)
SECTION = vol.Schema({vol.Optional("collapsed"): bool, vol.Required("fields"): {cv.slug: FIELD}})
SERVICE = vol.Schema(
    {
        vol.Optional("target"): vol.Any(None, selector.TargetSelector.CONFIG_SCHEMA),
        vol.Optional("fields"): {cv.slug: vol.Any(SECTION, FIELD)},
    }
)
# The place of the name among the arguments of the functions that register an action.
REGISTERING = {
    "async_register": 1,
    "async_register_admin_service": 2,
    "async_register_batched_admin_service": 2,
    "async_register_platform_entity_service": 2,
    "async_register_entity_service": 0,
}


def check_schema(integration: Integration) -> list[str]:
    """Check the form of `services.yaml`."""
    found = []
    for name, service in integration.services.items():
        try:
            cv.slug(name)
            SERVICE(dict(service or {}))
        except vol.Invalid as err:
            found.append(f"services.yaml: {name}: {err}")
        seen: set[str] = set()
        for field, _ in fields(service):
            if field in seen:
                found.append(f"services.yaml: {name}: field {field} is there twice")
            seen.add(field)
    return found


def fields(service: Json | None) -> Iterator[tuple[str, Json]]:
    """Give the fields of an action, those in sections too."""
    for name, field in branch(service, "fields").items():
        if isinstance(field, Mapping) and "fields" in field:
            yield from ((inner, branch(field, "fields", inner)) for inner in field["fields"])
        else:
            yield name, field if isinstance(field, Mapping) else {}


def check_texts(integration: Integration) -> list[str]:
    """Check that actions, fields and sections have texts, and no texts are for others."""
    found = []
    texts = branch(integration.english, "services")
    for name, service in integration.services.items():
        found += _without(texts, name, f"action {name}")
        wanted = {field for field, _ in fields(service)}
        there = branch(texts, name, "fields")
        for field in sorted(wanted):
            found += _without(there, field, f"action {name}, field {field}")
        found += [
            f"en.json: action {name} has no field {key}" for key in there if key not in wanted
        ]
        sections = _sections(service)
        there = branch(texts, name, "sections")
        found += [
            f"en.json: action {name}, section {key}: no name"
            for key in sections
            if not branch(there, key).get("name")
        ]
        found += [
            f"en.json: action {name} has no section {key}" for key in there if key not in sections
        ]
    found += [
        f"en.json: there is no action {name}" for name in texts if name not in integration.services
    ]
    return found


def _sections(service: Json | None) -> list[str]:
    parts = branch(service, "fields")
    return [name for name, part in parts.items() if isinstance(part, Mapping) and "fields" in part]


def _without(texts: Json, key: str, what: str) -> list[str]:
    return [
        f"en.json: {what}: no {part}"
        for part in ("name", "description")
        if not branch(texts, key).get(part)
    ]


def check_icons(integration: Integration) -> list[str]:
    """Check that each action has an icon, and no icon is for another."""
    icons = branch(integration.icons, "services")
    found = []
    for name, service in integration.services.items():
        if not branch(icons, name).get("service"):
            found.append(f"icons.json: action {name} has no icon")
        sections = _sections(service)
        found += [
            f"icons.json: action {name} has no section {key}"
            for key in branch(icons, name, "sections")
            if key not in sections
        ]
    found += [
        f"icons.json: there is no action {name}"
        for name in icons
        if name not in integration.services
    ]
    return found


def check_registered(integration: Integration) -> list[str]:
    """Check that code registers the actions described, and describes those registered."""
    registered: set[str] = set()
    unknown = False
    for path, module in integration.modules.items():
        words = Words(integration, path)
        for node in ast.walk(module):
            place = _registers(node)
            if place is None or not isinstance(node, ast.Call):
                continue
            name = words.text(_argument(node, place, "service"))
            unknown = unknown or name is None
            registered.update(() if name is None else (name,))
    found = [
        f"services.yaml: registered action {name} is missing"
        for name in sorted(registered - set(integration.services))
    ]
    if not unknown:
        found += [
            f"services.yaml: nothing registers {name}"
            for name in integration.services
            if name not in registered
        ]
    return found


def _registers(node: ast.AST) -> int | None:
    """Tell which argument names the action, if a node registers one."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in REGISTERING:
            if attr == "async_register" and not ast.unparse(owner).endswith("services"):
                return None
            return REGISTERING[attr]
        case ast.Call(func=ast.Name(id=name)) if name in REGISTERING and name != "async_register":
            return REGISTERING[name]
    return None


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    if len(call.args) > place:
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
