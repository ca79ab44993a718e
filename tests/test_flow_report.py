"""What the page before the end of the flow tells of a recorder, and the pictures on it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
import re
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    NotPermittedError,
    RefusedApartError,
)
from custom_components.nvr.drivers.models import (
    Clock,
    DiskState,
    Missing,
    RecordedDay,
    Recording,
    RecordingKind,
    Right,
    StreamName,
)
from custom_components.nvr.flow_report import literal
from custom_components.nvr.setup_pictures import async_register_picture_view
from custom_components.nvr.trial import CHANNELS_TRIED
from tests.fake_driver import (
    JPEG,
    PASSWORD,
    RECORDER,
    channel,
    offline,
    recorder_state,
    stream,
)
from tests.flow_fixtures import FINGERPRINT, Site
from tests.flow_walk import open_flow, post, walk

ANSWERS = {
    "user": {CONF_HOST: "192.0.2.7"},
    "credentials": {CONF_USERNAME: "admin", CONF_PASSWORD: PASSWORD},
}


def a_recording() -> Recording:
    """Return footage of a minute, an hour ago, of the first camera."""
    start = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=1)
    return Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=start + timedelta(minutes=1),
        kinds=frozenset({RecordingKind.MOTION}),
        token="footage",
    )


async def at_report(hass: HomeAssistant) -> ConfigFlowResult:
    """Go as far as to the report."""
    flow = await walk(hass, await open_flow(hass), ANSWERS)
    assert flow["step_id"] == "report"
    return flow


async def report_of(hass: HomeAssistant) -> str:
    """Return the report of the test's recorder."""
    return ((await at_report(hass))["description_placeholders"] or {})["report"]


def row(report: str, name: str) -> str:
    """Return the row of a table that begins with a name."""
    return next(line for line in report.splitlines() if line.startswith(f"| **{name}**"))


def problems(report: str) -> list[str]:
    """Return what is said not to work."""
    return re.findall(r'<ha-alert alert-type="warning">(.*)</ha-alert>', report)


def pictures_of(report: str) -> list[str]:
    """Return the addresses of the pictures in a report."""
    addresses: list[str] = re.findall(r'<img src="([^"]+)"', report)
    return addresses


@pytest.mark.parametrize("schemes", [{True}, {False}], ids=["https", "http"])
async def test_certificate_that_is_trusted_can_be_compared_first(
    hass: HomeAssistant, site: Site, schemes: set[bool]
) -> None:
    site.schemes = schemes
    lines = [line for line in (await report_of(hass)).splitlines() if "Certificate" in line]
    shown = " ".join([":".join(["5A"] * 8)] * 4)
    assert FINGERPRINT == "5a" * 32
    assert lines == ([f"| **Certificate** | SHA-256 {shown} |"] if True in schemes else [])


async def test_report_of_a_recorder_in_order(hass: HomeAssistant, site: Site) -> None:
    footage = a_recording()
    site.driver.recordings = [footage]
    site.driver.footage[footage.token] = (b"DHAV",)
    report = await report_of(hass)
    assert report.startswith("**Garage NVR** Fake NVR&#45;16 V4&#46;61&#46;025\n")
    assert row(report, "Clock").endswith("| ✓ Right (+2 s) |")
    assert row(report, "Rights").endswith("| ✓ Settings · ✓ Live · ✓ Playback · ✓ Download |")
    assert row(report, "Disks").endswith("| ✓ 1: 4,000 GB OK |")
    assert (
        "1 · Front door | ✓ Main H&#46;264 1920\N{MULTIPLICATION SIGN}1080 · ✓ Sub H&#46;264 640\N{MULTIPLICATION SIGN}360 |"
        in report
    )
    assert (
        "2 · Yard | ✗ Main H&#46;265 1920\N{MULTIPLICATION SIGN}1080 · ✓ Sub H&#46;264 640\N{MULTIPLICATION SIGN}360 |"
        in report
    )
    assert "| ✗ | 3 · Camera 3 | ? |" in report
    assert [text.partition(".")[0] for text in problems(report)] == [
        "These give no picture now: Camera 3",
        "The connection is not encrypted: others in the network can read along",
    ]
    # The smallest pictures are enough.
    assert {one[:2] for one in site.driver.snapshots} == {
        (1, StreamName.SUB),
        (2, StreamName.SUB),
    }


@pytest.mark.parametrize(
    ("method", "right"),
    [
        ("recorded_days", Right.PLAYBACK),
        ("search", Right.PLAYBACK),
        ("snapshot", Right.LIVE),
        ("download", Right.DOWNLOAD),
    ],
)
async def test_right_that_is_missing_is_told_with_the_remedy(
    hass: HomeAssistant, site: Site, method: str, right: Right
) -> None:
    footage = a_recording()
    site.driver.recordings = [footage]
    site.driver.footage[footage.token] = (b"DHAV",)
    site.driver.errors[method] = NotPermittedError("403")
    report = await report_of(hass)
    assert f"✗ {right.value.capitalize()}" in row(report, "Rights")
    assert row(report, "Rights").count("✗") == 1
    assert any("Grant it that right" in text for text in problems(report))


async def test_right_for_some_cameras_is_one(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def snapshot(number: int, *_: object, **__: object) -> bytes:
        if number == 2:
            raise NotPermittedError("403", right=Right.LIVE)
        return JPEG

    monkeypatch.setattr(site.driver, "snapshot", snapshot)
    assert "✓ Live" in row(await report_of(hass), "Rights")


async def test_right_to_the_footage_of_some_cameras_is_one(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    footage = replace(a_recording(), channel=2)
    site.driver.recordings = [footage]
    site.driver.footage[footage.token] = (b"DHAV",)
    days = site.driver.recorded_days

    async def recorded_days(number: int, start: datetime, end: datetime) -> tuple[RecordedDay, ...]:
        if number == 1:
            raise NotPermittedError("403", right=Right.PLAYBACK)
        return await days(number, start, end)

    monkeypatch.setattr(site.driver, "recorded_days", recorded_days)
    assert row(await report_of(hass), "Rights").endswith("✓ Playback · ✓ Download |")


async def test_not_every_camera_is_asked_for_footage_that_is_refused(
    hass: HomeAssistant, site: Site
) -> None:
    site.driver.answer = recorder_state(*(channel(number) for number in range(1, 33)))
    site.driver.errors["recorded_days"] = NotPermittedError("403", right=Right.PLAYBACK)
    assert "✗ Playback" in row(await report_of(hass), "Rights")
    assert site.driver.calls["recorded_days"] == CHANNELS_TRIED


@pytest.mark.parametrize("method", ["snapshot", "download"])
async def test_login_that_is_refused_apart_is_no_right_that_is_missing(
    hass: HomeAssistant, site: Site, method: str
) -> None:
    site.driver.recordings = [a_recording()]
    site.driver.errors[method] = RefusedApartError("other users")
    report = await report_of(hass)
    assert "✗" not in row(report, "Rights")
    assert any("refuses it over RTSP or for stills" in text for text in problems(report))


@pytest.mark.parametrize("method", ["recorded_days", "search", "snapshot"])
async def test_what_could_not_be_tried_stays_open(
    hass: HomeAssistant, site: Site, method: str
) -> None:
    site.driver.errors[method] = DeviceBusyError("later")
    report = await report_of(hass)
    assert "?" in row(report, "Rights")
    assert "✗" not in row(report, "Rights")


async def test_what_takes_too_long_stays_open(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.trial.TRIAL_SECONDS", 0)
    monkeypatch.setattr(site.driver, "snapshot", lambda *_, **__: asyncio.Event().wait())
    assert "? Live" in row(await report_of(hass), "Rights")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "? Not measured"), (-90, "✗ 0:01:30 behind"), (7200, "✗ 2:00:00 ahead")],
)
async def test_clock(hass: HomeAssistant, site: Site, seconds: int | None, shown: str) -> None:
    offset = None if seconds is None else timedelta(seconds=seconds)
    site.driver.answer = replace(recorder_state(), clock=Clock(offset=offset))
    report = await report_of(hass)
    assert row(report, "Clock").endswith(f"| {shown} |")
    assert any("NTP" in text for text in problems(report)) is (seconds is not None)


async def test_disks_that_are_not_in_order(hass: HomeAssistant, site: Site) -> None:
    state = recorder_state()
    failed = replace(state.disks[0], number=2, state=DiskState.FAILED, capacity_bytes=None)
    site.driver.answer = replace(state, disks=(*state.disks, failed))
    report = await report_of(hass)
    assert row(report, "Disks").endswith("| ✓ 1: 4,000 GB OK · ✗ 2: Failed |")
    assert any(text.startswith("Disk 2 ") for text in problems(report))


@pytest.mark.parametrize("told", [True, False])
async def test_recorder_without_a_disk(hass: HomeAssistant, site: Site, told: bool) -> None:
    missing = () if told else (Missing(what="disks", reason="404"),)
    site.driver.answer = replace(recorder_state(), disks=(), missing=missing)
    report = await report_of(hass)
    assert any("has no disk" in text for text in problems(report)) is told
    assert row(report, "Disks").endswith("| ✗ |" if told else "| ? |")


async def test_camera_that_not_every_browser_plays(hass: HomeAssistant, site: Site) -> None:
    yard = replace(channel(2, "Yard"), streams=(stream(StreamName.MAIN, "H.265"),))
    unknown = replace(
        channel(3, "Attic"), streams=(replace(stream(StreamName.MAIN), codec=None, width=None),)
    )
    site.driver.answer = recorder_state(channel(1), yard, unknown)
    report = await report_of(hass)
    assert "✓ Main ? |" in report
    assert [text for text in problems(report) if "H.264" in text] == [
        "Not every browser plays Yard: no stream of theirs is H.264. Set their sub stream to H.264 on the recorder."
    ]


async def test_what_a_device_tells_is_shown_as_it_is(hass: HomeAssistant, site: Site) -> None:
    name = '<img src=x>|[a](http://evil.example)\n# "' + "x" * 100
    site.driver.answer = replace(
        recorder_state(channel(1, name)), recorder=replace(RECORDER, name=name)
    )
    report = await report_of(hass)
    assert "<img src=x" not in report
    assert "](" not in report
    assert "evil." not in report
    assert "x" * 64 not in report
    assert literal("Hof & Tür") == "Hof &#38; Tür"


async def test_pictures_are_shown_to_who_adds_the_recorder_while_the_flow_is_open(
    hass: HomeAssistant,
    site: Site,
    set_up: AsyncMock,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    site.driver.answer = recorder_state(channel(1), channel(2), offline(3))
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, DOMAIN, {})
    async_register_picture_view(hass)
    browser = await hass_client()
    flow = await post(hass, browser, "", handler=DOMAIN)
    path = f"/{flow['flow_id']}"
    await post(hass, browser, path, **ANSWERS["user"])
    flow = await post(hass, browser, path, **ANSWERS["credentials"])
    addresses = pictures_of(flow["description_placeholders"]["report"])
    assert len(addresses) == 2
    anybody = await hass_client_no_auth()

    async def status(address: str) -> int:
        return (await anybody.get(address)).status

    # The address is signed, as images are loaded without a login.
    response = await anybody.get(addresses[0])
    assert response.status == 200
    assert response.content_type == "image/jpeg"
    assert await response.read() == JPEG
    assert await status(addresses[0].partition("?")[0]) == 403
    assert await status(addresses[0].replace("/1.jpg", "/2.jpg")) == 403
    assert (await browser.get(addresses[0].partition("?")[0].replace("/1.", "/7."))).status == 404
    hass.config_entries.flow.async_abort(flow["flow_id"])
    assert await status(addresses[0]) == 404


async def test_pictures_are_not_shown_to_who_may_add_nothing(
    hass: HomeAssistant,
    site: Site,
    hass_client: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    flow = await at_report(hass)
    (address, _) = pictures_of((flow["description_placeholders"] or {})["report"])
    client = await hass_client(hass_read_only_access_token)
    assert (await client.get(address.partition("?")[0])).status == 403


async def test_picture_that_is_too_large_is_left_out(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.trial.PICTURE_BYTES", len(JPEG) - 1)
    report = await report_of(hass)
    assert "<img" not in report
    assert "✓ Live" in row(report, "Rights")


async def test_picture_that_can_not_be_made_smaller_is_shown_as_it_came(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("no JPEG")

    monkeypatch.setattr("custom_components.nvr.trial.scale_jpeg_camera_image", broken)
    assert len(pictures_of(await report_of(hass))) == 2


async def test_pictures_are_kept_while_there_is_room_for_them_all(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing makes them smaller, they would take what 64 cameras send."""

    async def snapshot(number: int, *_: object, **__: object) -> bytes:
        return JPEG * (3 if number == 1 else 2)

    monkeypatch.setattr(site.driver, "snapshot", snapshot)
    monkeypatch.setattr(
        "custom_components.nvr.trial.scale_jpeg_camera_image", lambda image, *_: image.content
    )
    monkeypatch.setattr("custom_components.nvr.trial.PICTURES_BYTES", 5 * len(JPEG))
    assert len(pictures_of(await report_of(hass))) == 2
    monkeypatch.setattr("custom_components.nvr.trial.PICTURES_BYTES", 5 * len(JPEG) - 1)
    (small,) = pictures_of(await report_of(hass))
    assert small.partition("?")[0].endswith("/2.jpg")


async def test_what_is_no_jpeg_is_left_out(hass: HomeAssistant, site: Site) -> None:
    site.driver.picture = b"<html>Not now</html>"
    report = await report_of(hass)
    assert "<img" not in report
    assert "✓ Live" in row(report, "Rights")
