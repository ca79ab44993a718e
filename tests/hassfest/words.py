"""Which strings the code can mean at a place: literals, constants, choices between them.

What can't be told without running the code (a parameter, an attribute) stays unknown, and the
guard of `tests/translation_guard.py` sees it at run time instead.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import importlib
from pathlib import Path
import re

from .integration import Integration

# A part of an f-string that is only known at run time.
UNKNOWN_PART = ".+"


@dataclass(frozen=True)
class Word:
    """A string of the code: known whole, or a pattern if parts of it are made at run time."""

    pattern: re.Pattern[str]
    text: str | None

    @classmethod
    def known(cls, text: str) -> Word:
        """Make a word that is known whole."""
        return cls(re.compile(re.escape(text)), text)

    def matches(self, key: str) -> bool:
        """Tell whether the code can mean this key here."""
        return self.pattern.fullmatch(key) is not None


class Words:
    """Resolves the expressions of one module."""

    def __init__(self, integration: Integration, path: Path) -> None:
        """Learn the module's constants, also those it imports."""
        self._integration = integration
        self._constants = _constants(integration, path, {})

    def of(self, node: ast.expr | None) -> list[Word]:
        """Give what an expression can be; empty if that is unknown."""
        match node:
            case ast.Constant(value=str(text)):
                return [Word.known(text)]
            case ast.Name(id=name) if name in self._constants:
                return [Word.known(self._constants[name])]
            case ast.IfExp(body=body, orelse=orelse):
                return self.of(body) + self.of(orelse)
            case ast.BoolOp(values=values):
                return [word for value in values for word in self.of(value)]
            case ast.JoinedStr(values=parts):
                pattern = "".join(self._part(part) for part in parts)
                return [] if pattern == UNKNOWN_PART else [Word(re.compile(pattern), None)]
        return []

    def text(self, node: ast.expr | None) -> str | None:
        """Give the one string that an expression is, if it is one."""
        words = self.of(node)
        return words[0].text if len(words) == 1 else None

    def keys(self, node: ast.expr | None) -> set[str] | None:
        """Give the keys of a dictionary written out at this place, else None."""
        if not isinstance(node, ast.Dict):
            return None
        keys = [self.text(key) for key in node.keys]
        return None if None in keys else {key for key in keys if key is not None}

    def _part(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str(text)):
                return re.escape(text)
            case ast.FormattedValue(value=ast.Name(id=name)) if name in self._constants:
                return re.escape(self._constants[name])
        return UNKNOWN_PART


def spoken(integration: Integration) -> list[Word]:
    """Give every string and every f-string of the integration's code."""
    return [word for path in integration.modules for word in _spoken(integration, path)]


def _spoken(integration: Integration, path: Path) -> Iterator[Word]:
    words = Words(integration, path)
    for node in ast.walk(integration.modules[path]):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from words.of(node)


def _constants(
    integration: Integration, path: Path, known: dict[Path, dict[str, str]]
) -> Mapping[str, str]:
    """Read the string constants of a module, also those it imports; ``known`` are the modules read on the way."""
    if path not in known:
        # Modules are imported in many ways, some from each other.
        constants = known[path] = {}
        constants.update(_read_constants(integration, path, known))
    return known[path]


def _read_constants(
    integration: Integration, path: Path, known: dict[Path, dict[str, str]]
) -> Iterator[tuple[str, str]]:
    for statement in integration.modules[path].body:
        match statement:
            case ast.ImportFrom(module=module, names=names, level=level):
                source = _constants_of(integration, path, module or "", level, known)
                for name in names:
                    if name.name in source:
                        yield name.asname or name.name, source[name.name]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text


def _constants_of(
    integration: Integration,
    path: Path,
    module: str,
    level: int,
    known: dict[Path, dict[str, str]],
) -> Mapping[str, str]:
    """Read the string constants of a module that is imported from."""
    if level:
        folder = path.parents[level - 1] if level <= len(path.parents) else Path()
        target = folder.joinpath(*module.split(".")) if module else folder
        for candidate in (target.with_suffix(".py"), target / "__init__.py"):
            if candidate in integration.modules:
                return _constants(integration, candidate, known)
        return {}
    if not module.startswith("homeassistant."):
        return {}
    members = vars(importlib.import_module(module))
    return {name: str(value) for name, value in members.items() if isinstance(value, str)}
