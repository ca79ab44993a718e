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
    pull_point,
    push,
    recordings,
    replay,
    search,
    sources,
    system,
    titles,
    topic_set,
)
from .operation import Operation

_MODULES: Final = (
    capabilities, system, network, sources, media, media2, titles, recordings, jobs, search,
    information, replay, topic_set, pull_point, push,
)  # fmt: skip

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    chain.from_iterable(module.operations() for module in _MODULES)
)
