"""The integration is as hassfest and HACS want it, and each check notices what it is for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hassfest import flows, hacs, icons, manifest, services, translations, uses
from tests.hassfest.example import Example, Tree
from tests.hassfest.integration import Integration, branch, load

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "custom_components/nvr"

type Check = Callable[[Integration], list[str]]
type Change = Callable[[Example], None]

CHECKS: list[Check] = [
    manifest.check_schema,
    manifest.check_order,
    manifest.check_dependencies,
    manifest.check_config_flow,
    manifest.check_config_schema,
    services.check_schema,
    services.check_texts,
    services.check_icons,
    services.check_registered,
    translations.check_schema,
    translations.check_languages,
    translations.check_english_is_there,
    translations.check_form_fields,
    flows.check_steps,
    flows.check_fields,
    flows.check_errors,
    flows.check_aborts,
    flows.check_placeholders,
    uses.check_keys,
    uses.check_exception_placeholders,
    uses.check_unused_exceptions,
    uses.check_entity_placeholders,
    uses.check_platforms,
    icons.check_schema,
    icons.check_entities,
]


def _name(check: Check) -> str:
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"


@pytest.fixture(scope="module")
def ours() -> Integration:
    """Read it once; no check changes anything."""
    return load(OURS)


@pytest.mark.parametrize("check", CHECKS, ids=_name)
def test_our_integration_has_nothing_wrong(ours: Integration, check: Check) -> None:
    assert check(ours) == []


def test_our_repository_is_as_hacs_wants_it() -> None:
    assert hacs.check_repository(ROOT) + hacs.check_brand(OURS) == []


@pytest.mark.parametrize("check", CHECKS, ids=_name)
def test_a_right_example_has_nothing_wrong(check: Check, tmp_path: Path) -> None:
    assert check(load(Example(tmp_path).path)) == []


def _json(name: str, change: Callable[[Tree], object]) -> Change:
    return lambda example: example.edit(name, change)


def _manifest(**values: object) -> Change:
    return _json("manifest.json", lambda tree: tree.update(values))


def _english(*keys: str, **values: object) -> Change:
    return _json("translations/en.json", lambda tree: _at(tree, *keys).update(values))


def _without(name: str, *keys: str) -> Change:
    return _json(name, lambda tree: _at(tree, *keys[:-1]).pop(keys[-1]))


def _replaced(name: str, old: str, new: str) -> Change:
    return lambda example: example.replace(name, old, new)


def _removed(name: str) -> Change:
    return lambda example: (example.path / name).unlink()


def _at(tree: Tree, *keys: str) -> Tree:
    found = branch(tree, *keys)
    assert isinstance(found, dict)
    return found


WRONG: list[tuple[Check, Change, str]] = [
    (manifest.check_schema, _manifest(version="one"), "version"),
    (manifest.check_schema, _without("manifest.json", "issue_tracker"), "issue_tracker"),
    (manifest.check_schema, _manifest(iot_class="local"), "iot_class"),
    (manifest.check_schema, _manifest(codeowners=["someone"]), "codeowners"),
    (manifest.check_schema, _manifest(documentation="http://example.com"), "documentation"),
    (manifest.check_schema, _manifest(requirements=["package>=1"]), "requirements"),
    (manifest.check_schema, _manifest(surprise=True), "surprise"),
    (manifest.check_schema, _manifest(dhcp=[{"macaddress": "aabbcc*"}]), "upper case"),
    (manifest.check_schema, _manifest(domain="other"), "other"),
    (manifest.check_schema, _manifest(domain="reolink"), "shadows"),
    (manifest.check_order, _manifest(after_dependencies=[]), "order"),
    (manifest.check_dependencies, _manifest(dependencies=[]), "http"),
    (manifest.check_dependencies, _manifest(dependencies=["http", "nothing"]), "nothing"),
    (manifest.check_dependencies, _manifest(after_dependencies=["http"]), "both"),
    (
        manifest.check_dependencies,
        _replaced("const.py", "DOMAIN", "from homeassistant.components import stream\nDOMAIN"),
        "stream",
    ),
    (manifest.check_config_flow, _manifest(config_flow=False), "config_flow"),
    (manifest.check_config_flow, _removed("config_flow.py"), "config_flow"),
    (manifest.check_config_schema, _replaced("__init__.py", "CONFIG_SCHEMA", "SCHEMA"), "CONFIG"),
    (services.check_schema, _replaced("services.yaml", "collapsed: true", "open: 1"), "save"),
    (services.check_schema, _replaced("services.yaml", "number:", "numbers:"), "save"),
    (
        services.check_schema,
        _replaced("services.yaml", "        name:", "        length:"),
        "twice",
    ),
    (services.check_texts, _without("translations/en.json", "services", "save"), "save"),
    (
        services.check_texts,
        _without("translations/en.json", "services", "save", "fields", "length", "description"),
        "length: no description",
    ),
    (services.check_texts, _english("services", "save", "fields", new={}), "no field new"),
    (services.check_texts, _english("services", "save", "sections", new={}), "no section new"),
    (services.check_texts, _english("services", "save", sections={}), "more: no name"),
    (services.check_texts, _english("services", other={}), "no action other"),
    (services.check_icons, _without("icons.json", "services", "save"), "save has no icon"),
    (
        services.check_icons,
        _json("icons.json", lambda tree: _at(tree, "services").update(other={})),
        "other",
    ),
    (services.check_registered, _replaced("services.yaml", "save:", "keep:"), "keep"),
    (services.check_registered, _replaced("const.py", '"save"', '"keep"'), "keep"),
    (
        translations.check_schema,
        _english("exceptions", bad={"message": "See www.x.org"}),
        "address",
    ),
    (translations.check_schema, _english("exceptions", bad={"message": "<b>No</b>"}), "HTML"),
    (translations.check_schema, _english("exceptions", bad={"message": "No '{x}'"}), "quotes"),
    (translations.check_schema, _english("exceptions", bad={"message": " No"}), "spaces"),
    (translations.check_schema, _english("exceptions", bad={"message": "{a"}), "braces"),
    (translations.check_schema, _english("exceptions", bad={"message": "[%key:a%]"}), "reference"),
    (translations.check_schema, _english("exceptions", Bad={"message": "No"}), "Bad"),
    (translations.check_schema, _english("entity", sensors={}), "entity"),
    (translations.check_schema, _english(surprise={}), "surprise"),
    (
        translations.check_languages,
        lambda example: example.write("translations/de.json", "{}"),
        "de.json: config.step.user.description is missing",
    ),
    (
        translations.check_languages,
        lambda example: example.write(
            "translations/de.json", '{"exceptions": {"too_long": {"message": "Zu lang."}}}'
        ),
        "too_long.message has other placeholders",
    ),
    (translations.check_english_is_there, _removed("translations/en.json"), "en.json"),
    (
        translations.check_form_fields,
        _without("translations/en.json", "config", "step", "user", "data_description"),
        "host",
    ),
    (
        translations.check_form_fields,
        _english("config", "step", "user", "data_description", port="A number."),
        "port",
    ),
    (flows.check_steps, _replaced("config_flow.py", '"user"', '"other"'), "other"),
    (flows.check_fields, _replaced("config_flow.py", "(CONF_HOST)", '("address")'), "address"),
    (flows.check_errors, _replaced("config_flow.py", '"cannot_', '"can_not_'), "can_not_connect"),
    (flows.check_errors, _english("config", "error", other="No."), "other"),
    (flows.check_aborts, _without("translations/en.json", "config", "abort"), "already_configured"),
    (flows.check_aborts, _english("config", "abort", other="No."), "other"),
    (
        flows.check_placeholders,
        _replaced("config_flow.py", '"sample_host"', '"sample"'),
        "sample_host",
    ),
    (
        uses.check_keys,
        _replaced("sensor.py", 'translation_key="', 'translation_key="x_'),
        "x_state",
    ),
    (uses.check_keys, _replaced("__init__.py", '"too_long"', 'f"too_{x}_long"'), "too_.+_long"),
    (uses.check_exception_placeholders, _replaced("__init__.py", '"limit"', '"most"'), "limit"),
    (
        uses.check_exception_placeholders,
        _replaced("__init__.py", '{"right": "playback"}', "{}"),
        "right",
    ),
    (uses.check_unused_exceptions, _english("exceptions", other={"message": "No."}), "other"),
    (
        uses.check_entity_placeholders,
        _english("entity", "sensor", "state", name="State of {what}"),
        "what",
    ),
    (uses.check_platforms, _english("entity", camera={}), "camera"),
    (icons.check_schema, _replaced("icons.json", "mdi:eye", "eye"), "eye"),
    (icons.check_entities, _replaced("icons.json", '"ok"', '"fine"'), "fine"),
    (icons.check_entities, _replaced("icons.json", '{"state"', '{"other"'), "other"),
]


@pytest.mark.parametrize(("check", "change", "said"), WRONG)
def test_a_check_notices(check: Check, change: Change, said: str, tmp_path: Path) -> None:
    example = Example(tmp_path)
    change(example)
    found = check(load(example.path))
    assert any(said in line for line in found), found


@pytest.mark.parametrize("check", CHECKS, ids=_name)
def test_each_check_is_shown_to_notice_something(check: Check) -> None:
    assert any(check is shown for shown, _, _ in WRONG)


def test_a_word_with_a_part_made_at_run_time_matches_any_key_of_its_form(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.replace("__init__.py", '"refused"', 'f"{kind}_refused"')
    example.edit(
        "translations/en.json",
        lambda tree: _at(tree, "exceptions").update(login_refused={"message": "No."}),
    )
    unused = uses.check_unused_exceptions(load(example.path))
    assert unused == ["en.json: exception refused is never raised"]


def test_hacs_notices_what_is_missing_and_what_it_does_not_know(tmp_path: Path) -> None:
    example = Example(tmp_path)
    assert hacs.check_repository(example.root) == [
        "hacs.json is missing",
        "LICENSE is missing",
        "README.md is missing",
    ]
    for name in ("LICENSE", "README.md"):
        (example.root / name).touch()
    settings = example.root / "hacs.json"
    settings.write_text('{"name": "Example", "zip_release": true, "homeassistant": "2999.1.0"}')
    assert [line.partition(",")[0] for line in hacs.check_repository(example.root)] == [
        "hacs.json: zip_release without filename",
        "hacs.json: wants Home Assistant 2999.1.0",
    ]
    settings.write_text('{"name": "Example", "surprise": 1}')
    assert "surprise" in hacs.check_repository(example.root)[0]


def test_a_picture_of_the_wrong_size_is_noticed(tmp_path: Path) -> None:
    assert hacs.check_brand(tmp_path) == ["brand/icon.png is missing"]
    (tmp_path / "brand").mkdir()
    big = (OURS / "brand/icon@2x.png").read_bytes()
    (tmp_path / "brand/icon.png").write_bytes(big)
    (tmp_path / "brand/logo.png").write_bytes(b"GIF89a")
    assert hacs.check_brand(tmp_path) == [
        "brand/icon.png is 512 x 512, not 256 x 256",
        "brand/logo.png is no PNG",
    ]
