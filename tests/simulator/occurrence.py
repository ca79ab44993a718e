"""That each trait of firmwares, and each word that one may be, occurs in some simulated device."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import MISSING, Field
from enum import StrEnum
from typing import Any, get_args, get_type_hints


def assert_occurs(
    trait: Field[Any], holders: Sequence[object], nobody_s: Collection[StrEnum] = ()
) -> None:
    """Make sure that a trait isn't the same as if nothing were said of it in all that hold it.

    Each word that it may be has to occur as well, in this trait or in another that may be the same words; but those
    that are `nobody_s`.
    """
    default = _default_of(trait)
    found = [getattr(holder, trait.name) for holder in holders]
    assert any(value != default for value in found), f"it is {default!r} in all of them"
    hints = get_type_hints(type(holders[0]))
    words = _words_of(hints[trait.name])
    if words is None:
        return
    alike = [name for name, hint in hints.items() if _words_of(hint) is words]
    values = (getattr(holder, name) for holder in holders for name in alike)
    assert {*words} - {*nobody_s} <= {word for value in values for word in _words_in(value)}


def _default_of(trait: Field[Any]) -> Any:
    """Give what a trait is when nothing is said of it."""
    if trait.default_factory is not MISSING:
        return trait.default_factory()
    return trait.default


def _words_of(hint: Any) -> type[StrEnum] | None:
    """Give the words that a trait, or each of a set or mapping of them, may be."""
    for each in (hint, *get_args(hint)):
        if isinstance(each, type) and issubclass(each, StrEnum):
            return each
    return None


def _words_in(value: Any) -> Iterator[Any]:
    """Give the words that a trait is."""
    match value:
        case dict():
            yield from value.values()
        case frozenset():
            yield from value
        case _:
            yield value
