"""What writes requests, made once for all devices and without holding up the event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import importlib
import logging
import threading
from typing import TYPE_CHECKING, Any

from .question import Question
from .service import Service
from .username_token import UsernameToken

if TYPE_CHECKING:
    from .writer import Description, Written

_described: dict[Service, Description] = {}
_describing = threading.Lock()


async def write(question: Question[Any], token: UsernameToken | None = None) -> Written:
    """Return a request. The first takes a moment, in a thread."""
    return (await described(question.service)).write(question, token)


async def described(service: Service) -> Description:
    """Return what the requests to a service look like; the first time it takes a moment, in a thread."""
    if not _described:
        await asyncio.to_thread(_describe)
    return _described[service]


def _describe() -> None:
    with _describing:
        if not _described:
            with _log_left_alone():
                writer = importlib.import_module(".writer", __package__)
            _described.update(writer.describe())


@contextmanager
def _log_left_alone() -> Iterator[None]:
    """Keep the library from sending the whole program's log to the terminal, as it does when it is imported."""
    root = logging.getLogger()
    # Where there is a handler it adds none.
    stand_in = logging.NullHandler()
    root.addHandler(stand_in)
    try:
        yield
    finally:
        root.removeHandler(stand_in)
