"""The simulated recorders of a bench, in a process of their own."""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from custom_components.nvr.drivers.models import Connection
from demo.orders import OrderedProcess

from .recorder_orders import AskedRequest, RecorderSpec

USER: Final = "admin"
PASSWORD: Final = "bench-12345"
REST_LIMIT_S = 60.0


@dataclass(frozen=True)
class BenchRecorder:
    """One recorder.

    Attributes:
        spec: how it was wanted.
        address: host and port, as a user would type them.
        rtsp_port: for live pictures and playback.
    """

    spec: RecorderSpec
    address: str
    rtsp_port: int
    house: RecorderHouse

    @property
    def name(self) -> str:
        """What it is called."""
        return self.spec.name

    @property
    def vendor(self) -> str:
        """Its maker."""
        return self.spec.personality.partition("/")[0]

    @property
    def url(self) -> str:
        """Its web interface."""
        return f"http://{self.address}"

    @property
    def connection(self) -> Connection:
        """How a driver reaches it."""
        host, _, port = self.address.partition(":")
        return Connection(host=host, port=int(port), username=USER, password=PASSWORD)

    async def set(
        self,
        *,
        latency_ms: float | None = None,
        rate: int | None = None,
        faster: float | None = None,
    ) -> None:
        """Put it further away, let it send at another rate, or forget logins so many times as fast."""
        await self.house.carry_out(
            "set", self.name, latency_ms=latency_ms, rate=rate, faster=faster
        )

    async def asked(self) -> list[AskedRequest]:
        """Return what it was asked since the last call."""
        answer = await self.house.carry_out("asked", self.name)
        return [AskedRequest(**fields) for fields in answer]

    async def plays(self) -> int:
        """Return how often it was told to play over RTSP since the last call."""
        count: int = await self.house.carry_out("plays", self.name)
        return count

    async def stamps(self, *instants: datetime) -> list[datetime]:
        """Return the naive digits by which it calls true instants where recordings are concerned."""
        answer = await self.house.carry_out(
            "stamps", self.name, instants=[instant.isoformat() for instant in instants]
        )
        return [datetime.fromisoformat(stamp) for stamp in answer]

    async def at_rest(self) -> None:
        """Wait until nothing is being answered."""
        async with asyncio.timeout(REST_LIMIT_S):
            while await self.house.carry_out("serving", self.name):
                await asyncio.sleep(0.05)

    async def recordings(
        self, channel: int, start: datetime, end: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return what its schedule has of a main stream in a span of true time, closed ones alone."""
        answer = await self.house.carry_out(
            "recordings", self.name, channel=channel, start=start.isoformat(), end=end.isoformat()
        )
        return [
            (datetime.fromisoformat(first), datetime.fromisoformat(last))
            for first, last, is_open in answer
            if not is_open
        ]


class RecorderHouse(OrderedProcess):
    """The process that holds recorders."""

    module = "benchmarks.recorder_host"

    async def add(self, spec: RecorderSpec) -> BenchRecorder:
        """Plug a recorder in."""
        where = await self.carry_out("start", spec.name, spec=asdict(spec), password=PASSWORD)
        return BenchRecorder(spec, where["address"], where["rtsp_port"], self)

    async def carry_out(self, what: str, recorder: str, **fields: Any) -> Any:
        """Send an order and return what it gives."""
        return await self.order({"do": what, "recorder": recorder, **fields})
