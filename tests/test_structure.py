"""The rules of the design that a program can check: who imports whom, and how big things are."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
import subprocess

import pytest

from custom_components.nvr.drivers.catalog import VENDORS

ROOT = Path(__file__).resolve().parents[1]
INTEGRATION = ROOT / "custom_components/nvr"
FOLDERS = ["custom_components", "simulator", "demo", "faults", "scripts", "tests", "benchmarks"]
# None knows Home Assistant, so that all can be tested and used without it.
INDEPENDENT = ["discovery", "drivers", "footage"]
LONGEST_MODULE = 450
LONGEST_FUNCTION = 60
# Names that say nothing of what is inside.
EMPTY_NAMES = {"common", "helpers", "misc", "util", "utils"}
# Hosts that packages come from: the user's configuration knows them, the project does not.
REGISTRY = re.compile(
    r"pypi[.]org|python[h]osted|registry[.]npmjs|proxy[.]golang|crates[.]io|deb[.]debian[.]org"
)
LEFT_OVER = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b")


def _modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def _imports(path: Path) -> Iterator[str]:
    """Give the absolute names of all modules that a module imports from."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(_parse(path)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parts = [*package[: len(package) - level + 1]] if level else []
                base = ".".join([*parts, *([module] if module else [])])
                yield base
                yield from (f"{base}.{name.name}" for name in names)


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("part", INDEPENDENT)
def test_what_speaks_to_recorders_knows_nothing_of_home_assistant(part: str) -> None:
    allowed = [f"custom_components.nvr.{name}" for name in INDEPENDENT]
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _modules(f"custom_components/nvr/{part}")
        for name in _imports(path)
        if _within(name, "homeassistant")
        or (
            _within(name, "custom_components")
            and name not in {"custom_components", "custom_components.nvr"}
            and not any(_within(name, package) for package in allowed)
        )
    ]
    assert wrong == []


def test_the_simulator_knows_nothing_of_the_integration() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _modules("simulator")
        for name in _imports(path)
        if _within(name, "custom_components") or _within(name, "homeassistant")
    ]
    assert wrong == []


def test_no_vendor_is_named_where_home_assistant_meets_the_recorders() -> None:
    assert VENDORS, "no driver was found"
    wrong = [
        f"{path.relative_to(ROOT)}: {vendor}"
        for path in sorted(INTEGRATION.glob("*.py"))
        for vendor in VENDORS
        if vendor in path.read_text(encoding="utf-8").lower()
    ]
    assert wrong == []


def test_modules_are_short_enough_to_read() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in _modules(*FOLDERS)}
    wrong = [
        f"{path.relative_to(ROOT)}: {length} lines"
        for path, length in lengths.items()
        if length > LONGEST_MODULE
    ]
    assert wrong == []


def test_functions_are_short_enough_to_read() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {length} lines"
        for path in _modules(*FOLDERS)
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert wrong == []


def test_modules_are_named_for_what_they_hold() -> None:
    wrong = [str(path.relative_to(ROOT)) for path in _modules(*FOLDERS) if path.stem in EMPTY_NAMES]
    assert wrong == []


def _committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], check=True, capture_output=True, cwd=ROOT, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_nothing_committed_names_a_registry_or_was_left_for_later() -> None:
    wrong = []
    for path in _committed():
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            # A picture: any few letters turn up in its bytes.
            continue
        wrong += [
            f"{path.relative_to(ROOT)}: {found.group()}"
            for pattern in (REGISTRY, LEFT_OVER)
            if (found := pattern.search(text))
        ]
    assert wrong == []


def test_every_program_in_scripts_can_be_started() -> None:
    programs = [path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]
    assert len(programs) >= 5
    for path in programs:
        assert path.stat().st_mode & 0o111, f"{path.name} is not executable"
        assert path.read_bytes().startswith(b"#!"), f"{path.name} does not say what runs it"
