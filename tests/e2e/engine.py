"""A browser of another make than the demo's: opens Home Assistant's page, finds things and watches videos."""

from abc import ABC, abstractmethod
import asyncio
from base64 import b64decode
from time import monotonic
from typing import Any

from demo.api import Api
from demo.video import GRAB, SEEK, Sight
from simulator.footage.pattern import PatternError, decode_image

WATCH_INTERVAL_S = 0.1
LIMIT_S = 60.0
PATIENCE_S = 10.0
# Home Assistant's page consists of elements within elements, each hidden from the outside.
FIND = """(selector, text) => {
  const found = [];
  const look = root => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(selector) && (!text || new RegExp(text).test(element.textContent)))
        found.push(element);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}"""
CLICK = f"(selector, text) => {{ const one = ({FIND})(selector, text).pop(); one?.click(); return Boolean(one); }}"
PLAYER = "hui-dialog-web-browser-play-media video, ha-hls-player video, video"
ON_VIDEO = f"(...rest) => {{ const one = ({FIND})('video', '')[0]; return one ? (%s)(one, ...rest) : null; }}"


class EngineError(Exception):
    """A browser did not do what it should in time."""


class Engine(ABC):
    """One page of a browser."""

    name: str
    # What to do to a video that shows nothing for a while.
    encouragement: str | None = None

    @abstractmethod
    async def go(self, url: str) -> None:
        """Open an address and wait until its document is there."""

    @abstractmethod
    async def run(self, function: str, *values: object) -> Any:
        """Call a function of JavaScript, wait for what it promises and return that."""

    async def begin_again(self) -> None:  # noqa: B027  most only have to open a page
        """Leave whatever the browser got into; the page is another one afterwards."""

    async def log_in(self, api: Api) -> None:
        """Let the page know our token, as if somebody had logged in."""
        await self.go(f"{api.url}/robots.txt")
        tokens = {
            "hassUrl": api.url,
            "clientId": f"{api.url}/",
            "access_token": api.token,
            "refresh_token": "",
            "token_type": "Bearer",
            "expires_in": 86_400,
            "expires": 4_000_000_000_000,
        }
        await self.run(
            "tokens => localStorage.setItem('hassTokens', JSON.stringify(tokens))", tokens
        )

    async def click(self, selector: str, text: str) -> None:
        """Click the innermost element of that kind whose text matches, once it is there.

        Raises:
            EngineError: it does not come.
        """
        await self._until(f"nothing to click: {text}", CLICK, selector, text)

    async def _until(self, failure: str, function: str, *values: object) -> Any:
        end = monotonic() + LIMIT_S
        while not (found := await self.run(function, *values)):
            if monotonic() > end:
                raise EngineError(f"{self.name}: {failure}")
            await asyncio.sleep(WATCH_INTERVAL_S)
        return found

    async def on_video(self, function: str, *values: object) -> Any:
        """Call a function with the video that is on the page; None while there is none."""
        return await self.run(ON_VIDEO % function, *values)

    async def sight(self) -> Sight:
        """Wait for a picture that can be read.

        Raises:
            EngineError: none comes.
        """
        end = monotonic() + LIMIT_S
        encouraged_at = monotonic()
        while True:
            grabbed = await self.on_video(GRAB)
            if grabbed is not None:
                try:
                    image = b64decode(grabbed["image"].partition(",")[2])
                    return Sight(grabbed["position"], decode_image(image))
                except PatternError:
                    pass
            if monotonic() > end:
                raise EngineError(f"{self.name}: no picture: {await self._trouble()}")
            if self.encouragement is not None and monotonic() > encouraged_at + PATIENCE_S:
                await self.on_video(self.encouragement)
                encouraged_at = monotonic()
            await asyncio.sleep(WATCH_INTERVAL_S)

    async def pause(self) -> None:
        """Let the video stand still, so that the picture on show is the one at its position."""
        await self.on_video("video => video.pause()")

    async def seek(self, position: float) -> Sight:
        """Jump to a position in seconds and return what is shown there."""
        async with asyncio.timeout(LIMIT_S):
            await self.on_video(SEEK, position)
        return await self.sight()

    async def _trouble(self) -> str:
        said = await self.on_video(
            "video => { const held = [...Array(video.buffered.length).keys()].map("
            "at => `${video.buffered.start(at)}-${video.buffered.end(at)}`);"
            " return `ready state ${video.readyState}, position ${video.currentTime}, held ${held},"
            " paused ${video.paused}, seeking ${video.seeking}, error ${video.error?.message ?? 'none'},"
            " size ${video.videoWidth}`; }"
        )
        return str(said)
