"""How is a recorder added by a person who has nothing but its password?"""

from dataclasses import dataclass
import re
from typing import Final

from playwright.async_api import Locator, Page

from demo.frontend import Frontend
from demo.recorders import USER, SimulatedRecorder

# Counts what a hand does with a mouse, or its finger: not what programs and the keyboard do.
COUNTER: Final = """() => {
  if (window.clicksSeen === undefined)
    addEventListener("click", event => { if (event.isTrusted) window.clicksSeen++; }, true);
  window.clicksSeen = 0;
}"""
# The last page says what it will do.
SUBMIT: Final = re.compile(r"^\s*(Submit|Add)\s*$")
SCAN_LIMIT_MS: Final = 60_000
LOGIN_LIMIT_MS: Final = 120_000


# Waits for each picture, whether it comes or not.
SHOWN: Final = """images => Promise.all(images.map(
  each => each.decode().then(() => true, () => false)))"""


class AddingError(Exception):
    """A recorder isn't there to be added, or Home Assistant's page said why it can't be."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the page said and showed that comes before a recorder is added.

    Attributes:
        text: all of it.
        pictures: of how many cameras.
        broken: how many pictures didn't come.
    """

    text: str
    pictures: int
    broken: int


@dataclass(frozen=True, kw_only=True)
class Added:
    """How adding a recorder went.

    Attributes:
        clicks: from its being chosen among those that were found to the end.
        seen: on the way.
    """

    clicks: int
    seen: Seen


class Adding:
    """The dialog in which a recorder is added, from its first page to its last."""

    def __init__(self, frontend: Frontend) -> None:
        """Use a window."""
        self._frontend = frontend
        self._page: Page = frontend.page
        self._dialog = frontend.page.locator("dialog-data-entry-flow")

    async def find(self) -> list[str]:
        """Open the dialog and return what it says of each recorder that was found.

        Raises:
            AddingError: none was found.
        """
        await self._frontend.begin_adding()
        choices = self._choices()
        await choices.or_(self._field("host")).first.wait_for(timeout=SCAN_LIMIT_MS)
        found = [await self._text(choice) for choice in await choices.all()]
        if not found:
            raise AddingError("no recorder was found")
        return found

    def names(self, text: str, recorder: SimulatedRecorder) -> bool:
        """Tell whether a recorder is meant, by its address."""
        return re.search(rf"(?<![\d.]){re.escape(_host(recorder))}(?![\d.])", text) is not None

    async def choose(self, recorder: SimulatedRecorder) -> None:
        """Open a recorder that was found, and begin to count clicks.

        Raises:
            AddingError: there is none.
        """
        for choice in await self._choices().all():
            if self.names(await self._text(choice), recorder):
                await choice.click()
                break
        else:
            raise AddingError(f"{_host(recorder)} was not found")
        await self._open()

    async def type_address(self, recorder: SimulatedRecorder) -> None:
        """Open a recorder by its address, and begin to count clicks.

        Raises:
            AddingError: nothing that is known answers there.
        """
        field = self._field("host")
        await field.wait_for(timeout=SCAN_LIMIT_MS)
        await field.fill(recorder.address)
        await self._open()

    async def log_in(self, recorder: SimulatedRecorder) -> Seen:
        """Type the credentials, and return what they lead to.

        Raises:
            AddingError: they were refused, or something else was.
        """
        await self._field("username").fill(USER)
        await self._field("password").fill(recorder.password)
        await self._submit()
        page = self._dialog.locator("ha-markdown-element").locator("visible=true").first
        await self._arrive(page.locator("table").first)
        shown: list[bool] = await page.locator("img").evaluate_all(SHOWN)
        return Seen(
            text=await page.inner_text(), pictures=shown.count(True), broken=shown.count(False)
        )

    async def finish(self) -> int:
        """Take everything as it is proposed, close the dialog, and return how often was clicked.

        Raises:
            AddingError: the recorder was not added.
        """
        await self._submit()
        await self._arrive(self._dialog.locator("step-flow-create-entry"))
        button = self._dialog.get_by_role("button", name=re.compile("finish", re.IGNORECASE))
        await button.click()
        await self._dialog.locator("step-flow-create-entry").wait_for(state="detached")
        clicks: int = await self._page.evaluate("() => window.clicksSeen")
        return clicks

    async def add(self, recorder: SimulatedRecorder) -> Added:
        """Add one of the recorders that were found.

        Raises:
            AddingError: that was not possible.
        """
        await self.choose(recorder)
        seen = await self.log_in(recorder)
        return Added(clicks=await self.finish(), seen=seen)

    async def add_by_address(self, recorder: SimulatedRecorder) -> None:
        """Open the dialog and add a recorder whose address is known.

        Raises:
            AddingError: that was not possible.
        """
        await self._frontend.begin_adding()
        await self.type_address(recorder)
        await self.log_in(recorder)
        await self.finish()

    async def leave(self) -> None:
        """Close the dialog without adding anything."""
        await self._dialog.get_by_role("button", name="Close").first.click()
        await self._dialog.locator("step-flow-form").wait_for(state="detached")

    async def _open(self) -> None:
        await self._submit()
        await self._page.evaluate(COUNTER)
        await self._arrive(self._field("username"))

    def _field(self, name: str) -> Locator:
        return self._dialog.locator(f"input[name={name}]").locator("visible=true")

    def _choices(self) -> Locator:
        return self._dialog.locator("step-flow-form").get_by_role("radio")

    async def _text(self, choice: Locator) -> str:
        return " ".join((await choice.inner_text()).split())

    async def _submit(self) -> None:
        await self._dialog.get_by_role("button", name=SUBMIT).click()

    async def _arrive(self, page: Locator) -> None:
        """Wait for a page, or for what keeps it from coming."""
        refusal = self._dialog.locator("ha-alert[alert-type=error], step-flow-abort")
        shown = refusal.locator("visible=true")
        await page.or_(shown).first.wait_for(timeout=LOGIN_LIMIT_MS)
        if await shown.count():
            raise AddingError(await shown.first.inner_text())


def _host(recorder: SimulatedRecorder) -> str:
    return recorder.address.partition(":")[0]
