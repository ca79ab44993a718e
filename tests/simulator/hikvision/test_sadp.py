"""Discovery, within this machine."""

import asyncio
from dataclasses import replace
import socket
import struct
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.discovery import Multicast
from simulator.hikvision.face import HikvisionFace
from simulator.hikvision.sadp import GROUP, NETWORK, PORT, discoverable
from tests.simulator.exchange import Listener, asking, free_port

PROBE = "<?xml version='1.0'?><Probe><Uuid>13A888A9</Uuid><Types>{}</Types></Probe>"


@pytest.fixture
def network() -> Multicast:
    """Take a port that nobody has, on the loopback interface."""
    return replace(NETWORK, port=free_port())


def face_of(box: RecorderBox) -> HikvisionFace:
    """Give the box's face."""
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    return face


@pytest.mark.parametrize("words", ["inquiry", "inquiry_v32"])
async def test_answers_who_asks(
    current: RecorderBox,
    network: Multicast,
    words: str,
) -> None:
    async with asking(discoverable(face_of(current), network)) as (transport, listener):
        transport.sendto(PROBE.format(words).encode(), (GROUP, network.port))
        answer = await listener.heard.get()
    root: Element = defusedxml.ElementTree.fromstring(answer)
    told = {part.tag: part.text for part in root}
    assert root.tag == "ProbeMatch"
    assert told["Uuid"] == "13A888A9"
    assert told["DeviceDescription"] == "DS-7616NXI-I2/16P/S"
    assert told["MAC"] == "02-00-5e-10-00-01"
    assert told["HttpPort"] == str(current.http_port)
    assert told["IPv4Address"] == "127.0.0.1"
    assert (told["AnalogChannelNum"], told["DigitalChannelNum"]) == ("0", "16")


async def test_is_silent_to_orders_and_nonsense(
    current: RecorderBox,
    network: Multicast,
) -> None:
    where = (GROUP, network.port)
    async with asking(discoverable(face_of(current), network)) as (transport, listener):
        another = PROBE.format("inquiry").replace("Probe>", "ProbeMatch>")
        order = PROBE.format("reset")
        for sent in ("", "nonsense", "<!DOCTYPE x><Probe/>", another, order):
            transport.sendto(sent.encode(), where)
        transport.sendto(PROBE.format("inquiry").replace("13A888A9", "THE-LAST").encode(), where)
        assert b"THE-LAST" in await listener.heard.get(), "the first that is answered"


async def test_answers_to_the_group_as_well(current: RecorderBox, network: Multicast) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((GROUP, network.port))
    loopback = socket.inet_aton("127.0.0.1")
    membership = struct.pack("4s4s", socket.inet_aton(GROUP), loopback)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    async with discoverable(face_of(current), network):
        transport, listener = await loop.create_datagram_endpoint(Listener, sock=sock)
        transport.sendto(PROBE.format("inquiry").encode(), (GROUP, network.port))
        heard = [await listener.heard.get(), await listener.heard.get()]
        transport.close()
    assert sum(b"<ProbeMatch>" in each for each in heard) == 1


def test_has_the_makers_port_unless_told_otherwise() -> None:
    assert (NETWORK.interface, NETWORK.group, NETWORK.port) == ("127.0.0.1", GROUP, PORT)
    assert PORT == 37020
