"""A client that says exactly what a test wants."""

import asyncio
import contextlib
from dataclasses import dataclass
import hashlib
import re
from typing import Protocol

from simulator.core.accounts import Accounts
from simulator.rtsp.server import RtspServer

from .stage import PASSWORD

INTERLEAVED = "RTP/AVP/TCP;unicast;interleaved=0-1"
_SECOND_TRACK = "RTP/AVP/TCP;unicast;interleaved=2-3"


@dataclass(frozen=True)
class Packet:
    """One RTP packet that came on an interleaved channel."""

    channel: int
    data: bytes

    @property
    def timestamp(self) -> int:
        """Its RTP time stamp."""
        return int.from_bytes(self.data[4:8])

    @property
    def sequence(self) -> int:
        """Its number."""
        return int.from_bytes(self.data[2:4])

    @property
    def last(self) -> bool:
        """Whether it ends a frame."""
        return bool(self.data[1] & 0x80)

    @property
    def kind(self) -> int:
        """Its payload type, or the kind of a report."""
        return self.data[1]


class Served(Protocol):
    """A server, and who may log in."""

    @property
    def server(self) -> RtspServer:
        """The server."""

    @property
    def accounts(self) -> Accounts:
        """Who may log in."""


class Client:
    """A client that says exactly what a test wants."""

    def __init__(self, stage: Served, password: str = PASSWORD, user: str = "admin") -> None:
        """Prepare to speak to a server."""
        self._stage = stage
        self._password = password
        self._user = user
        self._cseq = 0
        self._challenge = stage.accounts.challenge()
        self.session = ""

    async def connect(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._stage.server.port
        )

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def ask(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Send a request with right credentials; give status, headers and body."""
        uri = f"rtsp://127.0.0.1:{self._stage.server.port}{path}"
        self._cseq += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self._cseq}"]
        lines += [
            f"Authorization: {_authorization(self._challenge, method, uri, self._user, self._password)}"
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.session:
            lines.append(f"Session: {self.session}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        return await self._answer()

    async def send(self, data: bytes) -> None:
        """Send any bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def set_up(self, path: str, track: str = "trackID=video") -> None:
        """Describe an address and set up its first track."""
        assert (await self.ask("DESCRIBE", path))[0] == 200
        assert (await self.ask("SETUP", f"{path}/{track}", Transport=INTERLEAVED))[0] == 200

    async def set_up_sound(self, path: str, track: str = "trackID=audio") -> None:
        """Set up another track, on channels 2 and 3."""
        assert (await self.ask("SETUP", f"{path}/{track}", Transport=_SECOND_TRACK))[0] == 200

    async def until_set_up(self, path: str) -> None:
        """Ask until the session that was in the way has ended."""
        while (await self.ask("SETUP", path, Transport=INTERLEAVED))[0] == 453:
            await asyncio.sleep(0)

    async def packet(self) -> Packet:
        """Give the next interleaved packet."""
        head = await self._reader.readexactly(4)
        assert head[:1] == b"$", head
        return Packet(head[1], await self._reader.readexactly(int.from_bytes(head[2:])))

    async def frame(self, channel: int = 0) -> Packet:
        """Give the packet that ends the next frame of a track."""
        while True:
            packet = await self.packet()
            if packet.channel == channel and packet.last:
                return packet

    async def text(self) -> str:
        """Pass over packets and give the next words of the server."""
        while (first := await self._reader.readexactly(1)) == b"$":
            head = await self._reader.readexactly(3)
            await self._reader.readexactly(int.from_bytes(head[1:]))
        return (first + await self._reader.readuntil(b"\r\n\r\n")).decode()

    async def rest(self) -> bytes:
        """Give all that comes before the connection ends."""
        return await self._reader.read()

    async def _answer(self) -> tuple[int, dict[str, str], str]:
        status, *rest = (await self.text()).strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest)
        self.session = headers.get("Session", self.session).split(";")[0]
        challenge = headers.get("WWW-Authenticate", "")
        if challenge.startswith("Digest"):
            self._challenge = challenge
        body = await self._reader.readexactly(int(headers.get("Content-Length", 0)))
        return int(status.split()[1]), headers, body.decode()


def _authorization(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """Answer a challenge in the form without qop that RTSP clients use."""
    realm, nonce = (re.findall(rf'{name}="([^"]*)"', challenge)[0] for name in ("realm", "nonce"))
    first = _md5(f"{user}:{realm}:{password}")
    response = _md5(f"{first}:{nonce}:{_md5(f'{method}:{uri}')}")
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", '
        f'uri="{uri}", response="{response}"'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
