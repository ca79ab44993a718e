"""A client that requires replay, and reads what the packets' extension says."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .client import INTERLEAVED, Client, Packet
from .stage import RECORDED

REQUIRE = {"Require": "onvif-replay"}
TRACK = f"{RECORDED}/trackID=video"
_TRACKS = ("trackID=video", "trackID=audio")
SECOND = timedelta(seconds=1)
FRAME = timedelta(milliseconds=100)
CLEAN, END, BROKEN, TERMINAL = 0x80, 0x40, 0x20, 0x10
NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Marked:
    """What the extension of a packet says."""

    profile: int
    words: int
    instant: datetime
    flags: int
    cseq: int


def marked(packet: Packet) -> Marked | None:
    """Read the extension of a packet, None where it has none."""
    data = packet.data
    if not data[0] & 0x10:
        return None
    seconds, fraction = (int.from_bytes(data[place : place + 4]) for place in (16, 20))
    since = timedelta(seconds=seconds, microseconds=round(fraction * 1_000_000 / 2**32))
    words = int.from_bytes(data[14:16])
    return Marked(int.from_bytes(data[12:14]), words, NTP_EPOCH + since, data[24], data[25])


def clock(start: datetime, stop: datetime | None = None) -> str:
    """Write a range."""
    told = (
        f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}Z" if at else "" for at in (start, stop)
    )
    return f"clock={'-'.join(told)}"


class Viewer:
    """Plays what a test asks for."""

    def __init__(
        self, client: Client, path: str = RECORDED, tracks: tuple[str, str] = _TRACKS
    ) -> None:
        """Watch a recording, whose tracks are called so."""
        self.client = client
        self.path = path
        self.tracks = tracks

    async def set_up(self, *, sound: bool = False, **headers: str) -> int:
        """Set tracks up; give the status."""
        assert (await self.client.ask("DESCRIBE", self.path))[0] == 200
        status, *_ = await self.client.ask(
            "SETUP", f"{self.path}/{self.tracks[0]}", Transport=INTERLEAVED, **(headers or REQUIRE)
        )
        if sound:
            await self.client.set_up_sound(self.path, self.tracks[1])
        return status

    async def play(self, range_: str = "", **headers: str) -> tuple[int, dict[str, str]]:
        """Play; header names have `_` for `-`."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        if range_:
            asked["Range"] = range_
        status, told, _ = await self.client.ask("PLAY", self.path, **REQUIRE, **asked)
        return status, told

    async def until(self, flags: int, channel: int = 0) -> list[tuple[Packet, Marked]]:
        """Give a track's packets up to the end of the frame that has flags in any of its packets."""
        seen: list[tuple[Packet, Marked]] = []
        over = False
        while not (over and seen[-1][0].last):
            packet = await self.client.packet()
            if packet.channel == channel and (told := marked(packet)):
                seen.append((packet, told))
                over = over or bool(told.flags & flags)
        return seen

    async def until_instant(self, instant: datetime) -> list[tuple[Packet, Marked]]:
        """Give the pictures up to the one of an instant, each by its last packet."""
        seen: list[tuple[Packet, Marked]] = []
        told: Marked | None = None
        while not seen or seen[-1][1].instant < instant:
            packet = await self.client.packet()
            # Some tell the time in the first packet of a picture alone.
            told = marked(packet) or told
            if packet.last and told is not None:
                seen.append((packet, told))
        return seen


def instants(packets: list[tuple[Packet, Marked]]) -> list[datetime]:
    """Give when the frames were filmed, in the order in which they came."""
    return [told.instant for packet, told in packets if packet.last]
