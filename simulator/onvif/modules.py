"""All modules of the face, with what they offer."""

from itertools import chain
from typing import Final

from . import capabilities, media, media2, network, sources, system, titles
from .operation import Operation

_MODULES: Final = (capabilities, system, network, sources, media, media2, titles)

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    chain.from_iterable(module.operations() for module in _MODULES)
)
