"""A simulated recorder that is far away, sends at a certain rate, and takes note of every request."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
import re
from time import time

from aiohttp import web

from simulator.core.personality import Face, Ports, Told
from simulator.core.rate import bound_rate
from simulator.core.recorder import SimulatedRecorder
from simulator.rtsp.presentation import Presentation
from simulator.rtsp.traits import RtspTraits

from .recorder_orders import AskedRequest

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_KEPT = 50_000
_STALE = re.compile(r'stale="?true', re.IGNORECASE)


class ObservedFace:
    """Speaks as the recorder behind it does, after a delay.

    Attributes:
        recorder: that one.
        latency_s: how much later each request is served, refused ones included.
        rate: bytes a second of each connection, 0 for as fast as it goes.
        asked: what was asked, oldest first.
        serving: how many requests are being answered.
    """

    def __init__(self, face: Face) -> None:
        """Stand before a recorder, of whatever maker."""
        self.recorder: SimulatedRecorder = face.recorder
        self.latency_s = 0.0
        self.rate = 0
        self.serving = 0
        self.asked: deque[AskedRequest] = deque(maxlen=_KEPT)
        self._face = face

    @property
    def ports(self) -> Ports:
        """Where the recorder is reached."""
        return self._face.ports

    @ports.setter
    def ports(self, ports: Ports) -> None:
        self._face.ports = ports

    @property
    def rtsp(self) -> RtspTraits:
        """How its RTSP server behaves."""
        return self._face.rtsp

    @property
    def told(self) -> Told:
        """What it says of itself."""
        return self._face.told

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path with its query stands for.

        Raises:
            RtspRefusal: the device answers with an error status.
        """
        return self._face.resolve(target)

    def application(self) -> web.Application:
        """Give the recorder's own application behind the delay."""
        application = self._face.application()
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
            challenge = response.headers.get("WWW-Authenticate", "")
            stale = _STALE.search(challenge) is not None
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
        bound_rate(request.transport.get_extra_info("socket"), self.rate)
