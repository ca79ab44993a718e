"""DHDiscover, within this machine."""

import asyncio
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.box import RecorderBox
from simulator.core.discovery import Multicast
from simulator.dahua.discovery import GROUP, HEAD_SIZE, NETWORK, PORT, discoverable, framed
from simulator.dahua.traits.discovery import Frame
from tests.simulator.exchange import asking, free_port

from ..plugged import change
from .conftest import face_of

SEARCH = b'{"method":"DHDiscover.search","params":{"mac":"","uni":1}}'
DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"


@pytest.fixture
def network() -> Multicast:
    """Take a port that nobody has, on the loopback interface."""
    return replace(NETWORK, port=free_port())


def read(datagram: bytes) -> Any:
    """Read an answer as the notes say: from the first brace, without what trails behind."""
    return json.loads(datagram[datagram.index(b"{") :].rstrip(b"\0\n"))


@pytest.mark.parametrize("host", [GROUP, "127.0.0.1"])
async def test_who_asks_is_answered(box: RecorderBox, network: Multicast, host: str) -> None:
    """The group, and the address of the device itself."""
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), (host, network.port))
        heard = await listener.heard.get()
    size = len(heard) - HEAD_SIZE
    assert heard[:8] == b"\x20\0\0\0DHIP"
    assert heard[16:HEAD_SIZE] == (size.to_bytes(4, "little") + b"\0" * 4) * 2
    told = read(heard)
    identity = box.recorder.identity
    assert (told["mac"], told["method"]) == (identity.mac, "client.notifyDevInfo")
    info = told["params"]["deviceInfo"]
    assert (info["DeviceType"], info["SerialNo"]) == (identity.model, identity.serial)
    assert (info["DeviceClass"], info["HttpPort"]) == ("NVR", box.http_port)
    assert info["RemoteVideoInputChannels"] == len(box.recorder.channels)
    assert info["IPv4Address"]["IPAddress"] == "127.0.0.1"


@pytest.mark.parametrize("box", ["camera", "xvr"], indirect=True)
async def test_channels_of_its_own(box: RecorderBox, network: Multicast) -> None:
    change(box, discovery_by_group=False)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), (GROUP, network.port))
        info = read(await listener.heard.get())["params"]["deviceInfo"]
    assert info["VideoInputChannels"] == (1 if info["DeviceClass"] == "IPC" else 4)
    assert info["RemoteVideoInputChannels"] == (0 if info["DeviceClass"] == "IPC" else 2)


@pytest.mark.parametrize(
    "question", [SEARCH, framed(b'{"method":"DHDiscover.config"}'), framed(b"{"), b"", b"x" * 5000]
)
async def test_what_is_no_question(box: RecorderBox, network: Multicast, question: bytes) -> None:
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(question, (GROUP, network.port))
        transport.sendto(framed(SEARCH), (GROUP, network.port))
        await listener.heard.get()
        assert listener.heard.empty()


async def test_the_oldest_answer_to_anything(box: RecorderBox, network: Multicast) -> None:
    change(box, discovery_any=True)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(b"\xff", ("127.0.0.1", network.port))
        assert read(await listener.heard.get())


@pytest.mark.parametrize(("frame", "size"), [(Frame.BARE, 0), (Frame.LONG, 40)])
async def test_heads_of_other_lengths(
    box: RecorderBox, network: Multicast, frame: Frame, size: int
) -> None:
    change(box, discovery_frame=frame, discovery_copies=2)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), ("127.0.0.1", network.port))
        first, second = [await listener.heard.get() for _ in range(2)]
    assert first == second
    assert first.index(b"{") == size
    assert read(first)


async def test_an_answer_that_is_cut_off(box: RecorderBox, network: Multicast) -> None:
    change(box, discovery_broken=True)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), ("127.0.0.1", network.port))
        with pytest.raises(json.JSONDecodeError):
            read(await listener.heard.get())


async def test_who_does_not_want_to_be_found(box: RecorderBox, network: Multicast) -> None:
    change(box, discovered=False)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), ("127.0.0.1", network.port))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await listener.heard.get()


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_tells_what_real_devices_tell(box: RecorderBox, network: Multicast) -> None:
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(framed(SEARCH), ("127.0.0.1", network.port))
        info = read(await listener.heard.get())["params"]["deviceInfo"]
    for folder in ("ipc-hdw5421s", "lorex-w461asc"):
        real = json.loads((DEVICES / folder / "dhdiscover.reply.json").read_text())
        missing = real["params"]["deviceInfo"].keys() - info.keys()
        assert missing <= {"IPv6Address", "Port3", "DeviceID"}


def test_has_the_makers_port_unless_told_otherwise() -> None:
    assert (NETWORK.interface, GROUP, PORT) == ("127.0.0.1", "239.255.255.251", 37810)
