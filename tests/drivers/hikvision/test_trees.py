"""Devices that keep their resources outside of /ISAPI, as firmware up to 2013 does."""

from contextlib import suppress

from aiohttp import web
import pytest

from custom_components.nvr.drivers.catalog import recognise
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.hikvision.memory import DeviceMemory
from custom_components.nvr.drivers.hikvision.trees import Trees

from .fake_isapi import DEVICE_INFO, SEARCH, FakeIsapi, plugged, status_error
from .searching import HOUR, WINTER, continuous, found

pytestmark = pytest.mark.usefixtures("coarse_clock")

IDENTITY = "/ISAPI/System/deviceInfo"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9"


def moved(tree: str) -> FakeIsapi:
    """Return a device that has everything in another tree and knows nothing of the usual one."""
    fake = FakeIsapi(footage=continuous(WINTER, 3))
    fake.answer("/ISAPI/Streaming/channels/101/picture", JPEG)
    for route in list(fake.routes):
        fake.routes[route.replace("/ISAPI", tree)] = fake.routes.pop(route)
    if tree == "/PSIA":
        fake.routes["POST /PSIA/ContentMgmt/search/"] = fake.routes.pop(
            "POST /PSIA/ContentMgmt/search"
        )
    # Strangers are told at once what is not there.
    fake.open_paths = {"/ISAPI/System/deviceInfo"}
    if tree:
        fake.open_paths.add("/System/deviceInfo")
    return fake


@pytest.mark.parametrize(("tree", "name"), [("", "bare"), ("/PSIA", "psia")])
async def test_an_old_device_is_found_in_its_tree_and_remembered(tree: str, name: str) -> None:
    fake = moved(tree)
    async with plugged(fake) as (driver, session):
        assert await recognise(fake.connection(), session) == "hikvision"
        fake.seen.clear()
        state = await driver.connect()
        assert state.recorder.name == "Recorder"
        assert len(state.channels) == 2
        assert len(fake.seen) <= 12
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        assert await driver.snapshot(1) == JPEG
        assert driver.memory["tree"] == name
        fake.seen.clear()
        await found(driver, WINTER, WINTER + HOUR)
        assert [seen.path for seen in fake.seen] == [
            f"{tree}/ContentMgmt/search" + ("/" if tree else "")
        ]


async def test_one_resource_of_its_own_is_looked_for_once() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3))
    fake.routes["POST /PSIA/ContentMgmt/search/"] = fake.routes.pop(f"POST {SEARCH}")
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        asked = len(fake.seen)
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        assert len(fake.seen) == asked + 1
        assert "tree" not in driver.memory


async def test_what_a_modern_device_lacks_is_asked_for_once() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
    assert all(seen.path.startswith("/ISAPI") for seen in fake.seen)


async def test_an_error_elsewhere_is_no_find() -> None:
    fake = FakeIsapi()
    fake.routes.pop(f"POST {SEARCH}")

    async def forbidden(_: web.Request) -> web.Response:
        return web.Response(status=403)

    fake.routes["/ContentMgmt/search"] = forbidden
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(2):
            asked = len(fake.seen)
            with pytest.raises(Exception, match="404"):
                await found(driver, WINTER, WINTER + HOUR)
        # The second time in the usual tree alone.
        assert len(fake.seen) == asked + 1


@pytest.mark.parametrize(
    ("firmware", "old"),
    [("V5.0.0 build 130704", True), ("V5.2.0 build 140721", False), ("V4.0", False)],
)
def test_age_is_told_by_the_build(firmware: str, *, old: bool) -> None:
    assert Trees(DeviceMemory({"firmware": firmware})).is_old is old


LOGIN_PAGE = "<html><body>login</body></html>"
REFUSAL = status_error(4, "notSupport")
KNOWN = {"firmware": "V4.62.210 build 230619"}


@pytest.mark.parametrize(
    ("page", "status", "memory"),
    [
        (LOGIN_PAGE, 200, {}),
        (REFUSAL, 400, {}),
        (LOGIN_PAGE, 200, KNOWN),
        # Those of the years between have it in all trees.
        (DEVICE_INFO, 200, KNOWN),
    ],
)
async def test_a_device_that_boots_is_not_taken_for_an_old_one(
    page: str, status: int, memory: dict[str, str]
) -> None:
    fake = FakeIsapi()
    known = fake.routes.pop(IDENTITY)
    for tree in ("", "/PSIA"):
        fake.answer(f"{tree}/System/deviceInfo", page, status)
    async with plugged(fake, **memory) as (driver, _):
        with suppress(DriverError):
            await driver.connect()
        fake.routes[IDENTITY] = known
        assert len((await driver.connect()).channels) == 2
        assert "tree" not in driver.memory


async def test_one_miss_of_what_has_worked_is_none() -> None:
    fake = FakeIsapi()
    fake.answer("/System/deviceInfo", DEVICE_INFO)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        known = fake.routes.pop(IDENTITY)
        with suppress(DriverError):
            await driver.connect()
        fake.routes[IDENTITY] = known
        fake.seen.clear()
        await driver.connect()
    assert all(seen.path.startswith("/ISAPI") for seen in fake.seen)


@pytest.mark.parametrize(("page", "status"), [(LOGIN_PAGE, 200), (REFUSAL, 400), ("", 404)])
async def test_a_tree_that_was_remembered_wrongly_is_left(page: str, status: int) -> None:
    fake = FakeIsapi()
    fake.answer("/System/deviceInfo", page, status)
    async with plugged(fake, tree="bare") as (driver, _):
        assert len((await driver.connect()).channels) == 2
        assert len(fake.seen) <= 12
        assert driver.memory["tree"] == "isapi"
