"""The integration with a simulated recorder behind real sockets: from the form to the unload."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant import block_async_io
from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.coordinator import NvrConfigEntry
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.flow_report import Report
from custom_components.nvr.guards import async_guard_of
from custom_components.nvr.trial import Trial
from simulator.box import RecorderBox
from simulator.core.accounts import Right as SimulatedRight
from simulator.core.personality import Options
from simulator.hikvision import personalities
from tests.boxes import login, submit
from tests.flow_walk import send
from tests.polling import poll

PASSWORD = "s3:cr@t/%&#"
MOST_REQUESTS_TO_SET_UP = 12
MOST_REQUESTS_A_POLL = 4
MINUTES_TO_LOOK_AT_EACH_CHANNEL = 90
MOST_REFUSALS = 2
# Oldest and newest recording take their turn in the polls; a variable frame rate has no number.
FILLED_IN_LATER = ("_recording", "_frame_rate")


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of today."""
    async with RecorderBox(personalities.current(Options(password=PASSWORD))) as box:
        yield box


@pytest.fixture
async def old_box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of yesterday."""
    async with RecorderBox(personalities.old(Options(password=PASSWORD))) as box:
        yield box


async def add(hass: HomeAssistant, box: RecorderBox) -> NvrConfigEntry:
    """Add a recorder and wait until it is set up."""
    result = await submit(hass, box)
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    entry: ConfigEntry[Any] = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


def shown(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


def let_driver_follow(entry: NvrConfigEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the frozen time be the driver's as well; all that it asks now and then is overdue at once."""
    driver = entry.runtime_data.driver
    assert isinstance(driver, HikvisionDriver)
    monkeypatch.setattr(driver._rota, "_now", time.monotonic)


def has_channels(box: RecorderBox, count: int) -> None:
    """Give a recorder so many channels, all like its first."""
    first = box.recorder.channels[1]
    box.recorder.channels.clear()
    box.recorder.channels.update(
        {
            number: replace(first, number=number, name=f"Input {number}")
            for number in range(1, count + 1)
        }
    )


async def test_recorder_of_today(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    box: RecorderBox,
) -> None:
    entry = await add(hass, box)
    assert entry.title == "Home"
    assert entry.unique_id == box.recorder.identity.serial
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    names = {device.name for device in devices}
    assert names == {"Home", *(channel.name for channel in box.recorder.channels.values())}

    cameras = {
        entity.unique_id.removeprefix(f"{entry.unique_id}_")
        for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
        if entity.domain == "camera" and entity.disabled_by is None
    }
    # Channel 6 is H.265, which browsers don't play.
    assert cameras == {"6_sub" if number == 6 else f"{number}_main" for number in range(1, 17)}

    assert shown(hass, "binary_sensor.home_reachable") == "on"
    assert shown(hass, "binary_sensor.front_door_online") == "on"
    assert shown(hass, "sensor.front_door_main_stream_codec") == "H.264"
    assert shown(hass, "sensor.front_door_main_stream_resolution") == "1920x1080"
    assert shown(hass, "sensor.kuche_flur_main_stream_codec") == "H.264"
    assert shown(hass, "sensor.terrace_main_stream_codec") == "H.265"
    assert shown(hass, "binary_sensor.barn_online") == "on"
    assert shown(hass, "binary_sensor.pond_online") == "off"
    assert shown(hass, "sensor.pond_status") == "wrong_password"
    assert shown(hass, "camera.pond") == "unavailable"
    assert shown(hass, "sensor.home_disk_1_state") == "ok"
    assert shown(hass, "sensor.home_disk_2_state") == "sleeping"
    assert shown(hass, "binary_sensor.street_main_stream_alive") == "off"
    assert shown(hass, "binary_sensor.front_door_main_stream_alive") == "on"


async def test_recorder_of_yesterday(hass: HomeAssistant, old_box: RecorderBox) -> None:
    entry = await add(hass, old_box)
    assert entry.title == "Shop"
    assert shown(hass, "sensor.shop_disk_2_state") == "missing"
    assert abs(float(shown(hass, "sensor.shop_clock_offset")) + 720.4) < 1.5
    assert shown(hass, "camera.till") == "idle"


async def test_right_password_is_sent_in_one_login_and_a_wrong_one_once(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    result = await submit(hass, box, login("guess"))
    assert result["errors"] == {"base": "invalid_auth_tries"}
    assert result["description_placeholders"]["tries"] == "6"
    assert box.recorder.accounts.failed_logins == 1

    result = await send(hass, result, login())
    assert result["step_id"] == "report"
    assert (await send(hass, result, {}))["type"] == "create_entry"
    assert box.recorder.accounts.failed_logins == 1
    await hass.async_block_till_done()


async def test_locked_account_tells_the_minutes(hass: HomeAssistant, box: RecorderBox) -> None:
    for _ in range(box.recorder.accounts.policy.tries):
        result = await submit(hass, box, login("guess"))
    result = await submit(hass, box)
    assert result["errors"] == {"base": "account_locked_minutes"}
    assert result["description_placeholders"]["minutes"] == "30"


def lacks(box: RecorderBox, right: SimulatedRight) -> None:
    """Take a right from the account."""
    user = box.recorder.accounts.users["admin"]
    user.administrator = False
    user.rights -= {right}


async def test_right_without_which_nothing_is_known_is_asked_for(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    lacks(box, SimulatedRight.SETTINGS)
    assert (await submit(hass, box))["errors"] == {"base": "not_permitted_settings"}


@pytest.mark.parametrize(
    ("missing", "told"),
    [(SimulatedRight.PLAYBACK, "✗ Playback"), (SimulatedRight.LIVE, "✗ Live")],
)
async def test_right_that_the_account_lacks_is_told(
    hass: HomeAssistant,
    box: RecorderBox,
    missing: SimulatedRight,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacks(box, missing)
    reports: list[str] = []
    write = Report.write

    def seen(self: Report, trial: Trial, pictures: Mapping[int, str]) -> str:
        reports.append(write(self, trial, pictures))
        return reports[-1]

    monkeypatch.setattr(Report, "write", seen)
    assert (await submit(hass, box))["type"] == "create_entry"
    assert told in reports[0]
    await hass.async_block_till_done()


async def test_nobody_there(hass: HomeAssistant, box: RecorderBox) -> None:
    await box.unplug()
    result = await submit(hass, box)
    assert result["errors"] == {"base": "cannot_connect"}


@pytest.mark.parametrize("channels", [4, 16, 64])
async def test_set_up_costs_the_same_at_any_number_of_channels(
    hass: HomeAssistant, box: RecorderBox, channels: int
) -> None:
    has_channels(box, channels)
    entry = await add(hass, box)
    await hass.config_entries.async_unload(entry.entry_id)
    box.recorder.requests.clear()
    box.recorder.accounts.forget_nonces()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("camera")) == channels
    assert not [
        state.entity_id
        for state in hass.states.async_all(("sensor", "binary_sensor"))
        if state.state in {"unknown", "unavailable"}
        and not state.entity_id.endswith(FILLED_IN_LATER)
    ]
    assert box.recorder.requests.total <= MOST_REQUESTS_TO_SET_UP
    assert entry.runtime_data.driver.traffic.requests == box.recorder.requests.total


async def test_poll_costs_at_most_four_requests_and_finds_oldest_and_newest_recordings(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_channels(box, 32)
    entry = await add(hass, box)
    let_driver_follow(entry, monkeypatch)
    for _ in range(MINUTES_TO_LOOK_AT_EACH_CHANNEL):
        box.recorder.requests.clear()
        await poll(hass, freezer)
        assert entry.runtime_data.coordinator.last_update_success
        assert 1 <= box.recorder.requests.total <= MOST_REQUESTS_A_POLL
    now = dt_util.utcnow()
    for number in range(1, 33):
        oldest = dt_util.parse_datetime(shown(hass, f"sensor.input_{number}_oldest_recording"))
        newest = dt_util.parse_datetime(shown(hass, f"sensor.input_{number}_newest_recording"))
        assert oldest is not None
        assert newest is not None
        assert now - timedelta(days=92) < oldest < now - timedelta(days=88)
        assert now - timedelta(hours=4) < newest <= now + timedelta(seconds=1)


async def test_stills_and_streams(hass: HomeAssistant, box: RecorderBox) -> None:
    await add(hass, box)
    image = await async_get_image(hass, "camera.front_door")
    assert image.content.startswith(b"\xff\xd8")
    source = await async_get_stream_source(hass, "camera.front_door")
    assert source is not None
    assert f"@127.0.0.1:{box.rtsp_port}/" in source
    assert source.startswith("rtsp://admin:s3%3Acr%40t%2F%25%26%23@")


async def test_unplugged_and_back(
    hass: HomeAssistant, box: RecorderBox, freezer: FrozenDateTimeFactory
) -> None:
    await add(hass, box)
    await box.unplug()
    await poll(hass, freezer)
    assert shown(hass, "binary_sensor.home_reachable") == "off"
    assert shown(hass, "camera.front_door") == "unavailable"
    await box.plug()
    await poll(hass, freezer)
    assert shown(hass, "binary_sensor.home_reachable") == "on"
    assert shown(hass, "camera.front_door") == "idle"


async def test_changed_password_is_tried_twice_in_all_and_streams_are_withdrawn(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = await add(hass, box)
    now = 0.0
    guard = await async_guard_of(hass, entry.entry_id)
    monkeypatch.setattr(guard, "_now", lambda: now)
    box.recorder.accounts.set_password("admin", "another")
    accounts = box.recorder.accounts
    await poll(hass, freezer)
    refused_once = accounts.failed_logins
    assert 1 <= refused_once <= MOST_REFUSALS
    assert await async_get_stream_source(hass, "camera.front_door") is None
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, "camera.front_door")
    now += 59
    await poll(hass, freezer)
    assert accounts.failed_logins == refused_once
    now += 2
    await poll(hass, freezer)
    refused_twice = accounts.failed_logins
    # Where the refused nonce was old enough to be refused for its age, a login followed at once.
    assert refused_twice == MOST_REFUSALS
    for _ in range(3):
        now += 3600
        await poll(hass, freezer)
        with pytest.raises(HomeAssistantError):
            await async_get_image(hass, "camera.front_door")
    assert accounts.failed_logins == refused_twice

    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    result = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: "another"})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert accounts.failed_logins == refused_twice
    assert await async_get_stream_source(hass, "camera.front_door") is not None


@pytest.mark.usefixtures("disable_block_async_io")
async def test_nothing_blocks_the_loop(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Imports of platforms and the like have happened by now, as in Home Assistant's own start.
    first = await add(hass, box)
    await hass.config_entries.async_remove(first.entry_id)
    block_async_io.enable()
    entry = await add(hass, box)
    await async_get_image(hass, "camera.front_door")
    await poll(hass, freezer)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "blocking call" not in caplog.text


async def test_unloaded_entry_asks_nothing(
    hass: HomeAssistant, box: RecorderBox, freezer: FrozenDateTimeFactory
) -> None:
    entry = await add(hass, box)
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = box.recorder.requests.total
    await poll(hass, freezer)
    assert box.recorder.requests.total == before


async def test_no_secret_is_logged(
    hass: HomeAssistant,
    box: RecorderBox,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    await add(hass, box)
    await async_get_image(hass, "camera.front_door")
    await box.unplug()
    await poll(hass, freezer)
    for secret in (PASSWORD, "s3%3Acr%40t%2F%25%26%23"):
        assert secret not in caplog.text
