"""A home with recorders, and the machine that looks for them."""

from collections.abc import AsyncIterator, Iterator
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
HTTP_PORT, RTSP_PORT = 80, 554


@cache
def _possible() -> bool:
    return can_be_made()


class Recorders:
    """Recorders on the network, each on a machine of its own."""

    def __init__(self, home: HomeNetwork) -> None:
        """Begin with none."""
        self._home = home
        self._machines: dict[int, Machine] = {}
        self._plugged: dict[RecorderBox, AsyncExitStack] = {}

    async def plug(
        self,
        personality: str,
        number: int,
        *,
        mac: str | None = None,
        ports: tuple[int, int] = (HTTP_PORT, RTSP_PORT),
    ) -> RecorderBox:
        """Plug one in that can be found, on the machine whose address ends in a number.

        Two on one machine are one device that speaks as two makers' devices do.
        """
        if number not in self._machines:
            self._machines[number] = self._home.machine(number)
        machine = self._machines[number]
        options = Options(password=PASSWORD, mac=mac)
        box = RecorderBox(
            PERSONALITIES[personality](options),
            host=machine.address,
            http_port=ports[0],
            rtsp_port=ports[1],
        )
        async with AsyncExitStack() as stack:
            with machine.inside():
                await stack.enter_async_context(box)
                await stack.enter_async_context(discoverable(box, machine.address))
            self._plugged[box] = stack.pop_all()
        return box

    async def pull(self, box: RecorderBox) -> None:
        """Pull one out: it neither answers nor is found."""
        await self._plugged.pop(box).aclose()

    async def pull_all(self) -> None:
        """Pull out whatever is there."""
        for box in [*self._plugged]:
            await self.pull(box)


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
async def recorders(home: HomeNetwork) -> AsyncIterator[Recorders]:
    plugged = Recorders(home)
    yield plugged
    await plugged.pull_all()
