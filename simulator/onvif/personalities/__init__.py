"""The devices that speak ONVIF and can be plugged in."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final

from simulator.core.personality import Options, Personality

from . import camera, hostile, nvr
from .blueprint import Blueprint

_GROUPS: Final = (nvr, camera, hostile)

BLUEPRINTS: Final[Mapping[str, Blueprint]] = {
    blueprint.full_name: blueprint
    for blueprint in chain.from_iterable(module.BLUEPRINTS for module in _GROUPS)
}
"""All of them by their full names."""

PERSONALITIES: Final[Mapping[str, Callable[[Options], Personality]]] = {
    name: blueprint.build for name, blueprint in BLUEPRINTS.items()
}
