"""The RTSP server: who listens, and what all its connections share."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Unpack

from simulator.core.accounts import Accounts
from simulator.core.faults import Faults
from simulator.core.rate import bound_rate
from simulator.core.time_source import Now
from simulator.core.wire import Wire, Wires

from .connection import Connection
from .message import MAX_LINE
from .presentation import Presentation
from .sessions import Sessions
from .traits import Changes, RtspTraits

type Resolve = Callable[[str], Presentation]
"""Gives what a path with its query stands for; raises RtspRefusal."""


class RtspServer:
    """Serves what a face resolves, to whoever the recorder's accounts let in.

    Attributes:
        accounts: who may log in.
        faults: what goes wrong on purpose.
        traits: how it behaves.
        sessions: those that hold a place.
        connections: what serves each connection that is open.
        requests: every request seen, as (method, address), for tests to count.
        pace: how many times faster than life playback is sent, for tests that can't wait.
        fills: whether pictures are filled up to the bit rate, in tracks to come.
        rate: bytes a second of each connection to come, as a network or a slow disk lets through; 0 for no bound.
    """

    def __init__(
        self,
        resolve: Resolve,
        accounts: Accounts,
        *,
        now: Now,
        traits: RtspTraits | None = None,
        faults: Faults | None = None,
        reboot: Callable[[], None] | None = None,
    ) -> None:
        """Initialize.

        Args:
            resolve: says what addresses stand for.
            accounts: who may log in.
            now: true time.
            traits: how it behaves; well, if None.
            faults: what goes wrong; nothing, if None.
            reboot: has the recorder reboot; nothing happens, if None.
        """
        self.accounts = accounts
        self.faults = faults or Faults()
        self.traits = traits or RtspTraits()
        self.sessions = Sessions(now)
        self.pace = 1.0
        self.rate = 0
        self.fills = False
        self.requests: list[tuple[str, str]] = []
        self._resolve = resolve
        self._reboot = reboot
        self._wires = Wires(lambda: None)
        self._server: asyncio.Server | None = None
        self.connections: set[asyncio.Task[None]] = set()

    def present(self, target: str) -> Presentation:
        """Give what a path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        return self._resolve(target)

    def reboot(self) -> None:
        """Have the recorder reboot."""
        if self._reboot is not None:
            self._reboot()

    def change(self, **traits: Unpack[Changes]) -> None:
        """Behave differently, in sessions that begin from now on."""
        self.traits = replace(self.traits, **traits)

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        if self._server is None:
            raise RuntimeError("the server doesn't listen")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, host, port)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is None:
            return
        self._server.close()
        self.drop_connections()
        await asyncio.gather(*self.connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None
        self.sessions.clear()

    def drop_connections(self) -> None:
        """Cut every connection, as a reboot does."""
        for task in self.connections:
            task.cancel()

    def _protocol(self) -> asyncio.Protocol:
        reader = asyncio.StreamReader(limit=MAX_LINE)
        return Wire(asyncio.StreamReaderProtocol(reader, self._accept), self._wires)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        if self.rate:
            bound_rate(writer.get_extra_info("socket"), self.rate)
        try:
            await Connection(self, reader, writer).serve()
        except asyncio.CancelledError:
            # asyncio logs a cancelled connection task as an error; being cut is nothing unusual here.
            writer.transport.abort()
        finally:
            self.connections.discard(task)
