"""A scan of the loopback, where simulated devices answer, hostile ones too."""

from asyncio import DatagramProtocol, get_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
import itertools
import os
import socket
from typing import override

import pytest

from custom_components.nvr.discovery import dhdiscover, sadp, ws_discovery
from custom_components.nvr.discovery.datagrams import MAX_FROM_ONE
from custom_components.nvr.discovery.models import DeviceKind, FoundDevice, Protocol
from custom_components.nvr.discovery.scan import scan
from custom_components.nvr.drivers import xml
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.discovery import discoverable
from simulator.faces import PERSONALITIES

ME = "127.0.0.1"
SECONDS = 0.4
# Tests that run at the same time hear each other.
NETWORK = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 250}"

# More than are heard of anybody, and not more than sockets hold until they are read.
FLOOD = MAX_FROM_ONE + 20

type Plug = Callable[[str], Awaitable[RecorderBox]]


@pytest.fixture
def hosts() -> Iterator[str]:
    """Give addresses of their own to devices."""
    return (f"{NETWORK}.{number}" for number in itertools.count(1))


@pytest.fixture
async def plug(hosts: Iterator[str]) -> AsyncIterator[Plug]:
    """Plug in simulated devices, until the test ends."""
    async with AsyncExitStack() as plugged:

        async def plug_in(name: str) -> RecorderBox:
            host = next(hosts)
            box = RecorderBox(PERSONALITIES[name](Options(password="s3cret")), host=host)
            await plugged.enter_async_context(box)
            await plugged.enter_async_context(discoverable(box, host))
            return box

        yield plug_in


async def found_at(*boxes: RecorderBox) -> list[FoundDevice]:
    """Scan until all of these are found: a busy machine may take its time. Give what is theirs."""
    hosts = {box.host for box in boxes}
    while True:
        found = [one for one in await scan([ME], seconds=SECONDS) if one.host.startswith(NETWORK)]
        if hosts <= {one.host for one in found}:
            return found


async def test_devices_of_all_makers_are_found(plug: Plug) -> None:
    boxes = [
        await plug(name)
        for name in ("onvif/nvr", "dahua/camera", "dahua/nvr", "hikvision/camera", "hikvision/old")
    ]
    found = await found_at(*boxes)
    assert {one.host: (one.vendor, one.port, one.kind) for one in found} == {
        box.host: (vendor, box.http_port, kind)
        for box, (vendor, kind) in zip(
            boxes,
            [
                ("onvif", None),
                ("dahua", DeviceKind.CAMERA),
                ("dahua", DeviceKind.RECORDER),
                ("hikvision", DeviceKind.CAMERA),
                ("hikvision", DeviceKind.RECORDER),
            ],
            strict=True,
        )
    }
    kinds = [one.kind for one in found]
    assert kinds == sorted(kinds, key=[DeviceKind.RECORDER, None, DeviceKind.CAMERA].index)


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        ("hikvision/current", Protocol.SADP),
        ("dahua/current", Protocol.DHDISCOVER),
        ("onvif/camera", Protocol.WS_DISCOVERY),
    ],
)
async def test_what_is_told_is_what_the_device_is(
    plug: Plug, name: str, protocol: Protocol
) -> None:
    box = await plug(name)
    identity = box.recorder.identity
    [found] = await found_at(box)
    assert found.protocols == {protocol}
    assert found.model == identity.model
    if protocol is not Protocol.WS_DISCOVERY:
        assert (found.serial, found.mac) == (identity.serial, identity.mac)
    assert not found.needs_setup


@pytest.mark.parametrize("name", ["dahua/raid", "dahua/hostile", "onvif/hostile", "hikvision/oem"])
async def test_one_that_answers_oddly_is_found_once(plug: Plug, name: str) -> None:
    box = await plug(name)
    assert [one.host for one in await found_at(box)] == [box.host]


async def test_a_device_with_two_protocols_is_found_once(plug: Plug) -> None:
    box = await plug("dahua/nvr")
    other = RecorderBox(PERSONALITIES["onvif/nvr"](Options(password="s3cret")), host=box.host)
    async with other, discoverable(other, box.host):
        while True:
            [found] = await found_at(box)
            if len(found.protocols) == 2:
                break
    assert (found.vendor, found.port) == ("dahua", box.http_port)


class _Ear(DatagramProtocol):
    """Hears what is asked, and answers with whatever it is given."""

    def __init__(self, answers: list[bytes]) -> None:
        self.heard: list[bytes] = []
        self._answers = answers
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sender.bind((f"{NETWORK}.200", 0))

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        for answer in self._answers:
            self._sender.sendto(answer, addr)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._sender.close()


async def _listen(group: str, port: int, answers: list[bytes], until: AsyncExitStack) -> _Ear:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind((group, port))
    membership = socket.inet_aton(group) + socket.inet_aton(ME)
    ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    ear.setblocking(False)
    transport, protocol = await get_running_loop().create_datagram_endpoint(
        lambda: _Ear(answers), sock=ear
    )
    until.callback(transport.close)
    return protocol


async def test_nothing_but_inquiries_is_sent_and_twice_at_that() -> None:
    async with AsyncExitStack() as until:
        hikvision = await _listen(sadp.GROUP, sadp.PORT, [], until)
        dahua = await _listen(dhdiscover.GROUP, dhdiscover.PORT, [], until)
        onvif = await _listen(ws_discovery.GROUP, ws_discovery.PORT, [], until)
        await scan([ME], seconds=SECONDS)
    # Others may ask at the same time, and answers to the group are heard as well.
    probes = [xml.parse(one) for one in hikvision.heard if b"<Probe>" in one]
    assert len(probes) >= 2
    assert {xml.text(probe, "Types") for probe in probes} == {"inquiry"}
    assert [one for one in dahua.heard if b"notifyDevInfo" not in one][:2] == [
        dhdiscover.search()
    ] * 2
    asked = [xml.text(xml.parse(one), "Body", "Probe", "Types") for one in onvif.heard]
    assert asked.count("dn:NetworkVideoTransmitter") >= 2
    assert asked.count("tds:Device") >= 2


async def test_hostile_answers_hide_nobody(plug: Plug) -> None:
    noise = [b"", b"\xff" * 2000, b"<ProbeMatch>", b"{" * 1000, b"<a>" * 500, b'{"method":1}']
    flood = [
        b"<ProbeMatch><DeviceSN>%d</DeviceSN><MAC>%012x</MAC></ProbeMatch>" % (number, number)
        for number in range(1, 1 + FLOOD)
    ]
    async with AsyncExitStack() as until:
        for module in (sadp, dhdiscover, ws_discovery):
            await _listen(module.GROUP, module.PORT, noise + flood, until)
        boxes = [await plug("hikvision/current"), await plug("dahua/nvr"), await plug("onvif/nvr")]
        found = await found_at(*boxes)
    assert len(found) <= MAX_FROM_ONE + len(boxes)


async def test_an_interface_that_is_none_keeps_nobody_from_the_others(plug: Plug) -> None:
    box = await plug("dahua/nvr")
    while True:
        found = await scan(["192.0.2.1/24", f"{ME}/8", "192.0.2.2"], seconds=SECONDS)
        if box.host in {one.host for one in found}:
            break


async def test_without_interfaces_nothing_is_found_at_once() -> None:
    assert await scan([], seconds=3600) == ()
    assert await scan(["192.0.2.1"], seconds=3600) == ()


async def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="not-an-address"):
        await scan(["not-an-address"])
