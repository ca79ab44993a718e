"""Home Assistant's pages, used as a person does: by looking and clicking."""

from collections.abc import Mapping
from time import monotonic

from playwright.async_api import Locator, Page

from demo.api import Account
from demo.video import Video

FIRST_PAGE_LIMIT_MS = 60_000


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

    async def open(self, path: str) -> None:
        """Go to a page by its address."""
        await self.page.goto(self._url + path)

    async def begin_adding(self, integration: str) -> Locator:
        """Choose an integration under Settings and return the dialog with its first form."""
        await self.open("/config/integrations/dashboard")
        await self.page.get_by_role("button", name="Add integration").click()
        await self.page.get_by_placeholder("Search for a brand name").fill(integration)
        await self.page.get_by_text(integration, exact=True).first.click()
        dialog = self.page.locator("dialog-data-entry-flow")
        await dialog.locator("ha-form").first.wait_for()
        return dialog

    async def fill_form(self, dialog: Locator, fields: Mapping[str, str]) -> None:
        """Type into the fields of a form by their labels and send it."""
        for label, value in fields.items():
            await dialog.get_by_label(label, exact=False).first.fill(value)
        await dialog.get_by_role("button", name="Submit").click()

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

    async def browse_media(self, *titles: str) -> None:
        """Open Media and go down through folders by their titles."""
        await self.open("/media-browser/browser")
        for title in titles:
            await self.media_item(title).first.click()

    def media_item(self, title: str) -> Locator:
        """Return the item of the media browser that has this title."""
        browser = self.page.locator("ha-media-player-browse")
        return browser.get_by_text(title, exact=True).locator("visible=true")
