"""The manifest, and what follows from it for the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from urllib.parse import urlparse

from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy
from homeassistant import components
from homeassistant.const import Platform
import voluptuous as vol

from .integration import Integration

CORE_COMPONENTS = Path(next(iter(components.__path__)))
VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.PEP440,
]
INTEGRATION_TYPES = ["device", "entity", "hardware", "helper", "hub", "service", "system"]
IOT_CLASSES = [
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
]
# Parts of Home Assistant that are always there, so that code may import them unlisted.
ALWAYS_THERE = {
    *(platform.value for platform in Platform),
    "automation",
    "blueprint",
    "diagnostics",
    "homeassistant",
    "logbook",
    "persistent_notification",
    "script",
    "system_health",
}


def _https(value: str) -> str:
    if urlparse(value).scheme != "https" or not urlparse(value).netloc:
        raise vol.Invalid("not an https address")
    if urlparse(value).netloc == "www.home-assistant.io":
        raise vol.Invalid("documentation of a custom integration is its own")
    return value


def _version(value: str) -> str:
    try:
        AwesomeVersion(value, ensure_strategy=VERSION_STRATEGIES)
    except AwesomeVersionException as err:
        raise vol.Invalid(str(err)) from err
    return value


def _with_wildcard(value: str) -> str:
    if "*" not in value:
        raise vol.Invalid("a matcher needs a wildcard")
    return value


def _upper(value: str) -> str:
    if value != value.upper():
        raise vol.Invalid("has to be upper case")
    return value


def _lower(value: str) -> str:
    if value != value.lower():
        raise vol.Invalid("has to be lower case")
    return value


def _pinned(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==[A-Za-z0-9.]+", value):
        raise vol.Invalid("a requirement names one version: package==1.2.3")
    return value


SCHEMA = vol.Schema(
    {
        vol.Required("domain"): str,
        vol.Required("name"): str,
        vol.Required("codeowners"): vol.All([vol.Match(r"^@[\w/-]+$")], vol.Length(min=1)),
        vol.Required("documentation"): vol.All(str, _https),
        vol.Required("iot_class"): vol.In(IOT_CLASSES),
        vol.Required("issue_tracker"): vol.All(str, _https),
        vol.Required("version"): vol.All(str, _version),
        vol.Optional("after_dependencies"): [str],
        vol.Optional("config_flow"): bool,
        vol.Optional("dependencies"): [str],
        vol.Optional("dhcp"): [
            vol.Schema(
                {
                    vol.Optional("macaddress"): vol.All(str, _upper, _with_wildcard),
                    vol.Optional("hostname"): vol.All(str, _lower),
                    vol.Optional("registered_devices"): bool,
                }
            )
        ],
        vol.Optional("import_executor"): bool,
        vol.Optional("integration_type"): vol.In(INTEGRATION_TYPES),
        vol.Optional("loggers"): [str],
        vol.Optional("requirements"): [vol.All(str, _pinned)],
        vol.Optional("single_config_entry"): bool,
        vol.Optional("ssdp"): [vol.All({str: str}, vol.Length(min=1))],
        vol.Optional("zeroconf"): [
            vol.Any(
                str,
                {
                    vol.Required("type"): str,
                    vol.Optional("name"): vol.All(str, _lower),
                    vol.Optional("properties"): {str: vol.All(str, _lower)},
                },
            )
        ],
    }
)


def check_schema(integration: Integration) -> list[str]:
    """Check keys and values of the manifest."""
    try:
        SCHEMA(dict(integration.manifest))
    except vol.Invalid as err:
        return [f"manifest.json: {err}"]
    found = []
    domain = integration.manifest["domain"]
    if domain != integration.path.name:
        found.append(f"manifest.json: domain {domain} in folder {integration.path.name}")
    if (CORE_COMPONENTS / str(domain)).exists():
        found.append(f"manifest.json: domain {domain} shadows one of Home Assistant's own")
    return found


def check_order(integration: Integration) -> list[str]:
    """Check that the keys stand as hassfest wants them: domain, name, then by the alphabet."""
    keys = list(integration.manifest)
    right = ["domain", "name", *sorted(key for key in keys if key not in {"domain", "name"})]
    return [] if keys == right else [f"manifest.json: keys have to stand in the order {right}"]


def check_dependencies(integration: Integration) -> list[str]:
    """Check that listed parts of Home Assistant exist and imported ones are listed."""
    first = _names(integration, "dependencies")
    after = _names(integration, "after_dependencies")
    found = [f"manifest.json: {name} is in both lists of dependencies" for name in first & after]
    found += [
        f"manifest.json: dependency {name} does not exist"
        for name in sorted(first | after)
        if not (CORE_COMPONENTS / name).is_dir()
    ]
    for path, module in integration.modules.items():
        allowed = first | after | ALWAYS_THERE | {path.stem, path.parts[0]}
        found += [
            f"{path}: imports {name}, which is not among the manifest's dependencies"
            for name in sorted(_imported_components(module) - allowed)
        ]
    return found


def _names(integration: Integration, key: str) -> set[str]:
    names = integration.manifest.get(key, [])
    return {str(name) for name in names} if isinstance(names, list) else set()


def _imported_components(module: ast.Module) -> set[str]:
    typing_only = {
        node
        for test in ast.walk(module)
        if isinstance(test, ast.If) and ast.unparse(test.test).endswith("TYPE_CHECKING")
        for node in ast.walk(test)
    }
    return {
        name
        for node in ast.walk(module)
        if node not in typing_only
        for name in _components_of(node)
    }


def _components_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module="homeassistant.components", names=names, level=0):
            yield from (name.name for name in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield from _component(module)
        case ast.Import(names=names):
            for name in names:
                yield from _component(name.name)


def _component(module: str) -> Iterator[str]:
    parts = module.split(".")
    if parts[:2] == ["homeassistant", "components"] and len(parts) > 2:
        yield parts[2]


def check_config_flow(integration: Integration) -> list[str]:
    """Check that the manifest says of a config flow what is so."""
    flag = integration.manifest.get("config_flow", False)
    there = Path("config_flow.py") in integration.modules
    if flag and not there:
        return ["manifest.json: config_flow is true without config_flow.py"]
    if there and not flag:
        return ["manifest.json: config_flow.py is there, config_flow is not true"]
    return []


def check_config_schema(integration: Integration) -> list[str]:
    """Check that an integration with `async_setup` says what it takes in YAML."""
    module = integration.modules.get(Path("__init__.py"), ast.Module(body=[], type_ignores=[]))
    functions = {
        node.name
        for node in module.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
    }
    assigned = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    if functions & {"setup", "async_setup"} and "CONFIG_SCHEMA" not in assigned:
        return ["__init__.py: async_setup without CONFIG_SCHEMA"]
    return []
