"""What the tests of downloads share: footage, recordings, and a device that loads them."""

from datetime import datetime, timedelta
from urllib.parse import unquote

from custom_components.nvr.drivers.clock import DeviceClock, fixed_zone
from custom_components.nvr.drivers.dahua.download import Downloads
from custom_components.nvr.drivers.dahua.memory import DeviceMemory
from custom_components.nvr.drivers.dahua.transport import LiveTransport
from custom_components.nvr.drivers.driver import Download
from custom_components.nvr.drivers.models import Recording, StreamName
from tests.drivers.fake_web import FakeWeb

from .fake_files import FakeFiles
from .searching import HOUR, MINUTE, NOON, utc

LOAD = "/cgi-bin/loadfile.cgi"
PATH = "/mnt/dvr/2026-07-14/0/dav/12/1/0/2129/12.00.00-12.30.00[R][0@0][0].dav"
FILE = f"/cgi-bin/RPC_Loadfile{PATH}"
FILE_RPC = f"/RPC_Loadfile{PATH}"
CLOCK = DeviceClock(zone=fixed_zone(HOUR))
REFUSED = b"Error\r\nBad Request!\r\n"


def frame(wall: datetime, size: int = 4000) -> bytes:
    """Return a key frame that was filmed then."""
    date = (
        wall.second
        | wall.minute << 6
        | wall.hour << 12
        | wall.day << 17
        | wall.month << 22
        | wall.year - 2000 << 26
    )
    length = 24 + size + 8
    head = b"DHAV\xfd\0\0\0" + bytes(4) + length.to_bytes(4, "little") + date.to_bytes(4, "little")
    return head + bytes(4) + bytes(size) + b"dhav" + length.to_bytes(4, "little")


def footage(start: datetime = NOON, seconds: int = 30) -> bytes:
    return b"".join(frame(start + timedelta(seconds=second)) for second in range(seconds))


FOOTAGE = footage()


def recording(**changes: object) -> Recording:
    """Return half an hour of a channel."""
    values: dict[str, object] = {
        "channel": 1,
        "stream": StreamName.MAIN,
        "start": utc(NOON),
        "end": utc(NOON + 30 * MINUTE),
        "kinds": frozenset(),
        "size_bytes": 20 * len(FOOTAGE),
        "start_device": "2026-07-14 12:00:00",
        "end_device": "2026-07-14 12:30:00",
        "token": PATH,
    }
    return Recording(**(values | changes))  # type: ignore[arg-type] # given by name


class Loads:
    """A device that loads footage, and what fetches it."""

    def __init__(self, fake: FakeWeb, files: FakeFiles, transport: LiveTransport) -> None:
        self.fake = fake
        self.files = files
        self.memory = DeviceMemory({})
        self.transport = transport
        self.downloads = Downloads(transport.cgi, transport.rpc, self.memory)
        self.download: Download | None = None

    def answer(self, path: str, body: bytes, status: int = 200) -> None:
        """Answer with a body of a known length."""
        self.fake.answer(path, body, status)

    async def fetched(
        self,
        wanted: Recording | None = None,
        start: datetime = NOON + 10 * MINUTE,
        end: datetime = NOON + 11 * MINUTE,
        clock: DeviceClock = CLOCK,
    ) -> bytes:
        async with self.downloads.open(
            wanted or recording(), utc(start), utc(end), lambda: clock
        ) as download:
            self.download = download
            return b"".join([chunk async for chunk in download])

    @property
    def asked(self) -> list[str]:
        """What was asked with a login, decoded."""
        seen = [unquote(seen.path) for seen in self.fake.logins]
        self.fake.seen.clear()
        return seen
