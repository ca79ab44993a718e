"""How the picture of one instant is made: find its recording, fetch it, save it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..drivers.driver import Driver, Purpose
from ..drivers.errors import DriverError, NoFootageError
from ..drivers.models import Channel, Recording, StreamName
from ..footage.errors import FootageError, NoVideoError
from ..footage.picture import Picture, make_picture
from ..footage.workers import Workers
from ..footage_parts import footage_part
from .clip import ClipNote, ClipPath
from .folder import ClipFolder
from .job import ClipRequest, JobPhase
from .maker import ClipError, ClipMaker, check_room
from .naming import channel_folder, recorder_folder, recorder_id
from .picture_note import with_note
from .plan import ClipPlan

PICTURE_BYTES = 4_000_000
"""Room that a picture is taken to need: the largest sensors give about as much."""

LIMIT_SECONDS = 600
"""How long a recorder may take, for those that send a whole recording to show a moment of it."""

SECONDS_PER_MINUTE = 60

LEAD = timedelta(seconds=10)
"""Some recorders begin with the key picture after the instant asked for; between two are seconds."""

ROUNDING = timedelta(seconds=1)
"""How far from the instant a picture may be: search answers, so the ends of recordings, count whole seconds."""

LONGEST_SHOWN = timedelta(seconds=20)
"""How long one picture may stay on screen: the slowest streams have one in 16 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPicture:
    """What came out of it. ``instant`` is when the picture was taken (UTC), right to a second if not ``exact``."""

    path: ClipPath
    file: str
    instant: datetime
    exact: bool
    size_bytes: int
    sha256: str


class PictureMaker:
    """Saves pictures of one recorder's footage, one at a time."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        maker: ClipMaker,
        pool: Workers,
        folder: ClipFolder,
    ) -> None:
        """Initialize; ``maker`` finds recordings and waits for them."""
        self._hass = hass
        self._entry = entry
        self._maker = maker
        self._pool = pool
        self._folder = folder
        self._turn = asyncio.Lock()

    async def save(
        self, channel: Channel, stream: StreamName, instant: datetime, name: str
    ) -> SavedPicture:
        """Save what was on screen at an instant (UTC), which may be a moment ago.

        Raises:
            ClipError: Nothing was recorded then, there is no room, or the recorder takes too long.
            DriverError: The recorder can't be asked, or has no picture of that instant.
            FootageError: Its footage can't be read.
            OSError: The file can't be written.
        """
        wish = ClipRequest(
            channel=channel.number, stream=stream, start=instant, end=instant + ROUNDING, name=name
        )
        async with _time_limit():
            await self._maker.wait_for_footage(wish, _report_nothing)
        # A worker that waits for its turn would keep it from others. Who waits for it has not begun to wait
        # for the recorder.
        async with self._turn, _time_limit():
            await check_room(ClipPlan(recordings=(), size_bytes=PICTURE_BYTES), self._folder)
            recording, picture = await self._find(wish)
        return await self._save(channel, wish, recording, picture)

    async def _find(self, wish: ClipRequest) -> tuple[Recording, Picture]:
        """Return the picture, looked for once more if the footage shows that the clock was read wrongly."""
        plan = await self._maker.plan(wish)
        before = self._maker.clocks(plan)
        found = await self._look(plan, wish)
        if self._maker.clocks(plan) != before:
            plan = await self._maker.plan(wish)
            found = await self._look(plan, wish)
        if found is not None:
            return found
        if plan.recordings:
            raise NoFootageError("the recording shows nothing at that instant")
        raise await self._maker.nothing_recorded(wish)

    async def _look(self, plan: ClipPlan, wish: ClipRequest) -> tuple[Recording, Picture] | None:
        driver, instant = self._maker.driver, wish.start
        recordings = [one for one in plan.recordings if one.start <= instant + ROUNDING]
        after: tuple[Recording, Picture] | None = None
        failure: DriverError | FootageError | None = None
        for recording in reversed(recordings):
            try:
                picture = await self._picture(driver, recording, instant)
            except (DriverError, FootageError) as error:
                # Where recordings overlap, another may show the instant.
                failure = failure or error
                continue
            if picture is None:
                continue
            if instant - LONGEST_SHOWN <= picture.instant <= instant:
                return recording, picture
            if instant < picture.instant <= instant + ROUNDING:
                after = recording, picture
        if after is None and failure is not None:
            raise failure
        return after

    async def _picture(
        self, driver: Driver, recording: Recording, instant: datetime
    ) -> Picture | None:
        """Return the picture of a recording that is nearest to an instant, None where it shows nothing.

        The quick way to one picture may not tell when it was taken, or fail; then the way of clips is gone.
        What fails is only told where neither has a picture.
        """
        failure: DriverError | FootageError | None = None
        found: Picture | None = None
        for purpose in (Purpose.PICTURE, Purpose.CLIP):
            try:
                picture = await self._fetched(driver, recording, instant, purpose)
            except (DriverError, FootageError) as error:
                failure = failure or error
                continue
            if picture is not None and picture.exact:
                return picture
            found = picture or found
        if found is None and failure is not None:
            raise failure
        return found

    async def _fetched(
        self, driver: Driver, recording: Recording, instant: datetime, purpose: Purpose
    ) -> Picture | None:
        part = footage_part(driver, recording, purpose)
        picture: Picture | None = None
        for lead in (timedelta(), LEAD):
            try:
                picture = await make_picture(self._pool, part, instant, lead=lead, max_bytes=None)
            except NoVideoError:
                continue
            if picture.first_wall is not None:
                driver.note_footage_time(recording, picture.first_wall)
            if picture.instant <= instant or recording.start >= instant - ROUNDING:
                break
        return picture

    async def _save(
        self, channel: Channel, wish: ClipRequest, recording: Recording, picture: Picture
    ) -> SavedPicture:
        note = ClipNote(
            recorder_id=recorder_id(self._entry),
            recorder=self._entry.title,
            channel=channel.number,
            channel_name=channel.name,
            stream=wish.stream,
            start=picture.instant,
            end=picture.instant,
            kinds=recording.kinds,
            exact=picture.exact,
        )
        try:
            jpeg = with_note(picture.jpeg, note, dt_util.as_local(picture.instant))
        except ValueError as error:
            raise FootageError("the picture makes no sense") from error
        path, size, sha256 = await self._hass.async_add_executor_job(
            self._folder.save_picture,
            recorder_folder(self._hass, self._entry),
            channel_folder(channel),
            dt_util.as_local(wish.start),
            wish.name,
            jpeg,
        )
        return SavedPicture(
            path=path,
            file=str(self._folder.file(path)),
            instant=picture.instant,
            exact=picture.exact,
            size_bytes=size,
            sha256=sha256,
        )


@asynccontextmanager
async def _time_limit() -> AsyncIterator[None]:
    """End with an error of ours what takes a recorder too long."""
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            yield
    except TimeoutError as error:
        raise ClipError(
            "picture_too_slow", {"minutes": str(LIMIT_SECONDS // SECONDS_PER_MINUTE)}
        ) from error


def _report_nothing(_phase: JobPhase, _progress: float | None) -> None:
    """A picture is no job: whoever asks waits for it, and nobody else is told."""
