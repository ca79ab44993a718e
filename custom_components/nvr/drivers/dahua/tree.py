"""Reading what devices send, as lines of ``key=value`` (CGI) or as JSON (RPC2), within bounds.

Both become one tree: mappings by name, and lists of JSON or mappings by whole number for the ``[3]`` of CGI,
whose numbers may leave gaps. Values of CGI are texts; ``number`` and ``boolean`` read either (section 2 of the notes).
"""

from collections.abc import Iterator, Mapping
from itertools import islice
import json
from math import isfinite
import re

from ..errors import InvalidAnswerError

MAX_LINES = 200_000
MAX_DEPTH = 16
MAX_KEY = 256
MAX_TEXT = 4096
MAX_INDEX = 4095
MAX_DIGITS = 24
MAX_INTEGER = 2**63

type Tree = str | int | float | bool | list["Tree"] | dict[str | int, "Tree"] | None

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_GARBAGE = re.compile(b"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_STEP = re.compile(r"\[(\d{1,4})\]|([^.\[\]]+)")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def read_answer(body: bytes) -> Tree:
    """Read an answer in either form. Raises InvalidAnswerError."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n\x00")[:1]
    return read_json(body) if start in (b"{", b"[") else read_table(body)


def read_json(body: bytes) -> Tree:
    """Read JSON. Raises InvalidAnswerError where it is none, or nested too deep."""
    try:
        tree: Tree = json.loads(as_text(body).strip("\x00 \t\r\n"))
    except (ValueError, RecursionError) as err:
        raise InvalidAnswerError("the answer is no JSON") from err
    return tree


def read_table(body: bytes) -> Tree:
    """Read lines; what is no ``key=value`` is ignored, and what contradicts an earlier line.

    Raises InvalidAnswerError where bytes stand in it that no text has: nobody knows which lines they took the place of.
    """
    if _GARBAGE.search(body):
        raise InvalidAnswerError("the answer is no text")
    root: dict[str | int, Tree] = {}
    for line in islice(as_text(body).splitlines(), MAX_LINES):
        key, separator, value = line.partition("=")
        if separator and (steps := _steps(key.strip())):
            _plant(root, steps, value[:MAX_TEXT])
    return root


def as_text(body: bytes) -> str:
    """Return a body as text: UTF-8, or the code page of old devices."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def at(tree: Tree, *path: str | int) -> Tree:
    """Return what lies there, None where nothing does."""
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def text(tree: Tree, *path: str | int) -> str | None:
    """Return a text without blanks around it, None where there is none or it is empty."""
    value = at(tree, *path)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        # Whoever stores or shows it later could do neither with half a sign or one that controls.
        plain = str(value)[:MAX_TEXT].encode("utf-8", "replace").decode()
        return _CONTROL.sub("", plain).strip() or None
    return None


def number(tree: Tree, *path: str | int) -> float | None:
    """Return a number, however it is printed; None where it is none."""
    value = at(tree, *path)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > MAX_DIGITS:
        return None
    try:
        figure = float(value)
    except ValueError, OverflowError:
        return None
    return figure if isfinite(figure) else None


def integer(tree: Tree, *path: str | int) -> int | None:
    """Return a whole number; devices print some with zeros behind the point."""
    value = at(tree, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < MAX_INTEGER else None
    figure = number(value)
    whole = figure is not None and abs(figure) < MAX_INTEGER and figure == int(figure)
    return int(figure) if figure is not None and whole else None


def boolean(tree: Tree, *path: str | int) -> bool | None:
    """Return a truth value, None where it is none."""
    word = (text(tree, *path) or "").casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def indexed(tree: Tree, *path: str | int) -> Iterator[tuple[int, Tree]]:
    """Yield the items of a list with their places, in order; nothing where there is no list."""
    found = at(tree, *path)
    if isinstance(found, list):
        yield from enumerate(found[: MAX_INDEX + 1])
    elif isinstance(found, dict):
        places = sorted(key for key in found if isinstance(key, int))
        yield from ((place, found[place]) for place in places if place <= MAX_INDEX)


def named(tree: Tree, *path: str | int) -> Iterator[tuple[str, Tree]]:
    """Yield what a mapping holds by name."""
    found = at(tree, *path)
    if isinstance(found, Mapping):
        for key, value in found.items():
            if isinstance(key, str):
                yield key, value


def _steps(key: str) -> list[str | int]:
    if len(key) > MAX_KEY:
        return []
    steps: list[str | int] = [
        int(match[1]) if match[1] is not None else match[2] for match in _STEP.finditer(key)
    ]
    return steps if len(steps) <= MAX_DEPTH else []


def _plant(root: dict[str | int, Tree], steps: list[str | int], value: str) -> None:
    node = root
    for step in steps[:-1]:
        child = node.setdefault(step, {})
        if not isinstance(child, dict):
            return
        node = child
    if not isinstance(node.get(steps[-1]), dict):
        node[steps[-1]] = value
