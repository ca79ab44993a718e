"""Search by RPC2: recordings, the calendar, people and vehicles, the log (section 8 of the notes)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.recordings import Kind
from simulator.dahua.traits.search import Nothing

from ..plugged import change
from .client import Cgi, Rpc

DAY = {"StartTime": "2026-11-20 00:00:00", "EndTime": "2026-11-20 23:59:59"}
NEVER = {"StartTime": "2020-1-1 00:00:00", "EndTime": "2020-1-1 23:59:59"}


@pytest.fixture
async def rpc(box: RecorderBox) -> AsyncIterator[Rpc]:
    """Speak RPC2 to the box, as its administrator."""
    async with aiohttp.ClientSession() as http:
        client = Rpc(box, http)
        assert (await client.log_in())["result"] is True
        yield client


class Finder:
    """One object for searches."""

    def __init__(self, rpc: Rpc, number: int) -> None:
        self._rpc = rpc
        self._number = number

    async def call(self, method: str, params: object = None) -> Any:
        """Call one of its methods."""
        return await self._rpc.call(f"mediaFileFind.{method}", params, object=self._number)

    async def find(self, **condition: object) -> Any:
        """Search."""
        return await self.call("findFile", {"condition": condition})


@pytest.fixture
async def finder(rpc: Rpc) -> Finder:
    """Give an object for searches."""
    return Finder(rpc, (await rpc.call("mediaFileFind.factory.create"))["result"])


async def test_finds_what_cgi_finds(finder: Finder, cgi: Cgi) -> None:
    asked = {"Types": ["dav"], "VideoStream": "Main", "Events": ["*"], "Flags": None, "Dirs": None}
    assert (await finder.find(Channel=0, **asked, **DAY))["result"] is True
    assert (await finder.call("getCount"))["params"] == {"count": 49}
    page = (await finder.call("findNextFile", {"count": 100}))["params"]
    assert page["found"] == len(page["infos"]) == 49
    same = await cgi.search(Channel=1, VideoStream="Main", **DAY)
    assert [item["FilePath"] for item in page["infos"]] == [item["FilePath"] for item in same]
    first = page["infos"][0]
    assert (first["Channel"], first["Flags"][0]) == (0, "Timing")
    assert (await finder.call("findNextFile", {"count": 100}))["params"] == {
        "found": 0, "infos": [],
    }  # fmt: skip
    for method in ("close", "destroy"):
        assert (await finder.call(method))["result"] is True
    assert (await finder.call("close"))["error"]["code"] == -267976703


async def test_order_and_offset(finder: Finder) -> None:
    await finder.find(Channel=0, VideoStream="Main", **DAY)
    oldest = (await finder.call("findNextFile", {"count": 1024}))["params"]["infos"]
    await finder.find(Channel=0, VideoStream="Main", Order="Descent", **DAY)
    newest = (await finder.call("findNextFile", {"count": 3}))["params"]["infos"]
    assert newest == oldest[:-4:-1]
    await finder.call("setQueryResultOptions", {"options": {"offset": 10}})
    later = (await finder.call("findNextFile", {"count": 1}))["params"]["infos"]
    assert later == [oldest[-11]]


@pytest.mark.parametrize("nothing", [Nothing.BAD_REQUEST, Nothing.FOUND_ZERO])
@pytest.mark.parametrize("box", ["raid"], indirect=True)
async def test_nothing_found(box: RecorderBox, finder: Finder, nothing: Nothing) -> None:
    change(box, nothing=nothing)
    answer = await finder.find(Channel=0, **NEVER)
    if nothing is Nothing.FOUND_ZERO:
        assert answer["result"] is True
    else:
        assert answer["error"]["code"] == 285409284
    page = (await finder.call("findNextFile", {"count": 10}))["params"]
    assert page == {"found": 0, "infos": None}


@pytest.mark.parametrize("box", ["dvr"], indirect=True)
async def test_the_list_may_be_called_items(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.challenge()
        await rpc.prove("YWRtaW46czNjcmV0ICYgPSUrOi8=")
        finder = Finder(rpc, (await rpc.call("mediaFileFind.factory.create"))["result"])
        await finder.find(Channel=0, **DAY)
        page = (await finder.call("findNextFile", {"count": 5}))["params"]
        assert page["found"] == len(page["items"]) == 5


@pytest.mark.parametrize(
    "condition", [{"Channel": "0", **DAY}, {"Channel": 99, **DAY}, {"Channel": 0}, {}]
)
async def test_conditions_that_are_none(finder: Finder, condition: dict[str, object]) -> None:
    assert (await finder.find(**condition))["error"]["code"] == 268894211


async def test_rules_are_searched_by_their_codes(finder: Finder) -> None:
    condition = {"Channel": [4], "Events": ["CrossLineDetection"], "DB": {"IVS": {}}, **DAY}
    assert (await finder.find(**condition))["result"] is True
    items = (await finder.call("findNextFile", {"count": 100}))["params"]["infos"]
    assert {item["Events"][0] for item in items} == {"CrossLineDetection"}


@pytest.mark.parametrize(
    ("box", "directory"), [("current", "/"), ("camera", "/dev/mmc0")], indirect=["box"]
)
async def test_the_calendar(box: RecorderBox, rpc: Rpc, directory: str) -> None:
    instance = await rpc.call("workDirectory.factory.instance", {"name": directory})

    async def days(year: int, month: int, channel: int = 0) -> Any:
        condition = {
            "Channel": channel, "Types": ["dav"], "Events": "*", "Year": year, "Month": month,
        }  # fmt: skip
        return await rpc.call(
            "workDirectory.getBitmapEx", {"condition": condition}, object=instance["result"]
        )

    bitmap = (await days(2026, 11))["params"]["bitmap"]
    found = [day for day in range(32) if bitmap >> day & 1]
    assert found[-1] == 21
    assert found[0] >= 1
    if directory == "/":
        assert found == [*range(1, 22)]
        every = (await days(2026, 11, -1))["params"]["bitmap"]
        assert every == bitmap
    assert (await days(2020, 11))["error"]["code"] == 285409284
    assert (await days(2026, 13))["error"]["code"] == 268894211
    wrong = await rpc.call("workDirectory.factory.instance", {"name": "/nowhere"})
    assert wrong["result"] is False


async def test_people_and_vehicles(box: RecorderBox, rpc: Rpc) -> None:
    condition = {
        **DAY,
        "Channels": [1, 4],
        "SmdType": ["smdTypeHuman", "smdTypeVehicle"],
        "Order": "descOrder",
    }
    begun = (await rpc.call("SmdDataFinder.startFind", {"Condition": condition}))["params"]
    rows: list[dict[str, Any]] = []
    while len(rows) < begun["Count"]:
        asked = {"Token": begun["Token"], "Offset": len(rows), "Count": 10}
        rows += (await rpc.call("SmdDataFinder.doFind", asked))["params"]["SmdInfo"]
    assert {row["Type"] for row in rows} == {"smdTypeHuman", "smdTypeVehicle"}
    assert {row["Channel"] for row in rows} == {1, 4}
    starts = [row["StartTime"] for row in rows]
    assert starts == sorted(starts, reverse=True)
    clock = box.recorder.clock
    true = [
        recording
        for channel in (2, 5)
        for recording in box.recorder.schedule.recordings(
            channel, 1, *clock.span(*(_digits(text) for text in DAY.values()))
        )
        if recording.kind in {Kind.PERSON, Kind.VEHICLE}
    ]
    assert len(true) == len(rows)
    assert (await rpc.call("SmdDataFinder.stopFind", {"Token": begun["Token"]}))["result"] is True
    asked = {"Token": begun["Token"], "Offset": 0, "Count": 1}
    assert (await rpc.call("SmdDataFinder.doFind", asked))["result"] is False


async def test_events_of_the_log(rpc: Rpc) -> None:
    condition = {
        **DAY,
        "Types": ["Event.VideoMotion.Start", "Event.VideoMotion.Stop"],
        "Translate": True,
        "Order": "Descent",
    }
    token = (await rpc.call("log.startFind", {"condition": condition}))["params"]["token"]
    count = (await rpc.call("log.getCount", {"token": token}))["params"]["count"]
    assert count > 20
    asked = {"token": token, "offset": 0, "count": 10}
    rows = (await rpc.call("log.doSeekFind", asked))["params"]["items"]
    assert len(rows) == 10
    assert {row["Code"] for row in rows} == {"VideoMotion"}
    times = [row["Time"] for row in rows]
    assert times == sorted(times, reverse=True)
    # Channels count from 1 here, and the first has no motion recorded.
    assert {row["Channel"] for row in rows} <= {2, 3, 5, 6}
    assert (await rpc.call("log.stopFind", {"token": token}))["result"] is True


def _digits(text: str) -> datetime:
    return datetime.fromisoformat(text)
