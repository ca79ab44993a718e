"""Translation keys: each one used has its text, with exactly the placeholders passed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeassistant.const import Platform

from .integration import Integration, Json, branch, leaves
from .translations import placeholders
from .words import Word, Words, spoken

PLATFORMS = {platform.value for platform in Platform}
ERROR_ENDINGS = ("Error", "Invalid", "Failed", "NotReady", "Unauthorized", "Exception")


@dataclass(frozen=True)
class Use:
    """A place in the code that uses a translation key.

    Attributes:
        where: file and line, for messages.
        category: the branch of the translations it points into; empty if that is unknown.
        words: what the key can be.
        placeholders: the names passed along, None if that is unknown.
    """

    where: str
    category: tuple[str, ...]
    words: list[Word]
    placeholders: set[str] | None


def uses(integration: Integration) -> Iterator[Use]:
    """Find all places that name a translation key in a way that can be read off."""
    for path, module in integration.modules.items():
        words = Words(integration, path)
        for node in ast.walk(module):
            match node:
                case ast.Call():
                    yield from _of_call(node, path, words)
                case (
                    ast.Assign(targets=[target], value=value)
                    | ast.AnnAssign(target=target, value=ast.expr() as value)
                ):
                    if ast.unparse(target).endswith("_attr_translation_key"):
                        yield _use(node, path, _entity(path), words.of(value), None)


def _of_call(call: ast.Call, path: Path, words: Words) -> Iterator[Use]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    key = given.get("translation_key")
    passed: set[str] | None = set()
    if "translation_placeholders" in given:
        passed = words.keys(given["translation_placeholders"])
    elif None in given:
        passed = None
    if key is not None:
        yield _use(
            call,
            path,
            _category(call, path, translated="translation_domain" in given),
            words.of(key),
            passed,
        )
        return
    # A key and a dictionary side by side, whatever takes them, are a text and what fills it.
    for first, second in zip(call.args, call.args[1:], strict=False):
        names = words.keys(second)
        if names is not None and words.of(first):
            yield _use(call, path, ("?",), words.of(first), names)


def _use(
    node: ast.expr | ast.stmt,
    path: Path,
    category: tuple[str, ...],
    words: list[Word],
    passed: set[str] | None,
) -> Use:
    return Use(f"{path}:{node.lineno}", category, words, passed)


def _category(call: ast.Call, path: Path, *, translated: bool) -> tuple[str, ...]:
    called = ast.unparse(call.func).rpartition(".")[2]
    if called.endswith("EntityDescription"):
        return _entity(path)
    if called == "DeviceInfo":
        return ("device",)
    if called.endswith("SelectorConfig"):
        return ("selector",)
    if called == "async_create_issue":
        return ("issues",)
    if translated or called.endswith(ERROR_ENDINGS):
        return ("exceptions",)
    return ()


def _entity(path: Path) -> tuple[str, ...]:
    return ("entity", path.stem) if path.stem in PLATFORMS else ()


def check_keys(integration: Integration) -> list[str]:
    """Check that every key used has a text where it is looked up."""
    found = []
    for use in uses(integration):
        if not use.category or use.category == ("?",):
            continue
        texts = branch(integration.english, *use.category)
        found += [
            f"{use.where}: {'.'.join(use.category)} has no {word.text or word.pattern.pattern}"
            for word in use.words
            if not any(word.matches(key) for key in texts)
        ]
    return found


def check_exception_placeholders(integration: Integration) -> list[str]:
    """Check that an exception's text asks for exactly what the code passes."""
    texts = branch(integration.english, "exceptions")
    found = []
    for use in uses(integration):
        if use.category not in {("exceptions",), ("?",), ()} or use.placeholders is None:
            continue
        for word in use.words:
            if word.text not in texts:
                continue
            wanted = _placeholders(texts, str(word.text))
            if wanted is not None and wanted != use.placeholders:
                found.append(
                    f"{use.where}: {word.text} wants {sorted(wanted)}, gets {sorted(use.placeholders)}"
                )
    return found


def _placeholders(texts: Json, key: str) -> set[str] | None:
    try:
        return placeholders(str(branch(texts, key).get("message", "")))
    except ValueError:
        return None


def check_unused_exceptions(integration: Integration) -> list[str]:
    """Check that every exception's text is one that the code can mean."""
    said = spoken(integration)
    return [
        f"en.json: exception {key} is never raised"
        for key in branch(integration.english, "exceptions")
        if not any(word.matches(key) for word in said)
    ]


def check_entity_placeholders(integration: Integration) -> list[str]:
    """Check that what names of entities, devices and issues ask for is spoken of in the code."""
    names = {word.text for word in spoken(integration) if word.text is not None}
    found = []
    for category in ("entity", "device", "issues"):
        for key, value in leaves(branch(integration.english, category), category):
            try:
                missing = placeholders(str(value)) - names
            except ValueError:
                continue
            found += [f"en.json: {key}: nothing gives {name}" for name in sorted(missing)]
    return found


def check_platforms(integration: Integration) -> list[str]:
    """Check that texts for entities are for platforms that the integration has."""
    return [
        f"en.json: entity.{platform}, but there is no {platform}.py"
        for platform in branch(integration.english, "entity")
        if Path(f"{platform}.py") not in integration.modules
    ]
