"""Search by CGI: objects, pages, endings, conditions (section 8 and the checklist of the notes)."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from simulator.box import RecorderBox
from simulator.core.time_source import TimeSource
from simulator.dahua.traits.search import Ending, FlagsKey, Nothing

from ..plugged import change
from .client import Answer, Cgi, items_of
from .conftest import face_of

DAY = {"StartTime": "2026-11-20 00:00:00", "EndTime": "2026-11-20 23:59:59"}
NEVER = {"StartTime": "2020-01-01 00:00:00", "EndTime": "2020-01-01 23:59:59"}


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


async def begin(cgi: Cgi, **condition: object) -> tuple[str, Answer]:
    """Make an object and search with it."""
    finder = (await cgi.ask("mediaFileFind", "factory.create")).fields["result"]
    keys = {f"condition.{key}": value for key, value in condition.items()}
    return finder, await cgi.ask("mediaFileFind", "findFile", object=finder, **keys)


async def pages(cgi: Cgi, finder: str, count: int) -> list[Answer]:
    """Fetch pages up to one with nothing on it, which comes too."""
    found: list[Answer] = []
    while not found or items_of(found[-1]):
        found.append(await cgi.ask("mediaFileFind", "findNextFile", object=finder, count=count))
    return found


async def test_finds_blocks_that_follow_each_other(cgi: Cgi) -> None:
    items = await cgi.search(Channel=1, VideoStream="Main", **DAY)
    assert len(items) == 49
    for before, after in pairwise(items):
        assert before["EndTime"] == after["StartTime"]
    # What reaches over the bounds is whole.
    assert items[0]["StartTime"] < DAY["StartTime"] < items[0]["EndTime"]
    assert items[-1]["StartTime"] < DAY["EndTime"] < items[-1]["EndTime"]
    first = items[0]
    assert (first["Channel"], first["Type"], first["VideoStream"]) == ("0", "dav", "Main")
    assert first["Flags[0]"] == "Timing"
    assert first["FilePath"].startswith("/mnt/dvr/2026-11-19/0/dav/23/1/0/")
    assert first["FilePath"].endswith("[R][0@0][0].dav")
    assert int(first["Length"]) > 1_000_000
    assert [*first][:6] == ["Channel", "StartTime", "EndTime", "FilePath", "Type", "VideoStream"]


async def test_pages(cgi: Cgi) -> None:
    finder, begun = await begin(cgi, Channel=1, **DAY)
    assert begun.body == b"OK\r\n"
    found = await pages(cgi, finder, 20)
    assert [len(items_of(page)) for page in found] == [20, 20, 9, 0]
    assert found[0].text.startswith("found=20\r\n")
    assert found[-1].body == b"found=0\r\n"
    paths = [item["FilePath"] for page in found for item in items_of(page)]
    assert len({*paths}) == 49


@pytest.mark.parametrize(
    ("ending", "status", "text"),
    [
        (Ending.ERROR, 200, "Error\r\n"),
        (Ending.BAD_REQUEST, 400, "Error\r\nBad Request!\r\n"),
        (Ending.SERVER_ERROR, 500, "Error\r\n"),
    ],
)
async def test_lists_may_end_otherwise(
    box: RecorderBox, cgi: Cgi, ending: Ending, status: int, text: str
) -> None:
    change(box, ending=ending)
    finder, _ = await begin(cgi, Channel=1, **DAY)
    last = (await pages(cgi, finder, 100))[-1]
    assert (last.status, last.text) == (status, text)


async def test_pages_may_be_short_and_promise_more(box: RecorderBox, cgi: Cgi) -> None:
    change(box, short_pages=True, overcount=2)
    finder, _ = await begin(cgi, Channel=1, **DAY)
    found = await pages(cgi, finder, 20)
    assert [len(items_of(page)) for page in found] == [10, 20, 10, 9, 0]
    assert found[0].text.startswith("found=12\r\n")


@pytest.mark.parametrize(
    ("nothing", "status", "text"),
    [
        (Nothing.BAD_REQUEST, 400, "Error\r\nBad Request!\r\n"),
        (Nothing.ERROR, 200, "Error\r\n"),
        (Nothing.FOUND_ZERO, 200, "OK\r\n"),
    ],
)
async def test_nothing_is_told_in_several_ways(
    box: RecorderBox, cgi: Cgi, nothing: Nothing, status: int, text: str
) -> None:
    change(box, nothing=nothing)
    finder, begun = await begin(cgi, Channel=1, **NEVER)
    assert (begun.status, begun.text) == (status, text)
    if nothing is Nothing.FOUND_ZERO:
        page = await cgi.ask("mediaFileFind", "findNextFile", object=finder, count=10)
        assert page.text == "found=0\r\n"


@pytest.mark.parametrize(("box", "base"), [("current", 1), ("hostile", 0)], indirect=["box"])
async def test_the_first_channel_may_be_0(cgi: Cgi, base: int) -> None:
    span = {"StartTime": "2026-11-20 10:00:00", "EndTime": "2026-11-20 11:59:59"}
    for index in (0, 1):
        items = await cgi.search(Channel=base + index, **span)
        assert {item["Channel"] for item in items} == {str(index)}
    _, refused = await begin(cgi, Channel=base - 1 if base else 99, **span)
    assert refused.status == 400


async def test_objects_are_few_and_leak(box: RecorderBox, cgi: Cgi) -> None:
    change(box, finders=2)
    for _ in range(4):
        assert await cgi.search(Channel=1, **DAY)
    finder, _ = await begin(cgi, Channel=1, **DAY)
    # Destroyed, but not closed before.
    assert (await cgi.ask("mediaFileFind", "destroy", object=finder)).text == "OK\r\n"
    other, _ = await begin(cgi, Channel=1, **DAY)
    full = await cgi.ask("mediaFileFind", "factory.create")
    assert full.text == "Error\r\n"
    await cgi.ask("mediaFileFind", "close", object=other)
    await cgi.ask("mediaFileFind", "destroy", object=other)
    assert len(face_of(box).device.finders) == 1
    box.recorder.reboot()
    assert len(face_of(box).device.finders) == 0
    assert await cgi.search(Channel=1, **DAY)


@pytest.mark.parametrize(
    "condition",
    [
        {"Channel": 1, "StartTime": "2026-11-20T00:00:00", "EndTime": "2026-11-20 01:00:00"},
        {"Channel": 1, "StartTime": "2026-11-20+00:00:00", "EndTime": "2026-11-20+01:00:00"},
        {"Channel": 1, "StartTime": "2026-11-20 00:00:00.5", "EndTime": "2026-11-20 01:00:00"},
        {"Channel": 1, "StartTime": "2026-11-20 00:00:00"},
        {"StartTime": "2026-11-20 00:00:00", "EndTime": "2026-11-20 01:00:00"},
        {"Channel": "one", **DAY},
    ],
)
@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_conditions_that_are_none(cgi: Cgi, condition: dict[str, object]) -> None:
    _, refused = await begin(cgi, **condition)
    assert refused.status == 400


async def test_times_need_no_leading_zeros(cgi: Cgi) -> None:
    span = {"StartTime": "2026-11-20 9:0:0", "EndTime": "2026-11-20 10:00:00"}
    assert await cgi.search(Channel=1, **span)


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_flags_and_events(box: RecorderBox, cgi: Cgi) -> None:
    def kinds(items: list[dict[str, str]]) -> set[tuple[str, str | None]]:
        return {(item["Flags[0]"], item.get("Events[0]")) for item in items}

    everything = kinds(await cgi.search(Channel=2, **DAY))
    people, vehicles = ("Event", "SmartMotionHuman"), ("Event", "SmartMotionVehicle")
    assert everything == {("Timing", None), people, vehicles, ("Event", "VideoMotion")}
    events = {"Flags[0]": "Event"}
    assert kinds(await cgi.search(Channel=2, **events, **DAY)) == everything - {("Timing", None)}
    both = {"Events[0]": "SmartMotionHuman", "Events[1]": "SmartMotionVehicle"}
    assert kinds(await cgi.search(Channel=2, **both, **DAY)) == {people, vehicles}
    old = {"Flag[0]": "Timing"}
    assert kinds(await cgi.search(Channel=2, **old, **DAY)) == {("Timing", None)}
    change(box, flags_keys=frozenset({FlagsKey.FLAGS}))
    assert kinds(await cgi.search(Channel=2, **old, **DAY)) == everything
    change(box, filters=False)
    assert kinds(await cgi.search(Channel=2, **both, **DAY)) == everything


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_streams(cgi: Cgi) -> None:
    async def words(**more: object) -> set[str]:
        return {item["VideoStream"] for item in await cgi.search(Channel=1, **DAY, **more)}

    assert await words() == {"Main", "Extra1"}
    assert await words(VideoStream="Main") == {"Main"}
    assert await words(VideoStream="Extra1") == {"Extra1"}


@pytest.mark.parametrize("box", ["camera"], indirect=True)
async def test_a_card_has_pictures_too(cgi: Cgi) -> None:
    items = await cgi.search(Channel=0, **DAY)
    assert {item["Type"] for item in items} == {"dav", "jpg"}
    footage = await cgi.search(Channel=0, **DAY, **{"Types[0]": "dav"})
    assert footage == [item for item in items if item["Type"] == "dav"]
    first = footage[0]
    assert first["FilePath"].startswith("/mnt/sd/2026-11-")
    assert first["FilePath"].endswith("[0@0][0].mp4")
    assert [*first] == sorted(first)
    assert first["WorkDir"] == "/mnt/sd"
    assert first["Summary.TrafficCar.PlateNumber"] == ""
    lasts = at(first["EndTime"]) - at(first["StartTime"])
    assert abs(lasts - timedelta(seconds=int(first["Duration"]))) <= timedelta(seconds=1)
    [picture, *_] = [item for item in items if item["Type"] == "jpg"]
    assert "/001/jpg/" in picture["FilePath"]


async def test_the_last_block_grows(box: RecorderBox, cgi: Cgi, time: TimeSource) -> None:
    span = {"StartTime": "2026-11-21 12:30:00", "EndTime": "2026-11-22 00:00:00"}
    change(box, time_form=face_of(box).device.firmware.time_form)
    before = (await cgi.search(Channel=1, **span))[-1]
    assert before["EndTime"] == "2026-11-21 13:00:30"
    time.advance(timedelta(seconds=20))
    after = (await cgi.search(Channel=1, **span))[-1]
    assert (after["StartTime"], after["EndTime"]) == (before["StartTime"], "2026-11-21 13:00:50")
    assert int(after["Length"]) > int(before["Length"])
    change(box, open_growing=False)
    planned = (await cgi.search(Channel=1, **span))[-1]
    assert planned["EndTime"] > "2026-11-21 13:00:50"


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_the_hour_that_comes_twice(cgi: Cgi) -> None:
    """On 1 November 2026 Los Angeles had the hour from 1 to 2 twice."""
    span = {"StartTime": "2026-11-01 00:30:00", "EndTime": "2026-11-01 02:30:00"}
    items = await cgi.search(Channel=1, VideoStream="Main", **span)
    starts = [at(item["StartTime"]) for item in items]
    assert len(items) in {6, 7}
    assert starts != sorted(starts), "the clock goes back in between"
    backwards = [item for item in items if item["EndTime"] < item["StartTime"]]
    assert len(backwards) == 1


@pytest.mark.parametrize("box", ["hostile"], indirect=True)
async def test_times_may_have_halves_of_days(cgi: Cgi) -> None:
    span = {"StartTime": "2026-11-20 01:00:00 PM", "EndTime": "2026-11-20 02:00:00 PM"}
    items = await cgi.search(Channel=0, VideoStream="Main", **span)
    assert items
    assert all(item["StartTime"].endswith(" PM") for item in items)
    plain = {"StartTime": "2026-11-20 13:00:00", "EndTime": "2026-11-20 14:00:00"}
    assert await cgi.search(Channel=0, VideoStream="Main", **plain) == items


async def test_the_log_fills_with_log_ins(cgi: Cgi) -> None:
    for _ in range(3):
        await cgi.ask("magicBox", "getMachineName")
    span = {"StartTime": "2026-11-21 13:00:00", "EndTime": "2026-11-21 13:01:00"}
    keys = {f"condition.{key}": value for key, value in span.items()}
    begun = (await cgi.ask("log", "startFind", **keys)).fields
    assert int(begun["count"]) >= 3
    page = await cgi.ask("log", "doFind", token=begun["token"], count=2)
    assert page.fields["found"] == "2"
    assert items_of(page)[0]["Type"] == "Login"
    assert (await cgi.ask("log", "stopFind", token=begun["token"])).text == "OK\r\n"
    assert (await cgi.ask("log", "doFind", token=begun["token"], count=2)).status == 400
