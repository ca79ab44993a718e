"""Trying out what an account on a recorder may do, and what its channels look like, before it is added."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from homeassistant.components.camera import Image
from homeassistant.components.camera.img_util import scale_jpeg_camera_image
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .drivers.driver import Driver, Memory, Purpose
from .drivers.errors import DriverError, NotPermittedError, RefusedApartError
from .drivers.models import Channel, Connection, RecorderState, Recording, Right
from .drivers.pictures import JPEG_START
from .finding import logged_in
from .recordings import find_recordings

TRIAL_SECONDS = 20
"""A person waits for this; what isn't known by then stays open."""

LOOKED_BACK = timedelta(days=1)
FOOTAGE_TRIED = timedelta(seconds=2)
CHANNELS_TRIED = 8
"""Where footage of the first is refused: an account may have rights to other cameras."""

PICTURE_WIDTH = 160
PICTURE_HEIGHT = 90
PICTURE_BYTES = 2_000_000
PICTURES_LIMIT = 64
# Small ones take a few hundred kilobytes together; what can't be made smaller would be kept as it came.
PICTURES_BYTES = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of trying a recorder out.

    ``rights`` tells for each right whether the account has it, None where that could not be tried. ``refused_apart``
    tells whether the login was refused by something that has one of its own, as RTSP and stills may. ``pictures``
    are JPEGs by the number of their channel. ``memory`` is what the driver learned.
    """

    vendor: str
    connection: Connection
    state: RecorderState
    rights: Mapping[Right, bool | None]
    refused_apart: bool
    pictures: Mapping[int, bytes]
    memory: Memory


async def async_try_out(
    hass: HomeAssistant, connection: Connection, advance: Callable[[float], None]
) -> Trial:
    """Log in once and try everything that is needed later; ``advance`` is told which share of it is done.

    Raises:
        DriverError: It doesn't answer, refuses us, or is no recorder that we know.
    """
    async with logged_in(hass, connection) as found:
        state = found.state
        # What is fetched here is looked at for a moment or not at all.
        found.driver.take_rough_times()
        attempt = _Attempt(hass, found.driver, state, advance)
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                await attempt.run()
        except TimeoutError:
            LOGGER.debug("Not everything of %s could be tried in time", state.recorder.name)
    return Trial(
        vendor=found.vendor,
        connection=found.connection,
        state=state,
        rights=attempt.rights,
        refused_apart=attempt.refused_apart,
        pictures=attempt.pictures,
        memory=deepcopy(found.driver.memory),
    )


@dataclass(slots=True)
class _Attempt:
    """What has been tried so far."""

    hass: HomeAssistant
    driver: Driver
    state: RecorderState
    advance: Callable[[float], None]
    rights: dict[Right, bool | None] = field(default_factory=dict)
    refused_apart: bool = False
    pictures: dict[int, bytes] = field(default_factory=dict)
    done: int = 0

    def __post_init__(self) -> None:
        # Without the right to see settings there were no state.
        self.rights = dict.fromkeys(Right) | {Right.SETTINGS: True}

    async def run(self) -> None:
        """Try all, several things at once; the driver bounds how many."""
        # Recorders keep from a viewer which cameras are connected: then those of which nothing is known have to do.
        seen = [one for one in self.state.channels if one.online is not False and one.streams]
        shown = seen[:PICTURES_LIMIT]
        steps = len(shown) + 1
        await asyncio.gather(
            self._count(steps, partial(self._try_footage, seen)),
            *(self._count(steps, partial(self._try_picture, channel)) for channel in shown),
        )

    async def _count(self, steps: int, step: Callable[[], Awaitable[None]]) -> None:
        await step()
        self.done += 1
        self.advance(self.done / steps)

    async def _try_picture(self, channel: Channel) -> None:
        with self._noting(Right.LIVE):
            picture = await self.driver.snapshot(
                channel.number, channel.streams[-1].name, width=PICTURE_WIDTH
            )
            self.rights[Right.LIVE] = True
            if len(picture) <= PICTURE_BYTES and picture.startswith(JPEG_START):
                self._keep(channel.number, await self.hass.async_add_executor_job(_small, picture))

    def _keep(self, number: int, picture: bytes) -> None:
        """Keep a picture, and of all of them as many as there is room for, the small ones first."""
        self.pictures[number] = picture
        while sum(map(len, self.pictures.values())) > PICTURES_BYTES:
            del self.pictures[max(self.pictures, key=lambda one: len(self.pictures[one]))]

    async def _try_footage(self, channels: list[Channel]) -> None:
        """Try footage of one camera after the other, until nothing is refused."""
        for channel in sorted(channels, key=lambda one: one.online is not True)[:CHANNELS_TRIED]:
            await self._try_footage_of(channel)
            if False not in (self.rights[Right.PLAYBACK], self.rights[Right.DOWNLOAD]):
                return

    async def _try_footage_of(self, channel: Channel) -> None:
        """Look for something recorded, and fetch the beginning of it."""
        now = dt_util.utcnow()
        with self._noting(Right.PLAYBACK):
            await self.driver.recorded_days(channel.number, now - LOOKED_BACK, now)
            found = await find_recordings(
                self.driver, channel.number, now - LOOKED_BACK, now, limit=1
            )
            if found.error is not None:
                raise found.error
            self.rights[Right.PLAYBACK] = True
            for recording in found.recordings:
                await self._try_download(recording)

    async def _try_download(self, recording: Recording) -> None:
        with self._noting(Right.DOWNLOAD):
            end = min(recording.end, recording.start + FOOTAGE_TRIED)
            async with self.driver.download(
                recording, recording.start, end, purpose=Purpose.PICTURE
            ) as download:
                async for _ in download:
                    self.rights[Right.DOWNLOAD] = True
                    return

    @contextmanager
    def _noting(self, right: Right) -> Iterator[None]:
        """Let pass no driver error, and note a right that is missing."""
        try:
            yield
        except RefusedApartError:
            # The account may well have the right.
            self.refused_apart = True
        except NotPermittedError as error:
            # Some recorders give rights channel by channel: one that may be seen is enough.
            missing = error.right or right
            self.rights[missing] = self.rights[missing] is True and missing is not Right.SETTINGS
        except DriverError as error:
            LOGGER.debug("The right to %s could not be tried: %s", right.value, error)


def _small(picture: bytes) -> bytes:
    """Return a picture in the size in which it is shown: not every recorder makes it smaller when asked to."""
    try:
        return scale_jpeg_camera_image(Image("image/jpeg", picture), PICTURE_WIDTH, PICTURE_HEIGHT)
    except OSError:
        return picture
