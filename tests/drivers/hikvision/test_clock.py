"""The device's clock: zone, drift to hundredths of a second, boot time."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from typing import override

from aiohttp import web
import pytest

from custom_components.nvr.drivers import drift, probing
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.hikvision.clock import RecorderClock
from custom_components.nvr.drivers.hikvision.device_time import DeviceTime, Stamp, read_stamp
from custom_components.nvr.drivers.hikvision.memory import DeviceMemory
from custom_components.nvr.drivers.models import TELLS_PICTURES

from .downloading import recording
from .fake_isapi import SEARCH, FakeIsapi, device_time, plugged, status_error

HOUR = timedelta(hours=1)
NOW = datetime(2026, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC)
ALASKA = "CST+9:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"


@pytest.mark.parametrize(
    ("text", "digits", "suffix"),
    [
        ("2026-07-25T11:30:34-06:00", datetime(2026, 7, 25, 11, 30, 34), -6 * HOUR),
        ("2026-07-25T11:30:34Z", datetime(2026, 7, 25, 11, 30, 34), timedelta()),
        ("2026-07-25 11:30:34.123+0530", datetime(2026, 7, 25, 11, 30, 34), 5.5 * HOUR),
        ("2026-07-25T11:30:34", datetime(2026, 7, 25, 11, 30, 34), None),
        ("20260725T113034Z", datetime(2026, 7, 25, 11, 30, 34), timedelta()),
    ],
)
def test_digits_and_suffix_are_read_apart(
    text: str, digits: datetime, suffix: timedelta | None
) -> None:
    assert read_stamp(text) == Stamp(digits=digits, suffix=suffix)


@pytest.mark.parametrize("text", [None, "", "now", "2026-13-25T11:30:34Z", "2026-07-25"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert read_stamp(text) is None


def noted(digits: datetime, zone: str | None = ALASKA, **stored: str | bool) -> RecorderClock:
    clock = RecorderClock(DeviceMemory(stored))
    clock.note_time(NOW, NOW, DeviceTime(stamp=Stamp(digits=digits), zone=zone))
    return clock


def test_summer_time_comes_from_the_rule_not_from_the_suffix() -> None:
    clock = noted(datetime(2026, 7, 1, 4, 0, 0))
    assert clock.clock.offset is not None
    assert abs(clock.clock.offset) <= timedelta(seconds=1)
    assert clock.clock.time_zone == ALASKA
    assert clock.device.offset(NOW) == -8 * HOUR + clock.clock.offset


@pytest.mark.parametrize("zone", [None, "somewhere"])
def test_without_a_rule_the_digits_tell_the_zone(zone: str | None) -> None:
    clock = noted(datetime(2026, 7, 1, 17, 42, 0), zone)
    assert clock.clock.offset is not None
    # 5:45 east, three minutes slow.
    assert abs(clock.clock.offset + timedelta(minutes=3)) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("digits", "suffix", "offset"),
    [
        # Twelve minutes slow at -06:00; the same in an hour of summer that the suffix leaves out.
        (datetime(2026, 7, 1, 5, 48, 0), -6 * HOUR, -12),
        (datetime(2026, 7, 1, 6, 48, 0), -6 * HOUR, -12),
        (datetime(2026, 7, 1, 6, 10, 0), -6 * HOUR, 10),
        (datetime(2026, 7, 1, 17, 42, 0), 5.75 * HOUR, -3),
    ],
)
def test_without_a_rule_the_suffix_goes_before_what_the_digits_show(
    digits: datetime, suffix: timedelta, offset: int
) -> None:
    clock = RecorderClock(DeviceMemory({}))
    stamp = Stamp(digits=digits, suffix=suffix)
    clock.note_time(NOW, NOW, DeviceTime(stamp=stamp, zone="America/Denver"))
    assert clock.clock.offset is not None
    assert abs(clock.clock.offset - timedelta(minutes=offset)) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp(digits=datetime(1970, 1, 1, 0, 5)),
        Stamp(digits=datetime(2026, 7, 1, 12), suffix=99 * HOUR),
    ],
)
def test_a_clock_that_was_never_set_has_a_drift_and_no_zone(stamp: Stamp) -> None:
    clock = RecorderClock(DeviceMemory({}))
    clock.note_time(NOW, NOW, DeviceTime(stamp=stamp))
    assert abs(clock.device.offset(NOW) - (stamp.digits - NOW.replace(tzinfo=None))) <= HOUR


def test_a_clock_that_was_set_takes_its_convention_along() -> None:
    clock = noted(datetime(2026, 7, 1, 4, 0, 0), convention="wall", convention_evidence="x")
    assert clock.clock.convention == "wall"
    assert clock.clock.evidence == "x"
    later = NOW + timedelta(minutes=1)
    clock.note_time(
        later, later, DeviceTime(stamp=Stamp(digits=datetime(2026, 7, 1, 4, 30)), zone=ALASKA)
    )
    assert clock.clock.convention == "unknown"
    assert clock.needs_measuring(later)


def test_trembling_answers_leave_the_drift_alone() -> None:
    clock = noted(datetime(2026, 7, 1, 4, 0, 0))
    before = clock.clock.offset
    for seconds in range(60, 600, 60):
        at = NOW + timedelta(seconds=seconds)
        digits = datetime(2026, 7, 1, 4, 0) + timedelta(seconds=seconds)
        clock.note_time(at, at, DeviceTime(stamp=Stamp(digits=digits), zone=ALASKA))
    assert clock.clock.offset == before


def test_what_is_not_known_is_said() -> None:
    clock = RecorderClock(DeviceMemory({"convention": "nonsense"}))
    assert not clock.known
    assert clock.clock.convention == "unknown"
    assert clock.clock.evidence == "the device does not tell its time"
    assert not clock.needs_measuring(NOW)


def test_where_wall_clock_and_utc_coincide_nothing_needs_measuring() -> None:
    clock = noted(datetime(2026, 7, 1, 12, 0, 0), "GMT+0:00")
    assert not clock.needs_measuring(NOW)
    assert "coincide" in clock.clock.evidence


async def test_the_drift_is_found_to_hundredths_of_a_second() -> None:
    drift = timedelta(minutes=-12, milliseconds=-370)
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(drift, "GMT+0:00", "manual")  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        assert [entry async for entry in driver.search(1, now - HOUR, now)] == []
        found = driver._clock.clock.offset
        assert found is not None
        # Delays of a busy machine widen what a probe proves, never what it says.
        assert driver._clock.uncertainty is not None
        assert abs(found - drift) <= driver._clock.uncertainty + timedelta(milliseconds=20)
        assert driver._clock.uncertainty < timedelta(milliseconds=200)
        asked = len(fake.seen)
        _ = [entry async for entry in driver.search(1, now - HOUR, now)]
        assert len(fake.seen) == asked + 1


def test_a_drift_is_fine_for_minutes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = RecorderClock(DeviceMemory({}))
    now = [datetime(2026, 7, 1, 12, tzinfo=UTC)]

    class Now(datetime):
        @classmethod
        @override
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # of now alone
            return now[0]

    monkeypatch.setattr(drift, "datetime", Now)
    for _ in range(2):
        # Just before and just after the printed second changes.
        for step in (timedelta(milliseconds=-1), timedelta(milliseconds=1)):
            moment = now[0] + step
            digits = (moment - timedelta(hours=8)).replace(microsecond=0, tzinfo=None)
            stamp = Stamp(digits=digits)
            clock.note_time(moment, moment, DeviceTime(stamp=stamp, zone="CST+8:00:00"))
        assert clock.fine
        now[0] += timedelta(minutes=5)
        assert clock.fine
        now[0] += timedelta(minutes=10)
        assert not clock.fine
        # Its pictures can be told apart for somewhat longer.
        assert clock.error is not None
        assert clock.error <= TELLS_PICTURES
        now[0] += timedelta(hours=1)
        assert clock.error > TELLS_PICTURES


async def test_a_synchronised_clock_is_not_probed() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        now = datetime.now(UTC)
        _ = [entry async for entry in driver.search(1, now - HOUR, now)]
        assert len(fake.seen) == asked + 1
        assert driver.state is not None
        assert driver.state.clock.offset == timedelta()


async def test_a_time_that_fails_leaves_the_drift_coarse() -> None:
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(HOUR, "GMT+0:00", "manual")  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.answer("/ISAPI/System/time", status_error(4, "notSupport"), 403)
        now = datetime.now(UTC)
        _ = [entry async for entry in driver.search(1, now - HOUR, now)]
        assert not driver._clock.fine


async def test_a_network_too_slow_for_hundredths_is_not_probed_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probing, "PROBES", 2)
    fake = FakeIsapi()
    answer = device_time(HOUR, "GMT+0:00", "manual")

    async def at_once(_: float) -> None:
        """Never wait for the right moment: no probe tells anything new."""

    monkeypatch.setattr(probing.asyncio, "sleep", at_once)
    fake.routes["/ISAPI/System/time"] = answer  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        for _ in range(3):
            _ = [entry async for entry in driver.search(1, now - HOUR, now)]
    times = sum(seen.path == "/ISAPI/System/time" for seen in fake.seen)
    assert times == 3


async def test_a_machine_too_busy_to_ask_in_time_asks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    drift = timedelta(minutes=-12, milliseconds=-370)
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(drift, "GMT+0:00", "manual")  # type: ignore[assignment] # a handler
    sleep, delays = asyncio.sleep, [0.4, 0.35, 0.45, 0.4]

    async def late(seconds: float) -> None:
        await sleep(seconds + (delays.pop() if delays else 0))

    async with plugged(fake) as (driver, _):
        await driver.connect()
        monkeypatch.setattr(probing.asyncio, "sleep", late)
        now = datetime.now(UTC)
        assert [entry async for entry in driver.search(1, now - HOUR, now)] == []
        # Where the machine is late by itself, it needs fewer of ours.
        assert len(delays) <= 1
        found = driver._clock.clock.offset
        assert found is not None
        assert driver._clock.exhausted
        uncertainty = driver._clock.uncertainty
        assert uncertainty is not None
        assert abs(found - drift) <= uncertainty + timedelta(milliseconds=20)
        # Footage is told of it, by now a little more.
        error = driver.footage_clock(recording()).error
        assert error is not None
        assert error >= uncertainty


async def test_closing_ends_probing() -> None:
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(HOUR, "GMT+0:00", "manual")  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)

        async def search() -> None:
            _ = [entry async for entry in driver.search(1, now - HOUR, now)]

        searching = asyncio.create_task(search())
        while driver._refiner._task is None:
            await asyncio.sleep(0)
        await driver.close()
        await driver.close()
        # Nobody was cancelled but the probing.
        with pytest.raises(CannotConnectError):
            await searching
        with pytest.raises(CannotConnectError):
            await driver.snapshot(1)


async def test_boot_time_keeps_still() -> None:
    fake = FakeIsapi()
    started = datetime.now(UTC) - 3 * HOUR

    async def status(_: web.Request) -> web.Response:
        seconds = round((datetime.now(UTC) - started).total_seconds())
        return web.Response(
            text=f"<DeviceStatus><deviceUpTime>\n{seconds}</deviceUpTime></DeviceStatus>"
        )

    fake.routes["/ISAPI/System/status"] = status
    async with plugged(fake) as (driver, _):
        first = (await driver.connect()).last_boot
        assert first is not None
        assert abs(first - started) <= timedelta(seconds=2)
        driver._rota.hurry("status")  # type: ignore[union-attr] # connected
        assert (await driver.poll()).last_boot == first
        started = datetime.now(UTC)
        driver._rota.hurry("status")  # type: ignore[union-attr] # connected
        second = (await driver.poll()).last_boot
        assert second is not None
        assert second > first


@pytest.mark.parametrize("uptime", ["", "-4", "1e99", "soon"])
async def test_an_uptime_that_is_none(uptime: str) -> None:
    fake = FakeIsapi()
    fake.answer(
        "/ISAPI/System/status",
        f"<DeviceStatus><deviceUpTime>{uptime}</deviceUpTime></DeviceStatus>",
    )
    fake.answer(f"POST {SEARCH}", "", 404)
    async with plugged(fake) as (driver, _):
        assert (await driver.connect()).last_boot is None


async def test_the_status_tells_the_time_where_nothing_else_does() -> None:
    fake = FakeIsapi()
    fake.answer("/ISAPI/System/time", status_error(4, "notSupport"), 403)
    stamp = (datetime.now(UTC) + 8 * HOUR).strftime("%Y-%m-%dT%H:%M:%S")
    fake.answer(
        "/ISAPI/System/status",
        f"<DeviceStatus><currentDeviceTime>{stamp}+08:00</currentDeviceTime></DeviceStatus>",
    )
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert state.clock.offset is not None
        assert abs(state.clock.offset) < timedelta(minutes=1)
        assert driver._clock.device.offset(NOW) > 7 * HOUR
        assert "clock" in {entry.what for entry in state.missing}
