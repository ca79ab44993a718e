"""Does a recorder's password show anywhere outside Home Assistant's own store?"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
import json
from typing import Any

from demo.api import Api, ApiError
from demo.browser import Browser
from demo.entry import Entry
from demo.installation import Installation
from demo.secrets import SecretSearch

# A tree without end would be a fault of its own.
MAX_NODES = 40
# Short-lived programs are caught only by looking often.
ARGUMENTS_INTERVAL_S = 0.3


async def search_everywhere(
    search: SecretSearch, installation: Installation, entries: Iterable[Entry], browser: Browser
) -> None:
    """Search all that people, browsers, other programs and bug reports get to see."""
    api = installation.api
    for name, text in installation.logs().items():
        search.look(name, text)
    for text in browser.seen:
        search.look("what the browser saw", text)
    for text in browser.complaints:
        search.look("the browser's console", text)
    for text in api.heard:
        search.look("answers", text)
    search.look_at_arguments()
    for entry in entries:
        diagnostics = await api.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
        search.look("diagnostics", _text(diagnostics))
    search.look("states", _text(await api.states()))
    search.look("registries", _text(await api.ask("config/entity_registry/list")))
    search.look("registries", _text(await api.ask("config/device_registry/list")))
    search.look("entries", _text(await api.ask("config_entries/get")))
    await _media_ids(search, api)


@asynccontextmanager
async def watch_arguments(search: SecretSearch) -> AsyncIterator[None]:
    """Look at all processes' arguments again and again for the duration of the block."""

    async def watch() -> None:
        while True:
            search.look_at_arguments()
            await asyncio.sleep(ARGUMENTS_INTERVAL_S)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _media_ids(search: SecretSearch, api: Api) -> None:
    """Go down the tree of media, one branch of it to the end."""
    waiting: list[str] = ["media-source://nvr"]
    for _ in range(MAX_NODES):
        if not waiting:
            break
        try:
            node = await api.ask("media_source/browse_media", media_content_id=waiting.pop())
        except ApiError as error:
            # Recorders that tell of no recordings have a folder that says so.
            search.look("media ids", str(error))
            continue
        search.look("media ids", _text(node))
        folders = [child for child in node["children"] if child["can_expand"]]
        waiting += [child["media_content_id"] for child in folders[:2]]


def _text(answer: Any) -> str:
    text = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False)
    return text.decode(errors="replace") if isinstance(text, bytes) else text
