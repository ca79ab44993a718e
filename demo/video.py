"""What a <video> in a page shows, read from its pictures."""

import asyncio
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.async_api import Locator

from simulator.footage.pattern import PatternError, PatternReading, decode_image

WATCH_INTERVAL_S = 0.1

# Draws the frame on show at its natural size, with the frame's own place in the video: the play head
# runs ahead of it or behind. A video that stands still presents no new frame; null while there is none. On a
# busy machine a page may hear so late of a frame that another one is on show: then the next one is waited for.
GRAB = """video => new Promise(resolve => {
  const draw = position => {
    if (video.readyState < 2 || !video.videoWidth) return resolve(null);
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    resolve({position, image: canvas.toDataURL("image/jpeg", 0.92)});
  };
  let still, late = 10;
  const wait = () => {
    still = setTimeout(() => draw(video.currentTime), 300);
    video.requestVideoFrameCallback((now, frame) => {
      clearTimeout(still);
      if (late-- && Math.abs(video.currentTime - frame.mediaTime) > 0.3) wait();
      else draw(frame.mediaTime);
    });
  };
  wait();
})"""
# Resolves once the frame at the new position is on show, which on a busy machine is long after the jump is said to be
# done; where that frame is on show already no other is presented.
SEEK = """(video, position) => new Promise(resolve => {
  let jumped = false, shown = false;
  const wait = () => video.requestVideoFrameCallback((now, frame) => {
    if (Math.abs(position - frame.mediaTime) > 0.3) return wait();
    shown = true;
    if (jumped) resolve();
  });
  video.addEventListener("seeked", () => {
    jumped = true;
    shown ? resolve() : setTimeout(resolve, 2000);
  }, {once: true});
  wait();
  video.currentTime = position;
})"""


class VideoError(Exception):
    """A video did not show what it should in time."""


@dataclass(frozen=True)
class Sight:
    """One look at a video.

    Attributes:
        position: where in the video the picture stands, in seconds.
        pattern: what the picture says of itself.
    """

    position: float
    pattern: PatternReading

    @property
    def instant(self) -> datetime:
        """When the picture was taken."""
        return self.pattern.instant


class Video:
    """A <video> element."""

    def __init__(self, element: Locator) -> None:
        self._element = element

    async def sight(self) -> Sight | None:
        """Read the picture on show; None while there is none or only a part of one."""
        grabbed = await self._element.evaluate(GRAB)
        if grabbed is None:
            return None
        image = b64decode(grabbed["image"].partition(",")[2])
        try:
            return Sight(grabbed["position"], decode_image(image))
        except PatternError:
            return None

    async def first_sight(self, limit_s: float) -> Sight:
        """Wait for the first readable picture.

        Raises:
            VideoError: none came in time.
        """
        try:
            async with asyncio.timeout(limit_s):
                while (sight := await self.sight()) is None:
                    await asyncio.sleep(WATCH_INTERVAL_S)
        except TimeoutError as err:
            raise VideoError(f"no picture in {limit_s:g} s: {await self._trouble()}") from err
        return sight

    async def advance(self, beyond: Sight, by: timedelta, limit_s: float) -> Sight:
        """Wait until the pictures have gone on by that much time, and return the one seen then.

        Raises:
            VideoError: they did not in time.
        """
        sight: Sight | None = beyond
        try:
            async with asyncio.timeout(limit_s):
                while sight is None or sight.instant < beyond.instant + by:
                    await asyncio.sleep(WATCH_INTERVAL_S)
                    sight = await self.sight()
        except TimeoutError as err:
            raise VideoError(f"did not advance by {by}: {await self._trouble()}") from err
        return sight

    async def seek(self, position: float, limit_s: float) -> Sight:
        """Jump to a position in seconds and return what is shown there.

        Raises:
            VideoError: no picture came in time.
        """
        try:
            async with asyncio.timeout(limit_s):
                await self._element.evaluate(SEEK, position)
        except TimeoutError as err:
            raise VideoError(f"no jump to {position:g} s: {await self._trouble()}") from err
        return await self.first_sight(limit_s)

    async def pause(self) -> None:
        """Stand still."""
        await self._element.evaluate("video => video.pause()")

    async def play(self) -> None:
        """Go on."""
        await self._element.evaluate("video => video.play()")

    async def duration_s(self) -> float:
        """Return its length as the player knows it."""
        length: float = await self._element.evaluate("video => video.duration")
        return length

    async def _trouble(self) -> str:
        if not await self._element.count():
            return "there is no video element"
        said: str = await self._element.evaluate(
            "video => `ready state ${video.readyState}, position ${video.currentTime},"
            " error ${video.error?.message ?? 'none'}, size ${video.videoWidth}`"
        )
        return said
