"""The simulated recorders, in a process of their own, and what they know without our driver."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from demo.orders import OrderedProcess
from demo.recorder_host import Order
from demo.vendors import Vendor, vendor_of
from simulator.core.personality import Listing

USER: Final = "admin"
# Every character that an address, a header, a shell or a file format treats in its own way.
PASSWORD: Final = "p@ss:w/rd?#%&\"'<ü"


@dataclass(frozen=True, kw_only=True)
class RecorderPlan:
    """A recorder that is to be simulated.

    Attributes:
        name: what we call it.
        personality: which one it is.
        title: what its owner calls it; None for the personality's own name.
        serial: of the box; two recorders of one personality need two.
        mac: of the box, as well.
        host: an address of its own, on which it is found; None shares one and is found by nobody.
        password: of its administrator.
    """

    name: str
    personality: str
    title: str | None = None
    serial: str | None = None
    mac: str | None = None
    host: str | None = None
    password: str = PASSWORD

    @property
    def vendor(self) -> Vendor:
        """Whose it is."""
        return vendor_of(self.personality)


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
        plan: which recorder it is.
        address: host and port, as a user would type them.
        rtsp_port: for live pictures.
        title: what its owner calls it.
        channels: all of them, by number.
        clock_change: when daylight saving time last began or ended there; some days ago where it
            never does.
        tells_ports: whether it says on which port it speaks RTSP.
        index_latency: so long after they began recordings can be found.
        footage_tells_time: whether its footage carries a clock; else it is known to seconds only.
        listing: how much it tells of what it has recorded.
        gives_footage: whether it gives that on.
        password: the one that it accepts at present.
    """

    address: str
    rtsp_port: int
    title: str
    channels: dict[int, RecorderChannel]
    clock_change: datetime
    tells_ports: bool
    index_latency: timedelta
    footage_tells_time: bool
    listing: Listing
    gives_footage: bool

    def __init__(self, host: RecorderHost, plan: RecorderPlan) -> None:
        self.plan = plan
        self.password = plan.password
        self._host = host

    @property
    def name(self) -> str:
        """What we call it."""
        return self.plan.name

    async def start(self) -> None:
        """Plug it in for the first time."""
        where = await self._do(
            "start",
            personality=self.plan.personality,
            title=self.plan.title,
            serial=self.plan.serial,
            mac=self.plan.mac,
            host=self.plan.host,
            user=USER,
            password=self.password,
        )
        self.address, self.rtsp_port = where["address"], where["rtsp_port"]
        about = await self._do("describe")
        self.title = about["title"]
        self.channels = {
            fields["number"]: RecorderChannel(**fields) for fields in about["channels"]
        }
        self.clock_change = datetime.fromisoformat(about["clock_change"])
        self.tells_ports = about["tells_ports"]
        self.footage_tells_time = about["footage_tells_time"]
        self.listing = Listing(about["listing"])
        self.gives_footage = about["gives_footage"]
        self.index_latency = timedelta(seconds=about["index_latency_s"])

    @property
    def setup_limit(self) -> int:
        """How many requests its set-up may cost, after it was added by the form."""
        return self.plan.vendor.setup_requests

    async def plug(self) -> None:
        """Be there again, at the same ports."""
        await self._do("plug")

    async def unplug(self) -> None:
        """Be gone, as with the network cable pulled."""
        await self._do("unplug")

    async def reboot(self) -> None:
        """Go and be back at once, as after a boot: without sessions, with new nonces."""
        await self._do("reboot")

    async def change_password(self, password: str) -> None:
        """Accept another password from now on."""
        await self._do("password", user=USER, password=password)
        self.password = password

    async def traffic(self, since: datetime, until: datetime) -> Traffic:
        """Say what was asked of it in a span of true time."""
        return Traffic(**await self._do("requests", start=since.isoformat(), end=until.isoformat()))

    async def slow_footage_down(self, delay: timedelta) -> None:
        """Answer later to whoever wants footage, until ``heal``."""
        path = self.plan.vendor.downloads
        over = {"method": "DESCRIBE"} if path is None else {"path": path}
        await self.spoil(delay_s=delay.total_seconds(), **over)

    async def spoil(self, **fault: Any) -> None:
        """Let something go wrong, until ``heal``: the fields are those of the simulator's `Fault`."""
        await self._do("fault", fault=fault)

    async def heal(self) -> None:
        """Let nothing go wrong any more."""
        await self._do("heal")

    async def hits(self) -> int:
        """Say how many requests something went wrong with, so far."""
        hits: int = await self._do("hits")
        return hits

    async def clock_gain_s(self) -> float:
        """Return by how many seconds its clock is off otherwise than when it was plugged in.

        Footage from before then carries the clock of those days, of which nothing tells any more.
        """
        gain: float = await self._do("clock_gain")
        return gain

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


class RecorderHost(OrderedProcess):
    """The process that holds the recorders."""

    module = "demo.recorder_host"

    async def carry_out(self, order: Order) -> Any:
        """Send an order and return what it gives."""
        return await self.order(asdict(order))

    async def start(self, plans: Iterable[RecorderPlan]) -> dict[str, SimulatedRecorder]:
        """Plug in recorders and return them by their names."""
        recorders = {plan.name: SimulatedRecorder(self, plan) for plan in plans}
        for recorder in recorders.values():
            await recorder.start()
        return recorders
