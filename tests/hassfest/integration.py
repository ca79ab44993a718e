"""An integration as it lies in its folder, read once for all checks."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import cast

import yaml

type Json = Mapping[str, object]


@dataclass(frozen=True)
class Integration:
    """What the checks look at.

    Attributes:
        path: the integration's folder.
        manifest: `manifest.json`.
        translations: texts by language; English is `en`.
        icons: `icons.json`, empty without one.
        services: `services.yaml`, empty without one.
        modules: all Python, by path relative to the folder.
    """

    path: Path
    manifest: Json
    translations: Mapping[str, Json]
    icons: Json
    services: Mapping[str, Json | None]
    modules: Mapping[Path, ast.Module]

    @property
    def english(self) -> Json:
        """The texts that code is written against."""
        return self.translations.get("en", {})


def load(path: Path) -> Integration:
    """Read a folder; only `manifest.json` has to be there."""
    return Integration(
        path=path,
        manifest=_json(path / "manifest.json"),
        translations={file.stem: _json(file) for file in sorted(path.glob("translations/*.json"))},
        icons=_json(path / "icons.json") if (path / "icons.json").exists() else {},
        services=_services(path / "services.yaml"),
        modules={
            file.relative_to(path): ast.parse(file.read_text(encoding="utf-8"), str(file))
            for file in sorted(path.rglob("*.py"))
        },
    )


def _json(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text(encoding="utf-8")))


def _services(path: Path) -> Mapping[str, Json | None]:
    if not path.exists():
        return {}
    return cast("Mapping[str, Json | None]", yaml.safe_load(path.read_text(encoding="utf-8")))


def branch(tree: object, *keys: str) -> Json:
    """Go down a tree of mappings; what is not there is an empty mapping."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree if isinstance(tree, Mapping) else {}


def leaves(tree: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Give every value that is no mapping, with its dotted path."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, tree
