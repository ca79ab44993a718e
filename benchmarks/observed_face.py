"""A simulated recorder that is far away, sends at a certain rate, and takes note of every request."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
import socket
import sys
from time import time
from typing import override

from aiohttp import web

from simulator.hikvision.face import HikvisionFace

from .recorder_orders import AskedRequest

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_KEPT = 50_000
_STALE = 'stale="true"'
# <linux/socket.h>; Python knows no name for it.
_SO_MAX_PACING_RATE = 47
_UNBOUND = (1 << 64) - 1


class ObservedFace(HikvisionFace):
    """Speaks as the recorder does, after a delay.

    Attributes:
        latency_s: how much later each request is served, refused ones included.
        rate: bytes a second of each connection, 0 for as fast as it goes.
        asked: what was asked, oldest first.
        serving: how many requests are being answered.
    """

    latency_s: float = 0.0
    rate: int = 0
    serving: int = 0

    @override
    def application(self) -> web.Application:
        """Give the recorder's own application behind the delay."""
        application = super().application()
        self.asked: deque[AskedRequest] = deque(maxlen=_KEPT)
        application.middlewares.insert(0, self._observe)
        application.on_response_prepare.append(self._pace)
        return application

    @web.middleware
    async def _observe(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        entry = AskedRequest(time(), None, request.method, request.path, 0, stale=False)
        self.asked.append(entry)
        status, stale = 0, False
        self.serving += 1
        try:
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            response = await handler(request)
            status = response.status
            stale = _STALE in response.headers.get("WWW-Authenticate", "").lower()
        finally:
            self.serving -= 1
            ended = replace(entry, ended=time(), status=status, stale=stale)
            # Found from the newest on: only what streams for long is further back.
            for place in range(len(self.asked) - 1, -1, -1):
                if self.asked[place] is entry:
                    self.asked[place] = ended
                    break
        return response

    async def _pace(self, request: web.Request, _response: web.StreamResponse) -> None:
        if request.transport is None:
            return
        # Connections are kept alive, so that a bound has to be taken away as well.
        rate = (self.rate or _UNBOUND).to_bytes(8, sys.byteorder)
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, rate)
