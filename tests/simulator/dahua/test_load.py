"""What the web server bears: too many requests at once, and too many connections (section 3)."""

import asyncio

import aiohttp
import pytest

from simulator.box import RecorderBox

from .client import Cgi, Rpc
from .conftest import face_of


async def test_too_many_at_once_wedge_it(box: RecorderBox, cgi: Cgi) -> None:
    face = face_of(box)
    await cgi.ask("magicBox", "getMachineName")
    face.change(parallel=3, wedged_s=600.0, latency_s=0.5)
    load = face.device.load
    asked = [asyncio.create_task(cgi.ask("magicBox", "getMachineName")) for _ in range(5)]
    while load.running < len(asked):
        await asyncio.sleep(0)
    assert load.wedged
    async with aiohttp.ClientSession() as http:
        called = asyncio.create_task(Rpc(box, http).challenge())
        # None is answered, although they have waited long enough.
        done, _ = await asyncio.wait([*asked, called], timeout=1)
        assert not done
        load.recover()
        assert (await called)["error"]["code"] == 268632079
    answers = await asyncio.gather(*asked)
    assert [answer.status for answer in answers] == [200] * 5
    assert load.wedges == 1
    assert load.running == 0


async def test_as_many_as_it_bears_are_answered(box: RecorderBox, cgi: Cgi) -> None:
    face = face_of(box)
    await cgi.ask("magicBox", "getMachineName")
    face.change(parallel=3, latency_s=0.5)
    answers = await asyncio.gather(*(cgi.ask("magicBox", "getMachineName") for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    assert (face.device.load.wedges, face.device.load.most) == (0, 3)


@pytest.mark.parametrize("box", ["current", "nvr", "xvr"], indirect=True)
async def test_about_twenty_connections(box: RecorderBox) -> None:
    opened = [await asyncio.open_connection(box.host, box.http_port) for _ in range(20)]
    reader, writer = await asyncio.open_connection(box.host, box.http_port)
    try:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        first, speaks = opened[0]
        speaks.write(b"GET / HTTP/1.1\r\nHost: recorder\r\nConnection: close\r\n\r\n")
        assert (await first.read()).startswith(b"HTTP/1.1 200 OK")
    finally:
        for _, each in [*opened, (reader, writer)]:
            each.close()
