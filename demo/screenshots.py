"""The program behind `scripts/screenshots`: the README's pictures, taken from the demo."""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
import sys
from typing import Any

from PIL import Image
from playwright.async_api import ViewportSize

from demo.browser import Browser
from demo.dashboard import make_dashboard
from demo.empty import names_of, on_the_network
from demo.entry import Entry
from demo.frontend import Frontend
from demo.homeassistant import ACCOUNT
from demo.installation import Installation
from demo.personalities import shown
from demo.recorders import SimulatedRecorder
from demo.steps.adding import Adding
from demo.steps.automation import AUTOMATION, make_automation
from demo.steps.live import FIRST_FRAME_LIMIT_S
from demo.steps.playback import SECOND, SOURCE, day_title, recording_of, title_beginnings
from demo.vendors import HIKVISION, VENDORS
from scripts.provision.layout import ROOT

IMAGES = ROOT / "docs" / "images"
CAMERA, CHANNEL = "camera.front_door", "Front door"
BUSY_CHANNEL = "Driveway"
# The page about a recorder is a long one.
REPORT_SIZE: ViewportSize = {"width": 1000, "height": 1300}
AGO = timedelta(hours=2)
PLAYED = timedelta(seconds=3)
PLAY_LIMIT_S = 60.0
LOAD_LIMIT_MS = 60_000
SHOWN_TILES = 15
# Dialogs, ripples and fading tool tips come to rest in this time.
REST_S = 1.5

# Pages are trees of shadow roots, which document.querySelectorAll does not enter.
DEEP = """(() => {
  const found = [];
  const walk = root => root.querySelectorAll("*").forEach(each => {
    found.push(each);
    if (each.shadowRoot) walk(each.shadowRoot);
  });
  walk(document);
  return found;
})()"""
CAMERAS_SHOWN = f"""() => {{
  const images = {DEEP}.filter(each =>
    each.localName === "img" && each.getRootNode().host?.localName === "hui-image");
  const seen = images.filter(each => each.getBoundingClientRect().top < innerHeight);
  return seen.length > 3 && seen.every(each => each.complete && each.naturalWidth);
}}"""
TILES_SHOWN = f"""count => {DEEP}.filter(each =>
  each.classList.contains("image") && getComputedStyle(each).backgroundImage.startsWith("url(")
).length >= count"""


def main() -> int:
    """Take the pictures and return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    asyncio.run(_take_all(parser.parse_args().folder))
    return 0


async def _take_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    await _take_adding(folder)
    await _take_rest(folder)


async def _take_adding(folder: Path) -> None:
    """Take how recorders are found and added, from nothing."""
    plans = on_the_network(names_of(VENDORS.values()))
    async with Installation.run(plans) as installation, Browser.run() as browser:
        await _hide_notices(installation)
        frontend = Frontend(await browser.page(), installation.home_assistant.url)
        await frontend.log_in(ACCOUNT)
        await Camera(frontend, folder).adding(installation.recorders[HIKVISION.first])


async def _take_rest(folder: Path) -> None:
    """Take what there is to see when recorders were added."""
    async with Installation.run(shown(*VENDORS.values())) as installation, Browser.run() as browser:
        api = installation.api
        entries = [await Entry.add(api, each) for each in installation.recorders.values()]
        dashboard = await make_dashboard(api, entries)
        await make_automation(api, [CAMERA])
        await _hide_notices(installation)
        frontend = Frontend(await browser.page(), installation.home_assistant.url)
        await frontend.log_in(ACCOUNT)
        camera = Camera(frontend, folder)
        await camera.dashboard(dashboard)
        await camera.live()
        await camera.recorder()
        await camera.automation()
        await camera.days(entries[0].title)
        await camera.recordings(entries[0].title)
        await camera.playback(entries[0].title, installation.recorders[HIKVISION.first])


async def _hide_notices(installation: Installation) -> None:
    """Ignore what Home Assistant says of this machine, such as the version of its go2rtc."""
    for issue in (await installation.api.ask("repairs/list_issues"))["issues"]:
        await installation.api.ask(
            "repairs/ignore_issue", domain=issue["domain"], issue_id=issue["issue_id"], ignore=True
        )


class Camera:
    """Goes to pages and takes pictures of them."""

    def __init__(self, frontend: Frontend, folder: Path) -> None:
        self._frontend = frontend
        self._page = frontend.page
        self._folder = folder

    async def dashboard(self, path: str) -> None:
        """Take the cameras of a recorder."""
        await self._frontend.open(path)
        await self._wait(CAMERAS_SHOWN)
        await self._take("dashboard")

    async def live(self) -> None:
        """Take a camera's dialog while it plays."""
        video, _ = await self._frontend.open_camera(CAMERA)
        first = await video.first_sight(FIRST_FRAME_LIMIT_S)
        await video.advance(first, PLAYED, PLAY_LIMIT_S)
        await self._take("camera")
        await self._frontend.close_dialog()

    async def recorder(self) -> None:
        """Take the page of the recorder's device."""
        await self._frontend.open("/config/devices/dashboard")
        await self._page.get_by_text("DS-7616NXI", exact=False).first.click()
        await self._page.get_by_text("Clock offset").first.wait_for()
        await self._take("recorder")

    async def adding(self, recorder: SimulatedRecorder) -> None:
        """Take the list of what was found, and the page that tells of a recorder before it is added."""
        adding = Adding(self._frontend)
        await adding.find()
        await self._take("add-recorder")
        await adding.choose(recorder)
        await self._page.set_viewport_size(REPORT_SIZE)
        await adding.log_in(recorder)
        await self._take("report")
        await adding.leave()

    async def automation(self) -> None:
        """Take an automation made from the blueprint."""
        await self._frontend.open(f"/config/automation/edit/{AUTOMATION}")
        await self._page.get_by_text("Seconds before").first.wait_for()
        await self._take("automation")

    async def days(self, recorder: str) -> None:
        """Take the days on which a channel recorded."""
        await self._frontend.browse_media(SOURCE, recorder, BUSY_CHANNEL)
        day = self._page.get_by_text(day_title(datetime.now(UTC))).locator("visible=true")
        await day.first.wait_for()
        await self._page.mouse.move(0, 0)
        await self._take("days")

    async def recordings(self, recorder: str) -> None:
        """Take the recordings of a whole day with their pictures."""
        yesterday = day_title(datetime.now(UTC) - timedelta(days=1))
        await self._frontend.browse_media(SOURCE, recorder, BUSY_CHANNEL, yesterday)
        await self._wait(TILES_SHOWN, SHOWN_TILES)
        await self._take("recordings")

    async def playback(self, title: str, recorder: SimulatedRecorder) -> None:
        """Take a recording that plays."""
        channel = next(each for each in recorder.channels.values() if each.name == CHANNEL)
        span = await recording_of(recorder, channel, datetime.now(UTC) - AGO)
        await self._frontend.browse_media(SOURCE, title, CHANNEL, day_title(span.start))
        video, _ = await self._frontend.play_media(title_beginnings(span.start, SECOND))
        first = await video.first_sight(PLAY_LIMIT_S)
        await video.advance(first, PLAYED, PLAY_LIMIT_S)
        await self._page.locator("hui-dialog-web-browser-play-media video").hover()
        await self._take("playback")

    async def _wait(self, condition: str, argument: Any = None) -> None:
        await self._page.wait_for_function(condition, arg=argument, timeout=LOAD_LIMIT_MS)

    async def _take(self, name: str) -> None:
        await asyncio.sleep(REST_S)
        with Image.open(BytesIO(await self._page.screenshot())) as shot:
            shot.convert("RGB").save(self._folder / f"{name}.png", optimize=True)
        print(f"screenshots: {name}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
