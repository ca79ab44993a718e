"""Home Assistant's pages, used as a person does: by looking and clicking."""

from collections.abc import Iterable
import re
from time import monotonic

from playwright.async_api import Locator, Page

from demo.api import Account
from demo.video import Video

INTEGRATION = "Network Video Recorder"
FIRST_PAGE_LIMIT_MS = 60_000
MAX_SCREENS = 60
SCREEN_PIXELS = 500
# By then a list that was scrolled has drawn its new items.
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Frontend:
    """One person's window on a Home Assistant.

    Attributes:
        page: the browser's page, for what is not foreseen here.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def log_in(self, account: Account) -> None:
        """Fill in the login page and wait for what comes behind it."""
        await self.page.goto(self._url)
        await self.page.locator("input[name=username]").fill(account.username)
        await self.page.locator("input[name=password]").fill(account.password)
        await self.page.get_by_role("button", name="Log in").click()
        await self.page.locator("ha-sidebar").wait_for(timeout=FIRST_PAGE_LIMIT_MS)

    async def log_in_again(self, account: Account) -> None:
        """Come back after a restart of Home Assistant, which may have forgotten the login."""
        await self.page.goto("about:blank")
        await self.page.goto(self._url)
        form = self.page.locator("input[name=username]")
        sidebar = self.page.locator("ha-sidebar")
        await form.or_(sidebar).first.wait_for(timeout=FIRST_PAGE_LIMIT_MS)
        if await form.count():
            await self.log_in(account)

    async def open(self, path: str) -> None:
        """Go to a page by its address."""
        await self.page.goto(self._url + path)

    async def begin_adding(self) -> None:
        """Choose the integration under Settings: its first form opens."""
        await self.open("/config/integrations/dashboard")
        await self.page.get_by_role("button", name="Add integration").click()
        choice = self.page.locator("dialog-add-integration")
        await choice.get_by_placeholder("Search for a brand name").fill(INTEGRATION)
        await choice.get_by_text(INTEGRATION, exact=True).locator("visible=true").first.click()

    async def open_camera(self, entity_id: str) -> tuple[Video, float]:
        """Open a camera's dialog; return its WebRTC video and when that was asked for.

        The time is that of ``time.monotonic``.
        """
        await self.page.locator("home-assistant").evaluate(
            """(root, entityId) => root.dispatchEvent(
              new CustomEvent("hass-more-info", {detail: {entityId}}))""",
            entity_id,
        )
        began = monotonic()
        video = self.page.locator("ha-more-info-dialog ha-web-rtc-player video")
        await video.wait_for(state="attached")
        return Video(video), began

    async def close_dialog(self) -> None:
        """Close the dialog that is open."""
        await self.page.keyboard.press("Escape")
        await self.page.locator("video").first.wait_for(state="detached")

    async def browse_media(self, *titles: str) -> None:
        """Open Media and go down through folders by their titles."""
        await self.open("/media-browser/browser")
        for title in titles:
            await (await self._media_item(re.compile(rf"^\s*{re.escape(title)}\s*$"))).click()

    async def play_media(self, beginnings: Iterable[str]) -> tuple[Video, str]:
        """Click what has a title that begins so; return the player's video and the beginning."""
        choice = "|".join(re.escape(beginning) for beginning in beginnings)
        item = await self._media_item(re.compile(rf"^\s*(?:{choice})\b"))
        title = (await item.inner_text()).strip()
        await item.click()
        video = self.page.locator("hui-dialog-web-browser-play-media video")
        await video.wait_for(state="attached")
        return Video(video), title.split(maxsplit=1)[0]

    async def _media_item(self, title: re.Pattern[str]) -> Locator:
        """Scroll to an item of the media browser: long lists have only what is in view."""
        browser = self.page.locator("ha-media-player-browse")
        item = browser.get_by_text(title).locator("visible=true").first
        await browser.locator(".child, ha-list-item").first.wait_for()
        for _ in range(MAX_SCREENS):
            if await item.count():
                break
            await browser.hover()
            await self.page.mouse.wheel(0, SCREEN_PIXELS)
            await self.page.evaluate(TWO_FRAMES)
        return item
