"""Icons of entities; those of actions are checked with the actions."""

import re

import voluptuous as vol

from .integration import Integration, branch


def icon(value: object) -> str:
    """Validate the name of an icon.

    Raises:
        vol.Invalid: it is not one of Material Design Icons.
    """
    if not isinstance(value, str) or not re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", value):
        raise vol.Invalid(f"{value} is no icon: mdi:name")
    return value


ENTITY = {
    vol.Optional("default"): icon,
    vol.Optional("state"): {str: icon},
    vol.Optional("range"): {str: icon},
    vol.Optional("state_attributes"): {
        str: {vol.Required("default"): icon, vol.Optional("state"): {str: icon}}
    },
}
SCHEMA = vol.Schema(
    {
        vol.Optional("entity"): {str: {str: ENTITY}},
        vol.Optional("services"): {
            str: {vol.Required("service"): icon, vol.Optional("sections"): {str: icon}}
        },
    }
)


def check_schema(integration: Integration) -> list[str]:
    """Check the form of `icons.json`."""
    try:
        SCHEMA(dict(integration.icons))
    except vol.Invalid as err:
        return [f"icons.json: {err}"]
    return []


def check_entities(integration: Integration) -> list[str]:
    """Check that icons are for entities and states that there are texts for."""
    found = []
    for platform, entities in branch(integration.icons, "entity").items():
        texts = branch(integration.english, "entity", platform)
        for key, tree in (entities if isinstance(entities, dict) else {}).items():
            if key not in texts:
                found.append(f"icons.json: entity.{platform}.{key} has no texts")
                continue
            states = branch(texts, key, "state")
            found += [
                f"icons.json: entity.{platform}.{key}: there is no state {state}"
                for state in branch(tree, "state")
                if states and state not in states
            ]
    return found
