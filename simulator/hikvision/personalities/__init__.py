"""The Hikvision devices that can be plugged in, one module for each group."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final

from simulator.core.personality import Options, Personality

from . import ancient, camera, dvr, hostile_answers, hostile_download, hostile_search, nvr
from .blueprint import Blueprint

_GROUPS: Final = (nvr, dvr, camera, ancient, hostile_search, hostile_download, hostile_answers)

BLUEPRINTS: Final[Mapping[str, Blueprint]] = {
    blueprint.full_name: blueprint
    for blueprint in chain.from_iterable(module.BLUEPRINTS for module in _GROUPS)
}
"""All of them by their full names."""

PERSONALITIES: Final[Mapping[str, Callable[[Options], Personality]]] = {
    name: blueprint.build for name, blueprint in BLUEPRINTS.items()
}


def current(options: Options | None = None) -> Personality:
    """Give a recorder of today (`nvr.CURRENT` says what it is like)."""
    return nvr.CURRENT.build(options)


def old(options: Options | None = None) -> Personality:
    """Give a recorder of yesterday (`nvr.OLD` says what it is like)."""
    return nvr.OLD.build(options)
