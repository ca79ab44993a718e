"""A home with recorders, and the machine that looks for them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache

import pytest
import pytest_socket

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.discovery import discoverable
from simulator.faces import PERSONALITIES
from tests.boxes import PASSWORD

from .home import SUBNET, HomeNetwork, Machine, can_be_made

# As the test plugin makes Home Assistant believe that its machine is: `eth0` with this address.
ASKER = 10

type Plug = Callable[..., Awaitable[RecorderBox]]


@cache
def _possible() -> bool:
    return can_be_made()


@pytest.fixture
def home() -> Iterator[HomeNetwork]:
    if not _possible():
        pytest.skip("no network namespace can be made")
    pytest_socket.socket_allow_hosts(["127.0.0.1", str(SUBNET)])
    with HomeNetwork() as network:
        yield network


@pytest.fixture
def asker(home: HomeNetwork) -> Iterator[Machine]:
    """Let the test itself be on a machine of its own."""
    machine = home.machine(ASKER)
    with machine.inside():
        yield machine


@pytest.fixture
async def plug(home: HomeNetwork) -> AsyncIterator[Plug]:
    """Give what puts recorders on the network: several with one number are one device."""
    machines: dict[int, Machine] = {}
    async with AsyncExitStack() as stack:

        async def plugged(personality: str, number: int, *, mac: str | None = None) -> RecorderBox:
            if number not in machines:
                machines[number] = home.machine(number)
            machine = machines[number]
            options = Options(password=PASSWORD, mac=mac)
            box = RecorderBox(PERSONALITIES[personality](options), host=machine.address)
            with machine.inside():
                await stack.enter_async_context(box)
                await stack.enter_async_context(discoverable(box, machine.address))
            return box

        yield plugged
