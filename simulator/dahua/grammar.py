"""The texts of CGI: queries of dotted keys, answers of lines `key=value` (section 2 of the notes)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import re
from urllib.parse import unquote

type Json = str | int | float | bool | Mapping[str, Json] | list[Json] | None

type Step = str | int
"""A field's name, or a place in a list."""

_INDEX = re.compile(r"\[\d+\]$")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_ESCAPED_BRACKET = re.compile(r"%5[BbDd]")


def flatten(key: str, value: Json) -> Iterator[str]:
    """Write a value as lines: `key.field=…` for what has fields, `key[0]=…` for lists."""
    match value:
        case Mapping():
            for name, part in value.items():
                yield from flatten(f"{key}.{name}" if key else name, part)
        case list():
            for index, part in enumerate(value):
                yield from flatten(f"{key}[{index}]", part)
        case _:
            yield f"{key}={plain(value)}"


def plain(value: str | float | None) -> str:
    """Write a value without parts; numbers that aren't whole have six digits, as devices print them."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.6f}"
        case _:
            return str(value)


def steps(path: str) -> list[Step]:
    """Take a path such as `[0].Mode` apart."""
    return [int(index) if index else name for index, name in _STEP.findall(path)]


def reach(value: Json, path: Iterable[Step]) -> Json:
    """Give the part of a value that a path leads to.

    Raises:
        KeyError: it leads nowhere.
    """
    for step in path:
        match value:
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case Mapping() if isinstance(step, str) and step in value:
                value = value[step]
            case _:
                raise KeyError(step)
    return value


def changed(value: Json, path: Sequence[Step], text: str) -> Json:
    """Give a value with something else where a path leads: a number or a truth where one was.

    Raises:
        KeyError: the path leads nowhere, or to what has parts.
        ValueError: the text isn't what is needed there.
    """
    if not path:
        return _like(value, text)
    step, rest = path[0], path[1:]
    match value:
        case list() if isinstance(step, int) and step < len(value):
            return [*value[:step], changed(value[step], rest, text), *value[step + 1 :]]
        case Mapping() if isinstance(step, str) and step in value:
            return {**value, step: changed(value[step], rest, text)}
        case _:
            raise KeyError(step)


def _like(old: Json, text: str) -> Json:
    match old:
        case bool():
            if text not in {"true", "false"}:
                raise ValueError(f"neither true nor false: {text!r}")
            return text == "true"
        case int():
            return int(text)
        case float():
            return float(text)
        case str() | None:
            return text
        case _:
            raise KeyError(text)


def read_query(raw: str, encoding: str) -> list[tuple[str, str]]:
    """Read a query as it was sent: `%20` is a space, `+` a plus."""
    pairs = (part.partition("=") for part in raw.split("&") if part)
    return [
        (unquote(key, encoding, "replace"), unquote(value, encoding, "replace"))
        for key, _, value in pairs
    ]


def has_escaped_brackets(raw: str) -> bool:
    """Say whether a key of a query as it was sent has brackets that are escaped."""
    return any(_ESCAPED_BRACKET.search(part.partition("=")[0]) for part in raw.split("&"))


def gathered(pairs: Iterable[tuple[str, str]], prefix: str) -> dict[str, list[str]]:
    """Gather the values of keys below a prefix, those of lists (`Types[0]`, `Types[1]`) together."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        if key.startswith(prefix):
            found.setdefault(_INDEX.sub("", key.removeprefix(prefix)), []).append(value)
    return found
