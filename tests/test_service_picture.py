"""The action that saves the picture of an instant, with a recorder in memory."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
from PIL import Image
from PIL.ExifTags import IFD, Base
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    NoFootageError,
    NotPermittedError,
)
from custom_components.nvr.drivers.models import Recording, Right, StreamName
from custom_components.nvr.footage.errors import InvalidFootageError, NoVideoError
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.picture import Picture
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.library.queue import ClipQueue
from tests.action_fixtures import FRONT, OFFLINE, YARD, act
from tests.fake_driver import FakeDriver

pytestmark = pytest.mark.usefixtures("queue", "camera_room")


def jpeg() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(target, "JPEG")
    return target.getvalue()


class FakeCamera:
    """Stands in for ``make_picture``: one picture a second, on the second, from the recording's start."""

    def __init__(self) -> None:
        """Initialize.

        ``late`` is how long after the begin of the transfer the first picture comes. ``error`` is raised
        always, ``errors`` by one call each.
        """
        self.jpeg = jpeg()
        self.late = timedelta()
        self.error: Exception | None = None
        self.errors: list[Exception | None] = []
        self.wall: datetime | None = None
        self.leads: list[timedelta] = []
        self.exact: list[bool] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(
        self,
        pool: WorkerPool,
        part: FootagePart,
        instant: datetime,
        *,
        lead: timedelta,
        max_bytes: int | None,
    ) -> Picture:
        """Return a picture."""
        assert max_bytes is None
        self.leads.append(lead)
        begin = max(part.start, instant - lead)
        async with part.fetch(begin, min(part.end, instant)) as chunks:
            async for _ in chunks:
                pass
        await self.gate.wait()
        if (error := self.errors.pop(0) if self.errors else self.error) is not None:
            raise error
        first = begin.replace(microsecond=0) + self.late
        taken = max(first, instant.replace(microsecond=0))
        exact = self.exact.pop(0) if self.exact else True
        return Picture(self.jpeg, taken, exact=exact, first_wall=self.wall)


@pytest.fixture
def camera_room() -> Any:
    camera = FakeCamera()
    with patch("custom_components.nvr.library.picture.make_picture", camera):
        yield camera


async def get(hass: HomeAssistant, instant: datetime, *cameras: str, **data: Any) -> Any:
    """Ask for pictures."""
    return await act(
        hass, "get_picture", entity_id=list(cameras or (FRONT,)), instant=instant, **data
    )


async def test_a_picture_is_saved_and_told(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    instant = recorded.start + timedelta(seconds=60.4)
    answer = (await get(hass, instant, name="Pärcel?"))[FRONT]
    taken = recorded.start + timedelta(seconds=60)
    file = Path(answer["path"])
    local = dt_util.as_local(instant)
    assert file.relative_to(hass.config.media_dirs["local"]) == Path(
        f"nvr/garage_nvr/1_front_door/{local:%Y-%m-%d}/{local:%H%M%S}_parcel.jpg"
    )
    assert datetime.fromisoformat(answer["instant"]) == taken
    assert answer["media_content_id"] == (
        f"media-source://nvr/picture/garage_nvr/1_front_door/{local:%Y-%m-%d}/{file.name}"
    )
    assert answer["url"].endswith(file.name)
    assert answer["size"] == file.stat().st_size
    assert (answer["camera"], answer["channel"], answer["stream"]) == (FRONT, 1, "main")
    assert camera_room.leads == [timedelta()]
    with Image.open(file) as picture:
        picture.load()
        assert picture.size == (640, 360)
        details = picture.getexif().get_ifd(IFD.Exif)
    assert details[Base.DateTimeOriginal] == f"{dt_util.as_local(taken):%Y:%m:%d %H:%M:%S}"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_an_instant_without_zone_is_home_assistants(
    hass: HomeAssistant, recorded: Recording
) -> None:
    await hass.config.async_set_time_zone("America/New_York")
    instant = recorded.start + timedelta(seconds=60)
    naive = dt_util.as_local(instant).replace(tzinfo=None)
    answer = (await get(hass, naive))[FRONT]
    assert datetime.fromisoformat(answer["instant"]) == instant


async def test_what_begins_with_the_key_picture_after_is_asked_for_more(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    camera_room.late = timedelta(seconds=3)
    instant = recorded.start + timedelta(seconds=60)
    answer = (await get(hass, instant))[FRONT]
    assert datetime.fromisoformat(answer["instant"]) == instant
    assert camera_room.leads == [timedelta(), timedelta(seconds=10)]


async def test_the_quick_way_is_not_taken_for_an_unsure_instant(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    for exact, tells in (([False, True], True), ([False, False], False)):
        camera_room.leads.clear()
        camera_room.exact = exact
        answer = (await get(hass, recorded.start + timedelta(seconds=60)))[FRONT]
        assert answer["exact"] is tells
        assert camera_room.leads == [timedelta(), timedelta()]


async def test_a_picture_of_another_time_is_none(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    camera_room.late = timedelta(minutes=1)
    with pytest.raises(HomeAssistantError) as raised:
        await get(hass, recorded.start + timedelta(seconds=60))
    assert raised.value.translation_key == "no_footage"


async def test_the_clock_in_the_footage_is_evidence(
    hass: HomeAssistant, recorded: Recording, driver: FakeDriver, camera_room: FakeCamera
) -> None:
    camera_room.wall = datetime(2026, 11, 21, 12)
    await get(hass, recorded.start + timedelta(seconds=60))
    assert driver.footage_times == [(recorded, camera_room.wall)]


async def test_nothing_recorded_names_the_nearest(hass: HomeAssistant, recorded: Recording) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await get(hass, recorded.start - timedelta(minutes=5))
    assert raised.value.translation_key == "nothing_recorded_nearest"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CannotConnectError("off"), "cannot_connect"),
        (NotPermittedError("no", right=Right.DOWNLOAD), "not_permitted_download"),
        (NoFootageError("gone"), "no_footage"),
        (NoVideoError("nothing"), "no_footage"),
        (OSError(28, "full"), "disk_full"),
    ],
)
async def test_errors_are_told_in_words(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera, error: Exception, key: str
) -> None:
    camera_room.error = error
    with pytest.raises(HomeAssistantError) as raised:
        await get(hass, recorded.start + timedelta(seconds=60))
    assert raised.value.translation_key == key
    assert str(raised.value) != key
    media = Path(hass.config.media_dirs["local"])
    assert [path for path in media.rglob("*") if path.is_file()] == []


async def test_one_camera_that_fails_takes_nothing_from_the_others(
    hass: HomeAssistant, recorded: Recording, driver: FakeDriver
) -> None:
    driver.recordings = [one for one in driver.recordings if one.channel != 2]
    answers = await get(hass, recorded.start + timedelta(seconds=60), FRONT, YARD, OFFLINE)
    assert set(answers) == {FRONT, YARD, OFFLINE}
    assert answers[YARD]["cause"] == "nothing_recorded"
    assert Path(answers[FRONT]["path"]).exists()
    assert Path(answers[OFFLINE]["path"]).exists()


async def test_senseless_wishes_are_refused(hass: HomeAssistant, recorded: Recording) -> None:
    for data, key in (
        ({"instant": dt_util.utcnow() + timedelta(minutes=1)}, "instant_in_future"),
        ({"instant": recorded.start, "stream": "third"}, "no_such_stream"),
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "get_picture", entity_id=[FRONT], **data)
        assert raised.value.translation_key == key


async def test_who_may_not_control_the_camera_gets_none(
    hass: HomeAssistant, recorded: Recording, hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized) as raised:
        await act(
            hass,
            "get_picture",
            Context(user_id=hass_read_only_user.id),
            entity_id=[FRONT],
            instant=recorded.start,
        )
    assert raised.value.permission == POLICY_CONTROL


async def test_a_recorder_that_never_answers_is_given_up(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    camera_room.gate.clear()
    with (
        patch("custom_components.nvr.library.picture.LIMIT_SECONDS", 0.05),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await get(hass, recorded.start + timedelta(seconds=60))
    assert raised.value.translation_key == "picture_too_slow"


async def test_the_turns_of_others_are_not_counted_against_a_recorder(
    hass: HomeAssistant,
    recorded: Recording,
    loaded_entry: MockConfigEntry,
    camera_room: FakeCamera,
) -> None:
    instant = recorded.start + timedelta(seconds=60)
    camera_room.gate.clear()
    first = hass.async_create_task(get(hass, instant))
    while not camera_room.leads:
        await asyncio.sleep(0)
    data = loaded_entry.runtime_data
    with patch("custom_components.nvr.library.picture.LIMIT_SECONDS", 0):
        channel = data.coordinator.data.channel(2)
        second = hass.async_create_task(
            data.pictures.save(channel, StreamName.MAIN, instant, "yard")
        )
        # Enough for it to come to its turn, and for a limit to run out.
        for _ in range(10):
            await asyncio.sleep(0)
    camera_room.gate.set()
    await first
    assert (await second).instant == instant


async def test_a_picture_in_hand_is_not_lost_to_the_thorough_way(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    instant = recorded.start + timedelta(seconds=60)
    for error in (InvalidFootageError("broken"), CannotConnectError("off"), NoVideoError("none")):
        camera_room.errors = [None, error, error]
        camera_room.exact = [False]
        answer = (await get(hass, instant))[FRONT]
        assert answer["exact"] is False
        assert Path(answer["path"]).exists()


async def test_a_quick_way_that_fails_leaves_the_thorough_one(
    hass: HomeAssistant, recorded: Recording, camera_room: FakeCamera
) -> None:
    for error in (InvalidFootageError("broken"), CannotConnectError("off")):
        camera_room.errors = [error]
        answer = (await get(hass, recorded.start + timedelta(seconds=60)))[FRONT]
        assert answer["exact"] is True


async def test_one_recording_that_fails_does_not_hide_another(
    hass: HomeAssistant, recorded: Recording, driver: FakeDriver, camera_room: FakeCamera
) -> None:
    instant = recorded.start + timedelta(minutes=10)
    minute = timedelta(minutes=1)
    driver.recordings.append(replace(recorded, start=instant - minute, end=recorded.end + minute))
    error = InvalidFootageError("broken")
    camera_room.errors = [error, error]
    answer = (await get(hass, instant))[FRONT]
    assert datetime.fromisoformat(answer["instant"]) == instant
    assert camera_room.errors == []


async def test_an_instant_of_a_moment_ago_is_waited_for(
    hass: HomeAssistant,
    recorded: Recording,
    driver: FakeDriver,
    queue: ClipQueue,
    camera_room: FakeCamera,
) -> None:
    instant = dt_util.utcnow()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        driver.recordings = [
            Recording(
                channel=1,
                stream=recorded.stream,
                start=instant - timedelta(minutes=1),
                end=instant + timedelta(seconds=5),
                kinds=recorded.kinds,
                token="a",
            )
        ]

    queue.maker._sleep = sleep
    answer = (await get(hass, instant))[FRONT]
    assert slept
    assert abs(datetime.fromisoformat(answer["instant"]) - instant) <= timedelta(seconds=1)


async def test_a_picture_is_deleted_as_clips_are(hass: HomeAssistant, recorded: Recording) -> None:
    answer = (await get(hass, recorded.start + timedelta(seconds=60)))[FRONT]
    await hass.services.async_call(
        "nvr", "delete_clip", {"clip": answer["media_content_id"]}, blocking=True
    )
    assert not Path(answer["path"]).exists()


async def test_the_entry_goes_on_to_unload_while_a_picture_is_made(
    hass: HomeAssistant,
    recorded: Recording,
    loaded_entry: MockConfigEntry,
    camera_room: FakeCamera,
) -> None:
    camera_room.gate.clear()
    call = hass.async_create_task(get(hass, recorded.start + timedelta(seconds=60)))
    while not camera_room.leads:
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(loaded_entry.entry_id)
    camera_room.gate.set()
    assert Path((await call)[FRONT]["path"]).exists()
