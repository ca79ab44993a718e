"""The simulated recorders, in a process of their own, and what they know without our driver."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
import sys
from typing import Any, Final

from demo.process import Process, plain_environment
from demo.recorder_host import Order
from scripts.provision.layout import ROOT, TOOLS_BIN

CURRENT: Final = "hikvision/current"
OLD: Final = "hikvision/old"
USER: Final = "admin"
# Every character that an address, a header, a shell or a file format treats in its own way.
PASSWORD: Final = "p@ss:w/rd?#%&\"'<ü"


@dataclass(frozen=True, kw_only=True)
class RecorderChannel:
    """A channel as the simulator's core knows it.

    Attributes:
        frame_s: seconds from picture to picture of the main stream.
        unbroken: whether it is recorded without gaps.
    """

    number: int
    name: str
    online: bool
    pictures: bool
    codec: str
    frame_s: float
    unbroken: bool


@dataclass(frozen=True, kw_only=True)
class Span:
    """A recording as the simulator's schedule says it, in true time."""

    start: datetime
    end: datetime
    kind: str
    open: bool


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What a recorder was asked.

    Attributes:
        paths: method, path and status of each HTTP request, challenges included.
        refused: how many logins were refused in all, by HTTP and RTSP.
    """

    paths: list[str]
    refused: int


class SimulatedRecorder:
    """One recorder: where it is, what is in it, and what can happen to it.

    Attributes:
        address: host and port, as a user would type them.
        rtsp_port: for live pictures.
        channels: all of them, by number.
        clock_change: when daylight saving time last began or ended there.
        password: the one that it accepts at present.
    """

    address: str
    rtsp_port: int
    channels: dict[int, RecorderChannel]
    clock_change: datetime

    def __init__(self, host: RecorderHost, name: str) -> None:
        self.name = name
        self.password = PASSWORD
        self._host = host

    async def start(self) -> None:
        """Plug it in for the first time."""
        where = await self._do("start", user=USER, password=self.password)
        self.address, self.rtsp_port = where["address"], where["rtsp_port"]
        about = await self._do("describe")
        self.channels = {
            fields["number"]: RecorderChannel(**fields) for fields in about["channels"]
        }
        self.clock_change = datetime.fromisoformat(about["clock_change"])

    async def plug(self) -> None:
        """Be there again, at the same ports."""
        await self._do("plug")

    async def unplug(self) -> None:
        """Be gone, as with the network cable pulled."""
        await self._do("unplug")

    async def change_password(self, password: str) -> None:
        """Accept another password from now on."""
        await self._do("password", user=USER, password=password)
        self.password = password

    async def traffic(self, since: datetime, until: datetime) -> Traffic:
        """Say what was asked of it in a span of true time."""
        return Traffic(**await self._do("requests", start=since.isoformat(), end=until.isoformat()))

    async def slow_down(self, path: str, delay: timedelta) -> None:
        """Answer later where the path matches, until ``heal``."""
        await self._do("fault", path=path, delay_s=delay.total_seconds())

    async def heal(self) -> None:
        """Let nothing go wrong any more."""
        await self._do("heal")

    async def recordings(
        self, channel: int, start: datetime, end: datetime, *, stream: int = 1
    ) -> list[Span]:
        """Return what the schedule has in a span of true time."""
        found = await self._do(
            "recordings",
            channel=channel,
            stream=stream,
            start=start.isoformat(),
            end=end.isoformat(),
        )
        return [
            Span(
                start=datetime.fromisoformat(each["start"]),
                end=datetime.fromisoformat(each["end"]),
                kind=each["kind"],
                open=each["open"],
            )
            for each in found
        ]

    async def _do(self, what: str, **fields: Any) -> Any:
        return await self._host.carry_out(Order(do=what, recorder=self.name, **fields))


class RecorderHost:
    """The process that holds the recorders."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @property
    def output(self) -> str:
        """All that it printed beside its answers."""
        return self._process.said()

    @classmethod
    @asynccontextmanager
    async def run(cls, folder: Path) -> AsyncIterator[RecorderHost]:
        """Run the process, without a recorder yet, for the duration of the block."""
        folder.mkdir()
        process = await Process.start(
            "the simulator",
            [sys.executable, "-m", "demo.recorder_host"],
            output=folder / "simulator.log",
            environment=plain_environment(
                PYTHONPATH=str(ROOT), PATH=f"{TOOLS_BIN}:/usr/bin:/bin", HOME=str(folder)
            ),
            folder=folder,
            talk=True,
        )
        try:
            yield cls(process)
        finally:
            await process.stop()

    async def carry_out(self, order: Order) -> Any:
        """Send an order and return what it gives."""
        async with self._turn:
            return json.loads(await self._process.ask(json.dumps(asdict(order))))

    async def start(self, names: Iterable[str]) -> dict[str, SimulatedRecorder]:
        """Plug in recorders and return them by the names of their personalities."""
        recorders = {name: SimulatedRecorder(self, name) for name in names}
        for recorder in recorders.values():
            await recorder.start()
        return recorders
