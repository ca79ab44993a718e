"""The network itself: what the other tests rest on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import select
import signal
import socket
import subprocess
import sys
from typing import override

import pytest

from simulator.dahua.discovery import GROUP as DAHUA_GROUP, PORT as DAHUA_PORT, framed
from simulator.hikvision.sadp import GROUP, PORT
from tests.simulator.exchange import free_port

from .conftest import Recorders
from .home import HomeNetwork, Machine, NetworkError

ROOT = Path(__file__).resolve().parents[2]
INQUIRY = b"<Probe><Uuid>13A888A9</Uuid><Types>inquiry</Types></Probe>"
SEARCH = framed(b'{"method":"DHDiscover.search","params":{"mac":"","uni":1}}')
# Makes a network, says who holds it, and waits to be killed.
VICTIM = """
import sys
from tests.network.home import HomeNetwork
with HomeNetwork() as network:
    network.machine(10)
    print(network.holder, flush=True)
    sys.stdin.read()
"""


class Heard(asyncio.DatagramProtocol):
    """Keeps who answered, and what."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.answers.put_nowait((addr[0], data))


@asynccontextmanager
async def asking() -> AsyncIterator[tuple[asyncio.DatagramTransport, Heard]]:
    """Speak from the machine on which the test is."""
    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(Heard, local_addr=("0.0.0.0", 0))
    yield transport, heard
    transport.close()


async def test_who_asks_the_group_is_answered_by_each_from_its_own_address(
    asker: Machine, recorders: Recorders
) -> None:
    await recorders.plug("hikvision/current", 21)
    await recorders.plug("hikvision/old", 22)
    async with asking() as (transport, heard):
        transport.sendto(INQUIRY, (GROUP, PORT))
        answers = dict([await heard.answers.get(), await heard.answers.get()])
    assert answers.keys() == {"10.10.10.21", "10.10.10.22"}
    for address, answer in answers.items():
        assert f"<IPv4Address>{address}</IPv4Address>".encode() in answer


async def test_makers_hear_their_own_groups_alone(asker: Machine, recorders: Recorders) -> None:
    await recorders.plug("hikvision/current", 21)
    await recorders.plug("dahua/nvr", 31)
    async with asking() as (transport, heard):
        transport.sendto(SEARCH, (DAHUA_GROUP, DAHUA_PORT))
        assert (await heard.answers.get())[0] == "10.10.10.31"
        transport.sendto(INQUIRY, (GROUP, PORT))
        assert (await heard.answers.get())[0] == "10.10.10.21"


async def test_recorders_are_reached_from_other_machines_alone(
    asker: Machine, recorders: Recorders
) -> None:
    box = await recorders.plug("hikvision/current", 21)
    _, writer = await asyncio.open_connection(box.host, box.http_port)
    assert writer.get_extra_info("sockname")[0] == asker.address
    writer.close()
    await writer.wait_closed()
    with socket.socket() as sock:
        sock.settimeout(1)
        assert sock.connect_ex(("127.0.0.1", box.http_port)) != 0


def test_networks_side_by_side_do_not_meet(home: HomeNetwork) -> None:
    with HomeNetwork() as another:
        here, there = home.machine(11), another.machine(11)
        port = free_port()
        with here.inside(), socket.create_server((here.address, port)):
            with socket.create_connection((here.address, port)):
                pass
            with there.inside(), pytest.raises(ConnectionRefusedError):
                socket.create_connection((there.address, port))


def test_a_machine_that_is_there_is_not_made_again(home: HomeNetwork) -> None:
    home.machine(11)
    with pytest.raises(NetworkError, match="File exists"):
        home.machine(11)


def test_nothing_stays_of_a_program_that_is_killed(home: HomeNetwork) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as victim:
        assert victim.stdout is not None
        holder = os.pidfd_open(int(victim.stdout.readline()))
        victim.send_signal(signal.SIGKILL)
    with os.fdopen(holder):
        gone, _, _ = select.select([holder], [], [])
    assert gone
    names = subprocess.run(["ip", "-json", "netns"], check=True, capture_output=True).stdout
    assert not [each for each in json.loads(names or b"[]") if each["name"].startswith("host-")]
