"""Faults on any path, at any byte, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.faults import Fault
from simulator.core.personality import Options
from simulator.hikvision import personalities

from .raw import PATH, Raw, read_all

PASSWORD = "x"


@pytest.fixture
async def box() -> AsyncIterator[RecorderBox]:
    """Plug in a recorder."""
    async with RecorderBox(personalities.current(Options(password=PASSWORD))) as plugged:
        yield plugged


@pytest.fixture
def raw(box: RecorderBox) -> Raw:
    """Speak to it."""
    return Raw(box, PASSWORD)


async def test_cuts_at_any_byte(box: RecorderBox, raw: Raw) -> None:
    whole = await raw.ask()
    assert whole.announced == len(whole.body)
    for at in (0, 1, 17, len(whole) - len(whole.body), len(whole) - 1):
        off = box.recorder.faults.add(Fault(path=PATH, cut_at=at))
        cut = await raw.ask()
        off()
        assert len(cut) == at
        assert cut[:9] == whole[:9][:at]
    for fault in (Fault(path=PATH, cut_at=len(whole)), Fault(path=PATH, stall_at=len(whole))):
        off = box.recorder.faults.add(fault)
        assert len(await raw.ask()) == len(whole), "it ends before"
        off()


async def test_cuts_by_a_reset(box: RecorderBox, raw: Raw) -> None:
    box.recorder.faults.add(Fault(path=PATH, cut_at=50, reset=True))
    assert (await raw.ask()).endswith(b"(reset)")


async def test_cuts_what_is_streamed(box: RecorderBox, raw: Raw) -> None:
    box.recorder.faults.add(Fault(path="*/alertStream", cut_at=400))
    assert len(await raw.ask("/ISAPI/Event/notification/alertStream")) == 400


async def test_stalls_until_released(box: RecorderBox, raw: Raw) -> None:
    whole = len(await raw.ask())
    off = box.recorder.faults.add(Fault(path=PATH, stall_at=100))
    async with raw.connected() as reader:
        beginning = await reader.readexactly(100)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.readexactly(1)
        off()
        assert len(beginning + await read_all(reader)) == whole


async def test_stalls_for_a_time(box: RecorderBox, raw: Raw) -> None:
    whole = len(await raw.ask())
    box.recorder.faults.add(Fault(path=PATH, stall_at=0, stall_s=0.01, count=1))
    assert len(await raw.ask()) == whole


async def test_a_stalled_client_may_go(box: RecorderBox, raw: Raw) -> None:
    box.recorder.faults.add(Fault(path=PATH, stall_at=10, stall_s=3600, count=1))
    async with raw.connected() as reader:
        await reader.readexactly(10)
    assert (await raw.ask()).startswith(b"HTTP/1.1 200")


async def test_shortens_and_lengthens(box: RecorderBox, raw: Raw) -> None:
    whole = await raw.ask()
    box.recorder.faults.add(Fault(path=PATH, shorten=7, count=1))
    short = await raw.ask()
    assert (short.announced, short.body) == (whole.announced - 7, whole.body[:-7])
    box.recorder.faults.add(Fault(path=PATH, lengthen=5, count=1))
    long = await raw.ask()
    assert (long.announced, long.body) == (whole.announced + 5, whole.body + bytes(5))


@pytest.mark.parametrize("off_by", [-100, 1, 10_000])
async def test_claims_another_length(box: RecorderBox, raw: Raw, off_by: int) -> None:
    whole = await raw.ask()
    box.recorder.faults.add(Fault(path=PATH, claim=off_by))
    lying = await raw.ask()
    assert (lying.announced, lying.body) == (whole.announced + off_by, whole.body)


async def test_mixes_in_garbage(box: RecorderBox, raw: Raw) -> None:
    whole = await raw.ask()
    begins = len(whole) - len(whole.body) + 40
    box.recorder.faults.add(Fault(path=PATH, garbage_at=begins, garbage=16))
    spoiled = await raw.ask()
    assert len(spoiled) == len(whole)
    wrong = [at for at in range(begins - 10, len(whole)) if spoiled[at] != whole[at]]
    assert wrong == list(range(begins, begins + 16))


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
async def test_refuses_with_any_status(box: RecorderBox, raw: Raw, status: int) -> None:
    box.recorder.faults.add(Fault(path=PATH, status=HTTPStatus(status)))
    assert (await raw.ask()).startswith(f"HTTP/1.1 {status} ".encode())


async def test_drops(box: RecorderBox, raw: Raw) -> None:
    box.recorder.faults.add(Fault(path=PATH, drop=True))
    assert (await raw.ask()) in {b"", b"(reset)"}


async def test_reboots_in_the_middle(box: RecorderBox, raw: Raw) -> None:
    before = box.recorder.started
    path = "/ISAPI/Event/notification/alertStream"
    box.recorder.faults.add(Fault(path=path, reboot_at=300, count=1))
    async with raw.connected(path) as reader:
        await read_all(reader)
    while box.recorder.started == before or not box.plugged:
        await asyncio.sleep(0)
    assert (await raw.ask()).startswith(b"HTTP/1.1 200")


async def test_spares_some_and_hits_challenges_when_told(box: RecorderBox, raw: Raw) -> None:
    faults = box.recorder.faults
    faults.add(Fault(path=PATH, method="GET", skip=1, count=1, drop=True))
    assert await raw.ask()
    assert faults.hits == 0
    assert (await raw.ask()) in {b"", b"(reset)"}
    assert await raw.ask()
    assert faults.hits == 1
    faults.add(Fault(path=PATH, method="POST", drop=True))
    assert await raw.ask()
    faults.add(Fault(path=PATH, unsigned=True, drop=True))
    with pytest.raises(aiohttp.ClientError):
        async with aiohttp.request("GET", f"http://{box.address}{PATH}"):
            pass


async def test_lets_in_so_many_connections(box: RecorderBox) -> None:
    box.recorder.max_connections = 2
    url = f"http://{box.address}{PATH}"
    held = [await asyncio.open_connection(box.host, box.http_port) for _ in range(2)]
    with pytest.raises(aiohttp.ClientError):
        async with aiohttp.request("GET", url):
            pass
    for _, writer in held:
        writer.close()
        await writer.wait_closed()
    box.recorder.max_connections = 3
    async with aiohttp.request("GET", url) as response:
        assert response.status == 401
