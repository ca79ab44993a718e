"""A small integration that passes every check, for tests to break in one place at a time."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import cast

type Tree = dict[str, object]

MANIFEST: Tree = {
    "domain": "example",
    "name": "Example",
    "codeowners": ["@someone"],
    "config_flow": True,
    "dependencies": ["http"],
    "documentation": "https://example.com/docs",
    "integration_type": "hub",
    "iot_class": "local_polling",
    "issue_tracker": "https://example.com/issues",
    "requirements": ["package==1.2.3"],
    "version": "1.0.0",
}
INIT = """
from homeassistant.components.http import HomeAssistantView
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from .const import DOMAIN, SERVICE_SAVE

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

async def async_setup(hass, config):
    hass.services.async_register(DOMAIN, SERVICE_SAVE, save)
    return True

async def save(call):
    if call.data["wrong"]:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="too_long",
            translation_placeholders={"limit": "5"},
        )
    raise translated("refused", {"right": "playback"})
"""
CONST = """
DOMAIN = "example"
SERVICE_SAVE = "save"
"""
CONFIG_FLOW = """
from homeassistant.const import CONF_HOST
import voluptuous as vol

class ExampleFlow:
    async def async_step_user(self, user_input=None):
        errors = {}
        if user_input:
            self._abort_if_unique_id_configured()
            errors["base"] = "cannot_connect"
        return self.async_show_form(
            step_id="user",
            data_schema=vol.Schema({vol.Required(CONF_HOST): str}),
            errors=errors,
            description_placeholders={"sample_host": "192.0.2.1"},
        )
"""
SENSOR = """
from homeassistant.components.sensor import SensorEntityDescription

SENSORS = (SensorEntityDescription(key="state", translation_key="state"),)
"""
SERVICES = """
save:
  target:
    entity:
      domain: camera
  fields:
    length:
      required: true
      selector:
        number:
          min: 1
          max: 5
    more:
      collapsed: true
      fields:
        name:
          selector:
            text:
"""
ENGLISH: Tree = {
    "config": {
        "step": {
            "user": {
                "description": "For example {sample_host}.",
                "data": {"host": "Host"},
                "data_description": {"host": "Where it is."},
            }
        },
        "error": {"cannot_connect": "It does not answer."},
        "abort": {"already_configured": "It is already there."},
    },
    "entity": {"sensor": {"state": {"name": "State", "state": {"ok": "OK"}}}},
    "exceptions": {
        "too_long": {"message": "At most {limit} minutes."},
        "refused": {"message": "The account lacks the right {right}."},
    },
    "services": {
        "save": {
            "name": "Save",
            "description": "Saves.",
            "fields": {
                "length": {"name": "Length", "description": "How long."},
                "name": {"name": "Name", "description": "How it is called."},
            },
            "sections": {"more": {"name": "More"}},
        }
    },
}
ICONS: Tree = {
    "entity": {"sensor": {"state": {"default": "mdi:eye", "state": {"ok": "mdi:check"}}}},
    "services": {"save": {"service": "mdi:content-save"}},
}


class Example:
    """The example in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Write it below `folder`."""
        self.root = folder
        self.path = folder / "custom_components/example"
        (self.path / "translations").mkdir(parents=True)
        self.write("manifest.json", json.dumps(MANIFEST))
        self.write("icons.json", json.dumps(ICONS))
        self.write("translations/en.json", json.dumps(ENGLISH))
        self.write("services.yaml", SERVICES)
        self.write("__init__.py", INIT)
        self.write("const.py", CONST)
        self.write("config_flow.py", CONFIG_FLOW)
        self.write("sensor.py", SENSOR)

    def write(self, name: str, text: str) -> None:
        """Write a file anew."""
        (self.path / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file in one place, which has to be there."""
        text = (self.path / name).read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old}"
        self.write(name, text.replace(old, new, 1))

    def edit(self, name: str, change: Callable[[Tree], object]) -> None:
        """Change a JSON file."""
        tree = cast("Tree", json.loads((self.path / name).read_text(encoding="utf-8")))
        change(tree)
        self.write(name, json.dumps(tree))
