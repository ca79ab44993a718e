"""A simulated recorder on the network."""

import asyncio
from ssl import SSLContext
from types import TracebackType
from typing import Self

from aiohttp import web

from .core.personality import Personality, Ports
from .core.recorder import SimulatedRecorder
from .core.wire import Wire, Wires
from .rtsp.server import RtspServer

# Requests that are being served when the plug is pulled don't get any longer.
_GRACE_S = 0.01


class RecorderBox:
    """One simulated recorder that listens for HTTP and RTSP.

    Attributes:
        personality: what is in the box.
        host: the address that it listens on.
    """

    def __init__(
        self,
        personality: Personality,
        *,
        host: str = "127.0.0.1",
        http_port: int = 0,
        rtsp_port: int = 0,
        tls: SSLContext | None = None,
    ) -> None:
        """Prepare a box.

        Args:
            personality: what is in it.
            host: the address to listen on.
            http_port: 0 takes one that is free when it starts, and keeps it.
            rtsp_port: likewise.
            tls: makes HTTP HTTPS.
        """
        self.personality = personality
        self.host = host
        self._ports = Ports(http=http_port, rtsp=rtsp_port)
        self._tls = tls
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._wires = Wires(lambda: self.recorder.max_connections)
        self._rebooting: asyncio.Task[None] | None = None
        self.recorder.restart = self._restart
        self._rtsp = RtspServer(
            personality.face.resolve,
            self.recorder.accounts,
            now=self.recorder.now,
            traits=personality.face.rtsp,
            faults=self.recorder.faults,
            reboot=self._restart,
        )

    @property
    def recorder(self) -> SimulatedRecorder:
        """The recorder in the box."""
        return self.personality.recorder

    @property
    def rtsp(self) -> RtspServer:
        """The RTSP server, for its limits and its record of requests."""
        return self._rtsp

    @property
    def http_port(self) -> int:
        """The port for HTTP; 0 before the first start if it was left open."""
        return self._ports.http

    @property
    def rtsp_port(self) -> int:
        """The port for RTSP; 0 before the first start if it was left open."""
        return self._ports.rtsp

    @property
    def address(self) -> str:
        """Host and HTTP port, as a user would type them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.http_port}"

    @property
    def url(self) -> str:
        """Address of its web page."""
        return f"{'http' if self._tls is None else 'https'}://{self.address}"

    @property
    def plugged(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: a port is taken.
        """
        if self._runner is not None:
            return
        await self._rtsp.start(self.host, self._ports.rtsp)
        self._ports.rtsp = self._rtsp.port
        self.personality.face.ports = self._ports
        runner = web.AppRunner(
            self.personality.face.application(),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_GRACE_S,
        )
        await runner.setup()
        served = runner.server
        assert served is not None
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: Wire(served(), self._wires), self.host, self._ports.http, ssl=self._tls
            )
        except OSError:
            await runner.cleanup()
            await self._rtsp.stop()
            raise
        self._ports.http = int(self._server.sockets[0].getsockname()[1])
        self._runner = runner

    async def stop(self) -> None:
        """Listen no longer and drop all connections."""
        rebooting, self._rebooting = self._rebooting, None
        if rebooting is not None and rebooting is not asyncio.current_task():
            rebooting.cancel()
            await asyncio.wait([rebooting])
        await self._go()

    async def plug(self) -> None:
        """Be there again, at the same ports."""
        await self.start()

    async def reboot(self, away_s: float | None = None) -> None:
        """Go, and be back as after a boot.

        Args:
            away_s: seconds until it is back; the recorder's own `boot_s` if None.
        """
        await self._go()
        await asyncio.sleep(self.recorder.boot_s if away_s is None else away_s)
        self.recorder.reboot()
        await self.start()

    async def unplug(self) -> None:
        """Be gone, as with the network cable pulled: the recorder itself goes on."""
        await self.stop()

    async def _go(self) -> None:
        runner, self._runner = self._runner, None
        server, self._server = self._server, None
        if server is not None:
            server.close()
        if runner is not None:
            await runner.cleanup()
            await self._rtsp.stop()

    def _restart(self) -> None:
        """Reboot soon, whoever asks for it: the one that is being served now, perhaps."""
        if self._rebooting is None or self._rebooting.done():
            self._rebooting = asyncio.create_task(self.reboot())

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()
