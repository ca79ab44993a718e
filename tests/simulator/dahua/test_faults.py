"""What goes wrong on purpose, by CGI and by RPC2, at any byte."""

import asyncio
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.faults import Fault

from .client import Cgi, Rpc

TABLE = "/cgi-bin/configManager.cgi"


@pytest.mark.parametrize(
    "damage",
    # A client that sees nothing at all asks once more by itself.
    [{"cut_at": 400}, {"cut_at": 400, "reset": True}, {"claim": 50}, {"drop": True, "count": 2}],
)
async def test_answers_break_off(box: RecorderBox, cgi: Cgi, damage: dict[str, Any]) -> None:
    await cgi.table("Locales")
    box.recorder.faults.add(Fault(path=TABLE, **{"count": 1, **damage}))
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        async with asyncio.timeout(1):
            await cgi.table("Locales")
    assert (await cgi.table("Locales"))[".DSTEnable"] == "true"


async def test_answers_stall(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.faults.add(Fault(path=TABLE, count=1, stall_at=300))
    asked = asyncio.create_task(cgi.table("Locales"))
    done, _ = await asyncio.wait([asked], timeout=0.3)
    assert not done
    box.recorder.faults.release()
    assert (await asked)[".DSTEnable"] == "true"


async def test_answers_are_spoiled(box: RecorderBox, cgi: Cgi) -> None:
    whole = (await cgi.ask("configManager", "getConfig", name="Locales")).body
    box.recorder.faults.add(Fault(path=TABLE, count=1, garbage_at=250, garbage=20))
    spoiled = (await cgi.ask("configManager", "getConfig", name="Locales")).body
    assert len(spoiled) == len(whole)
    assert sum(one != other for one, other in zip(whole, spoiled, strict=True)) == 20
    box.recorder.faults.add(Fault(path=TABLE, count=1, shorten=40))
    short = (await cgi.ask("configManager", "getConfig", name="Locales")).body
    assert short == whole[:-40]


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_faults_hit_devices_that_close_each_connection(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.faults.add(Fault(path=TABLE, count=1, cut_at=300))
    with pytest.raises(aiohttp.ClientError):
        await cgi.table("Locales")
    assert (await cgi.table("Locales"))[".DSTEnable"] == "true"
    assert box.recorder.faults.hits == 1


async def test_calls_break_off(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        box.recorder.faults.add(Fault(path="/RPC2", count=1, cut_at=200))
        with pytest.raises(aiohttp.ClientError):
            await rpc.call("configManager.getConfig", {"name": "Encode"})
        answer = await rpc.call("configManager.getConfig", {"name": "Encode"})
        assert answer["result"] is True


async def test_it_reboots_in_the_middle(box: RecorderBox, cgi: Cgi) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        begun = box.recorder.started
        box.recorder.faults.add(Fault(path=TABLE, count=1, reboot_at=300))
        # It had all been sent when the box went.
        assert await cgi.table("Encode")
        while box.recorder.started == begun or not box.plugged:
            await asyncio.sleep(0)
        assert (await rpc.call("magicBox.getDeviceType"))["error"]["code"] == 287637505
        assert (await cgi.ask("magicBox", "getMachineName")).status == 200
