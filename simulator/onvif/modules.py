"""All modules of the face, with what they offer."""

from itertools import chain
from typing import Final

from . import (
    capabilities,
    information,
    jobs,
    media,
    media2,
    network,
    recordings,
    replay,
    search,
    sources,
    system,
    titles,
)
from .operation import Operation

_MODULES: Final = (
    capabilities, system, network, sources, media, media2, titles, recordings, jobs, search,
    information, replay,
)  # fmt: skip

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    chain.from_iterable(module.operations() for module in _MODULES)
)
