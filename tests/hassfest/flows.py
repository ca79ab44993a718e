"""Forms: what `config_flow.py` shows has texts, and no text is for what it never shows."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from .integration import Integration, branch, leaves
from .translations import flows, placeholders
from .words import Word, Words, spoken

MODULES = tuple(
    Path(name)
    for name in (
        "config_flow.py",
        "reaching_flow.py",
        "options_flow.py",
        "progress_flow.py",
        "forms.py",
        "repairs.py",
    )
)
# Reasons that Home Assistant gives by itself, by the function that may do so.
IMPLIED_ABORTS = {
    "_abort_if_unique_id_configured": "already_configured",
    "_async_abort_entries_match": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
}
# Reasons that Home Assistant itself has texts for.
CORE_ABORTS = {"already_in_progress", "reauth_successful", "reconfigure_successful"}


def check_steps(integration: Integration) -> list[str]:
    """Check that every form and menu shown has texts."""
    known = {step for _, flow in flows(integration) for step in branch(flow, "step")}
    return [
        f"{path}: step {step.text} has no texts"
        for path, step in _arguments(integration, ("async_show_form", "async_show_menu"), "step_id")
        if step.text is not None and step.text not in known
    ]


def check_fields(integration: Integration) -> list[str]:
    """Check that every field of a schema has a label in some form."""
    labels = {
        key.rpartition(".data.")[2]
        for place, flow in flows(integration)
        for key, _ in leaves(flow, place)
        if ".data." in key
    }
    labels |= {
        section
        for _, flow in flows(integration)
        for step in branch(flow, "step").values()
        for section in branch(step, "sections")
    }
    found = []
    for path in _modules(integration):
        words = Words(integration, path)
        for node in ast.walk(integration.modules[path]):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="vol"), attr="Required" | "Optional"),
                    args=[first, *_],
                ):
                    name = words.text(first)
                    if name is not None and name not in labels:
                        found.append(f"{path}: field {name} has no label")
    return found


def check_errors(integration: Integration) -> list[str]:
    """Check that errors shown have texts, and that no text is for an error never shown."""
    texts = {key for _, flow in flows(integration) for key in branch(flow, "error")}
    found = []
    for path in _modules(integration):
        words = Words(integration, path)
        for node in ast.walk(integration.modules[path]):
            for value in _errors(node):
                found += [
                    f"{path}: error {word.text or word.pattern.pattern} has no text"
                    for word in words.of(value)
                    if not any(word.matches(key) for key in texts)
                ]
    said = spoken(integration)
    found += [
        f"en.json: error {key} is never shown"
        for key in sorted(texts)
        if not any(word.matches(key) for word in said)
    ]
    return found


def _errors(node: ast.AST) -> Iterator[ast.expr]:
    """Give the expressions that name an error of a form."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="errors"))], value=value):
            yield value
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                if keyword.arg == "errors" and isinstance(keyword.value, ast.Dict):
                    yield from keyword.value.values
        case ast.Assign(targets=[ast.Name(id="errors")], value=ast.Dict(values=values)):
            yield from values


def check_aborts(integration: Integration) -> list[str]:
    """Check that reasons for ending a flow have texts, and no text is for another."""
    texts = {key for _, flow in flows(integration) for key in branch(flow, "abort")}
    reasons = [
        *_arguments(integration, ("async_abort", "AbortFlow"), "reason"),
        *_arguments(integration, tuple(IMPLIED_ABORTS), "reason", "error"),
        *_implied(integration),
    ]
    found = [
        f"{path}: reason {word.text or word.pattern.pattern} has no text"
        for path, word in reasons
        if word.text not in CORE_ABORTS and not any(word.matches(key) for key in texts)
    ]
    said = [*spoken(integration), *(word for _, word in reasons)]
    found += [
        f"en.json: reason {key} is never given"
        for key in sorted(texts - CORE_ABORTS)
        if not any(word.matches(key) for word in said)
    ]
    return found


def _implied(integration: Integration) -> Iterator[tuple[Path, Word]]:
    for path in _modules(integration):
        for node in ast.walk(integration.modules[path]):
            match node:
                case ast.Call(func=ast.Attribute(attr=attr), keywords=keywords):
                    given = {keyword.arg for keyword in keywords}
                    if attr in IMPLIED_ABORTS and not given & {"reason", "error"}:
                        yield path, Word.known(IMPLIED_ABORTS[attr])


def check_placeholders(integration: Integration) -> list[str]:
    """Check that what forms ask for in braces is a name that the code speaks of."""
    names = {word.text for word in spoken(integration) if word.text is not None}
    found = []
    for place, flow in flows(integration):
        for key, value in leaves(flow, place):
            missing = _placeholders_of(value) - names - {"name"}
            found += [f"en.json: {key}: nothing gives {name}" for name in sorted(missing)]
    return found


def _placeholders_of(value: object) -> set[str]:
    try:
        return placeholders(str(value))
    except ValueError:
        return set()


def _modules(integration: Integration) -> list[Path]:
    return [path for path in MODULES if path in integration.modules]


def _arguments(
    integration: Integration, functions: tuple[str, ...], *names: str
) -> Iterator[tuple[Path, Word]]:
    """Give what is passed under these names, or as first argument, to these functions."""
    for path in _modules(integration):
        words = Words(integration, path)
        for node in ast.walk(integration.modules[path]):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=called) | ast.Name(id=called),
                    args=args,
                    keywords=keywords,
                ) if called in functions:
                    given: Mapping[str | None, ast.expr] = {k.arg: k.value for k in keywords}
                    value = next((given[name] for name in names if name in given), None)
                    if value is None and args and not called.startswith("_"):
                        value = args[0]
                    for word in words.of(value):
                        yield path, word
