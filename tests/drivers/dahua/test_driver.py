"""The driver's talk with a device: what set-up and polling cost, and what is remembered."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import web
import pytest

from custom_components.nvr.drivers.dahua.polling import Polling
from custom_components.nvr.drivers.dahua.question import Call
from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    InvalidAnswerError,
    NotInitialisedError,
    NotPermittedError,
    NotSupportedError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import DiskState, OfflineReason, StreamName
from custom_components.nvr.drivers.rota import REQUESTS_PER_ROUND

from ..conftest import Clock
from .fake_dahua import (
    JPEG,
    FakeDahua,
    RefusedError,
    encoding,
    plugged,
    remote,
    slot,
    states,
)
from .old_recorder import CGI, STATE_LINES, old_texts

MOST_REQUESTS = 16


async def test_set_up_costs_the_same_at_any_number_of_channels() -> None:
    fake = FakeDahua()
    count = 256
    fake.tables["ChannelTitle"] = [{"Name": f"C{index}"} for index in range(count)]
    fake.tables["RemoteDevice"] = {slot(index): remote() for index in range(count)}
    fake.tables["Encode"] = [encoding()] * count
    fake.methods["LogicDeviceManager.getCameraState"] = lambda _: states(*["Connected"] * count)
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert len(state.channels) == count
        assert all(channel.online and len(channel.streams) == 2 for channel in state.channels)
        assert len(fake.seen) == driver.traffic.requests <= MOST_REQUESTS
        assert driver.traffic.logins == 1


async def test_a_device_that_has_to_be_asked_in_many_ways_has_told_its_time_by_then() -> None:
    fake = FakeDahua()
    fake.methods |= {
        "magicBox.getDeviceType": lambda _: {"type": "31"},
        "magicBox.getSerialNo": lambda _: {"sn": "SN1"},
    }
    for method in ("magicBox.getSystemInfo", "LogicDeviceManager.getCameraState"):
        del fake.methods[method]
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert len(fake.seen) <= MOST_REQUESTS
        assert [channel.name for channel in state.channels] == ["Door", "Yard"]
        assert state.channels[0].streams
        assert state.clock.offset == timedelta()
        # There was no more to be spent on these.
        assert "disks" in {missing.what for missing in state.missing}


async def test_the_first_state_says_all_that_matters() -> None:
    fake = FakeDahua()
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        recorder = state.recorder
        assert (recorder.name, recorder.manufacturer, recorder.model, recorder.serial) == (
            "House",
            "Dahua",
            "DH-NVR5216-16P-EI",
            "SN1",
        )
        first, second = state.channels
        assert (first.number, first.name, first.online) == (1, "Door", True)
        assert (second.online, second.reason) == (False, OfflineReason.DISCONNECTED)
        assert first.streams[0].codec == "H.265"
        assert first.streams[1].audio_codec == "G.711A"
        assert [disk.state for disk in state.disks] == [DiskState.OK]
        assert state.clock.offset == timedelta()
        assert state.missing == ()
        url = driver.live_url(first, StreamName.SUB)
        assert url is not None
        assert url.startswith(
            "rtsp://admin:pa%3Ass%40w%2Ford%3F%23%25@127.0.0.1:5540/cam/realmonitor"
        )
        assert url.endswith("channel=1&subtype=1")
        assert driver.live_url(first, StreamName.THIRD) is None
        with pytest.raises(NotSupportedError):
            await driver.snapshot(99)


async def test_the_rest_follows_within_four_requests_a_round(clock: Clock) -> None:
    fake = FakeDahua()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(30):
            before = len(fake.seen)
            clock.now += 60
            state = await driver.poll()
            assert len(fake.seen) - before <= REQUESTS_PER_ROUND
        assert [channel.recording for channel in state.channels] == [True, False]
        assert state.last_boot is not None
        assert abs(state.last_boot - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(
            minutes=1
        )
        assert state.recorder.mac == "3c:ef:8c:00:00:01"
        # All of it over one session.
        assert driver.traffic.logins == 1
        fake.methods["LogicDeviceManager.getCameraState"] = lambda _: states(
            "PasswordError", "Connected"
        )
        clock.now += 60
        state = await driver.poll()
        assert [channel.reason for channel in state.channels] == [
            OfflineReason.WRONG_PASSWORD,
            None,
        ]


async def test_what_worked_is_remembered_and_a_second_start_asks_nothing_in_vain(
    clock: Clock,
) -> None:
    fake = FakeDahua(has_rpc=False, texts=old_texts())
    async with plugged(fake) as (driver, session):
        state = await driver.connect()
        assert len(fake.seen) <= MOST_REQUESTS
        for _ in range(5):
            clock.now += 60
            state = await driver.poll()
        assert state.recorder.manufacturer == "Lorex"
        assert [channel.name for channel in state.channels] == ["Gate", "Channel 2"]
        memory = driver.memory
        assert memory["rpc2_answers"] is False
        assert memory["form_system_info"] == "cgi"
        assert memory["form_channel_states"] == "none"
        again = type(driver)(fake.connection(), session, memory, LoginGuard())
        fake.seen.clear()
        await again.connect()
        paths = [seen.path for seen in fake.seen]
        assert "/RPC2_Login" not in paths
        assert sum("getCameraState" in path for path in paths) == 1
        await again.close()


async def test_what_failed_for_a_moment_is_asked_like_that_again() -> None:
    fake = FakeDahua(
        texts={
            f"{CGI}/LogicDeviceManager.cgi?action=getCameraState&uniqueChannels[0]=-1": STATE_LINES
        }
    )
    answers = fake.methods["LogicDeviceManager.getCameraState"]
    failures = [268959743] * 1

    def states_now(params: Mapping[str, object]) -> object:
        if failures:
            raise RefusedError(failures.pop())
        return answers(params)

    fake.methods["LogicDeviceManager.getCameraState"] = states_now
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        # The other family had to do.
        assert [channel.online for channel in state.channels] == [True, True]
        assert "form_channel_states" not in driver.memory
        state = await driver.learn()
        assert [channel.online for channel in state.channels] == [True, False]
        assert driver.memory["form_channel_states"] == "rpc"
        # A device that always fails so does not know it.
        del driver._memory._values["form_channel_states"]
        failures[:] = [268959743] * 3
        for _ in range(3):
            await driver.learn()
        assert driver.memory["form_channel_states"] == "cgi"


async def test_an_rpc2_that_is_found_later_takes_over() -> None:
    fake = FakeDahua(has_rpc=False, texts=old_texts())
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert driver.memory["form_ChannelTitle"] == "cgi"
        driver._memory.keep("rpc2_tried", "2026-01-01T00:00:00+00:00")
        fake.has_rpc = True
        await driver._transport.rpc.call(Call(method="magicBox.getMachineName"))
        await driver.learn()
        assert driver.memory["form_ChannelTitle"] == "rpc"


async def test_another_firmware_makes_the_memory_worthless() -> None:
    fake = FakeDahua()
    memory = {"firmware": "3.9", "preferred": "cgi", "snapshot_base": "0"}
    async with plugged(fake, memory) as (driver, _):
        await driver.connect()
        assert "preferred" not in driver.memory
        assert "snapshot_base" not in driver.memory
        assert driver.memory["firmware"] == "4.0 build 2026-01-09"


async def test_sessions_that_do_not_stay_are_left_for_nonces_that_do() -> None:
    fake = FakeDahua(texts=old_texts())
    async with plugged(fake) as (driver, _):
        await driver.connect()
        driver._session.nonces_last = True
        rpc = driver._transport.rpc
        for _ in range(3):
            fake.forget_sessions()
            await rpc.call(Call(method="magicBox.getMachineName"))
        assert rpc.sessions.unsteady
        logins = fake.rpc_logins
        await driver.learn()
        assert fake.rpc_logins == logins
        assert driver.memory["preferred"] == "cgi"


async def test_a_device_that_lacks_the_usual_question_is_known_by_smaller_ones() -> None:
    fake = FakeDahua()
    del fake.methods["magicBox.getSystemInfo"]
    fake.methods["magicBox.getDeviceType"] = lambda _: {"type": "IPC-X"}
    fake.methods["magicBox.getSerialNo"] = lambda _: {"sn": "SN9"}
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert (state.recorder.model, state.recorder.serial) == ("IPC-X", "SN9")
        assert [channel.number for channel in state.channels] == [1, 2, 3]


async def test_a_usual_question_that_tells_nothing_is_made_up_for_by_smaller_ones() -> None:
    fake = FakeDahua()
    fake.methods["magicBox.getSystemInfo"] = lambda _: {}
    fake.methods["magicBox.getDeviceType"] = lambda _: {"type": "DHI-NVR4108HS-8P-4KS2"}
    fake.methods["magicBox.getSerialNo"] = lambda _: {"sn": "SN9"}
    async with plugged(fake) as (driver, _):
        recorder = (await driver.connect()).recorder
        assert (recorder.model, recorder.serial) == ("DHI-NVR4108HS-8P-4KS2", "SN9")


async def test_a_model_that_nobody_knows_is_a_recorder_by_its_table_of_cameras() -> None:
    fake = FakeDahua()
    fake.methods["magicBox.getSystemInfo"] = lambda _: {
        "deviceType": "AMDV8M16",
        "serialNumber": "SN1",
    }
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        # Its third slot is empty, its second camera is not there.
        assert [(channel.name, channel.online) for channel in state.channels] == [
            ("Door", True),
            ("Yard", False),
        ]
        assert len(fake.seen) <= MOST_REQUESTS
    # A camera has no such table.
    del fake.tables["RemoteDevice"]
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert [channel.number for channel in state.channels] == [1, 2, 3]
        assert fake.asked("LogicDeviceManager.getCameraState") == 1


async def test_a_camera_without_a_serial_is_known_by_its_address() -> None:
    fake = FakeDahua()
    fake.methods["magicBox.getSystemInfo"] = lambda _: {"deviceType": "IPC-X"}
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert (state.recorder.serial, state.recorder.mac) == ("", "3c:ef:8c:00:00:01")
        assert len(fake.seen) <= MOST_REQUESTS


async def test_what_answers_as_nobody_is_no_recorder() -> None:
    fake = FakeDahua()
    fake.methods["magicBox.getSystemInfo"] = lambda _: {}
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        # It told its firmware and its channels, so it is one, whoever.
        assert (state.recorder.serial, state.recorder.mac) == ("", "3c:ef:8c:00:00:01")
    async with plugged(FakeDahua(has_rpc=False)) as (driver, _):
        with pytest.raises((NotSupportedError, UnknownDeviceError)):
            await driver.connect()


async def test_a_device_fresh_out_of_its_box_says_what_to_do() -> None:
    fake = FakeDahua(refusal={"error": {"code": 268632086, "message": "not initialised"}})
    async with plugged(fake) as (driver, _):
        with pytest.raises(NotInitialisedError):
            await driver.connect()
    assert fake.rpc_logins == 1
    # It is nothing that CGI could let us in for.
    assert not fake.logins


async def test_an_account_without_rights_is_told_so() -> None:
    fake = FakeDahua()

    def forbidden(_: object) -> object:
        raise RefusedError(285278249)

    fake.methods["LogicDeviceManager.getCameraState"] = forbidden
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        # No word on who is online, and nothing else is lost for it.
        assert [channel.online for channel in state.channels] == [None, None]
        assert (
            "lacks a right"
            in {entry.what: entry.reason for entry in state.missing}["channel_status"]
        )
    fake = FakeDahua()
    for method in fake.methods:
        fake.methods[method] = forbidden
    async with plugged(fake) as (driver, _):
        with pytest.raises(NotPermittedError):
            await driver.connect()


async def test_a_viewer_sees_channels_by_their_pictures(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Clock()
    there = {"1": True, "2": False}
    monkeypatch.setattr(Polling.__init__, "__kwdefaults__", {"now": looked})
    fake = FakeDahua(texts={f"{CGI}/snapshot.cgi?channel=1": "x"})

    def forbidden(_: object) -> object:
        raise RefusedError(285278249)

    async def picture(request: web.Request) -> web.Response:
        if there.get(request.query["channel"]):
            return web.Response(body=JPEG)
        return web.Response(status=400, text="Error\r\nBad Request!\r\n")

    fake.methods["LogicDeviceManager.getCameraState"] = forbidden
    async with plugged(fake) as (driver, _):
        fake.routes[f"{CGI}/snapshot.cgi"] = picture
        # Where each picture is a login, a round may end in the middle of a look.
        driver._session.nonces_last = False
        await driver.connect()
        for _ in range(12):
            clock.now += 60
            state = await driver.poll()
        assert [channel.online for channel in state.channels] == [True, False]
        # The cameras change places: a still that somebody wants shows it, or a look after a while.
        there["1"], there["2"] = False, True
        assert await driver.snapshot(2) == JPEG
        for _ in range(12):
            clock.now += 60
            looked.now += 60
            state = await driver.poll()
        assert [channel.online for channel in state.channels] == [False, True]


async def test_closing_twice_ends_the_session_once() -> None:
    fake = FakeDahua()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await asyncio.gather(driver.close(), driver.close())
        await driver.close()
        assert fake.asked("global.logout") == 1
        with pytest.raises(CannotConnectError):
            await driver.poll()


async def test_nothing_is_searched_before_the_time_was_heard() -> None:
    """Digits of a clock that nobody knows would be taken for UTC: hours off, and no word of it."""
    fake = FakeDahua()
    time = fake.methods["global.getCurrentTime"]
    fake.methods["global.getCurrentTime"] = nonsense
    now = datetime.now(UTC)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(2):
            with pytest.raises(InvalidAnswerError):
                await anext(driver.search(1, now - timedelta(hours=1), now), None)
        fake.methods["global.getCurrentTime"] = time
        assert await anext(driver.search(1, now - timedelta(hours=1), now), None) is None
        assert driver._clock.known


async def test_who_never_tells_a_time_is_searched_all_the_same() -> None:
    fake = FakeDahua()
    fake.methods["global.getCurrentTime"] = nonsense
    now = datetime.now(UTC)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(3):
            with pytest.raises(InvalidAnswerError):
                await driver.recorded_days(1, now - timedelta(hours=1), now)
        assert await anext(driver.search(1, now - timedelta(hours=1), now), None) is None


def nonsense(_: object) -> JsonValue:
    return {"time": "yesterday"}
