"""A headless Chromium that remembers every address and message it saw."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import (
    BrowserContext,
    Page,
    Request,
    Route,
    WebSocket,
    async_playwright,
)

from demo.config_directory import TIME_ZONE
from demo.ports import LOOPBACK
from scripts.provision.layout import TOOLS_BIN

CHROMIUM = TOOLS_BIN / "chromium"
# As root in a container, without a display, a profile or a word to anybody.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
)
WAIT_LIMIT_MS = 60_000


class Browser:
    """One browser window and what passed through it.

    Attributes:
        seen: every address that was requested and every WebSocket message, in order.
        complaints: what pages wrote to the console as errors.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.seen: list[str] = []
        self.complaints: list[str] = []
        context.on("request", self._note_request)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    @classmethod
    @asynccontextmanager
    async def run(cls, *, width: int = 1280, height: int = 800) -> AsyncIterator[Browser]:
        """Run a browser with an empty profile for the duration of the block."""
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=CHROMIUM, headless=True, args=FLAGS
            )
            try:
                context = await chromium.new_context(
                    viewport={"width": width, "height": height},
                    timezone_id=TIME_ZONE,
                    locale="en-GB",
                )
                context.set_default_timeout(WAIT_LIMIT_MS)
                await context.route(lambda address: not _on_loopback(address), _refuse)
                yield cls(context)
            finally:
                await chromium.close()

    async def page(self) -> Page:
        """Open a page whose traffic is noted."""
        page = await self._context.new_page()
        page.on("websocket", self._note_socket)
        return page

    def _note_request(self, request: Request) -> None:
        self.seen.append(request.url)

    def _note_socket(self, socket: WebSocket) -> None:
        self.seen.append(socket.url)
        socket.on("framereceived", self._note_message)

    def _note_message(self, message: str | bytes) -> None:
        self.seen.append(message if isinstance(message, str) else message.decode(errors="replace"))


def _on_loopback(address: str) -> bool:
    parts = urlsplit(address)
    return parts.hostname == LOOPBACK or parts.scheme in {"blob", "data"}


async def _refuse(route: Route) -> None:
    await route.abort("internetdisconnected")
