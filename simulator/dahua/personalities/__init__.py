"""The Dahua devices that can be plugged in, one module for each group."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final

from simulator.core.personality import Options, Personality

from . import camera, dvr, hostile, nvr
from .blueprint import Blueprint

BLUEPRINTS: Final[Mapping[str, Blueprint]] = {
    blueprint.full_name: blueprint
    for blueprint in chain.from_iterable(
        module.BLUEPRINTS for module in (nvr, dvr, camera, hostile)
    )
}
"""All of them by their full names."""

PERSONALITIES: Final[Mapping[str, Callable[[Options], Personality]]] = {
    name: blueprint.build for name, blueprint in BLUEPRINTS.items()
}
