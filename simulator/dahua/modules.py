"""All modules of the face, with what they offer."""

from itertools import chain
from typing import Final

from . import (
    calendar,
    channels,
    config,
    download,
    event_stream,
    login,
    logs,
    pictures,
    recording,
    search,
    smart_motion,
    storage,
    system,
    users,
)
from .route import Route
from .rpc import Method

_SPEAK_CGI: Final = (
    system, config, channels, storage, recording, search, logs, users, pictures, download, event_stream,
)  # fmt: skip
_SPEAK_RPC: Final = (
    login, system, config, channels, storage, recording, search, calendar, smart_motion, logs, users,
    event_stream,
)  # fmt: skip

ROUTES: Final[tuple[Route, ...]] = tuple(
    chain.from_iterable(module.routes() for module in _SPEAK_CGI)
)
METHODS: Final[tuple[Method, ...]] = tuple(
    chain.from_iterable(module.methods() for module in _SPEAK_RPC)
)
