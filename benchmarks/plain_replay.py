"""A client that asks for a replay over RTSP and throws away what comes: what a server sends without anybody's work."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
import hashlib
import re
from time import perf_counter
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

_MARK: Final = b"$"
_HEAD: Final = 12
_HAS_EXTENSION: Final = 0x10
_FLAGS_AT, _TERMINAL = 24, 0x10
_READ_BYTES: Final = 1 << 20
_SILENCE_S: Final = 3.0
# Servers end a session in which nothing was asked for a minute.
_ASK_EACH_S: Final = 20.0
_CONTROL: Final = re.compile(r"^a=control:(\S+)", re.MULTILINE)
_REPLAY: Final = {"Require": "onvif-replay", "Rate-Control": "no", "Immediate": "yes"}


class PlainReplay:
    """One session, which takes the pictures alone."""

    def __init__(self, address: str) -> None:
        """Prepare to ask at an address with credentials."""
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 554
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._uri = urlunsplit(parts._replace(netloc=f"{self._host}:{self._port}"))
        self._cseq = 0
        self._challenge: dict[str, str] = {}
        self._session = ""

    async def read(self, start: datetime, end: datetime) -> tuple[int, float]:
        """Read what was recorded from one stamp to another, as fast as it comes.

        Returns:
            How many bytes of RTP came, and the seconds from the first to the last.
        """
        self._reader, self._writer = await asyncio.open_connection(
            self._host, self._port, limit=_READ_BYTES
        )
        try:
            await self._ask("DESCRIBE", self._uri)
            description = await self._ask("DESCRIBE", self._uri)
            track = _CONTROL.findall(description)[1]
            await self._ask(
                "SETUP",
                f"{self._uri}/{track}",
                Require=_REPLAY["Require"],
                Transport="RTP/AVP/TCP;unicast;interleaved=0-1",
            )
            times = (
                f"{each:%Y%m%dT%H%M%S}.{each.microsecond // 1000:03}Z" for each in (start, end)
            )
            await self._ask("PLAY", self._uri, Range=f"clock={'-'.join(times)}", **_REPLAY)
            return await self._receive()
        finally:
            self._writer.close()

    async def _receive(self) -> tuple[int, float]:
        received, first = 0, 0.0
        asked = perf_counter()
        while True:
            if perf_counter() - asked > _ASK_EACH_S:
                asked = perf_counter()
                self._send("GET_PARAMETER", self._uri, {})
            try:
                async with asyncio.timeout(_SILENCE_S):
                    head = await self._reader.readexactly(4)
                    if not head.startswith(_MARK):
                        await self._answer(head)
                        continue
                    packet = await self._reader.readexactly(int.from_bytes(head[2:]))
            except TimeoutError:
                return received, perf_counter() - _SILENCE_S - first
            first = first or perf_counter()
            received += len(packet)
            told = packet[0] & _HAS_EXTENSION and len(packet) > _FLAGS_AT
            if told and packet[_FLAGS_AT] & _TERMINAL:
                return received, perf_counter() - first

    async def _ask(self, method: str, uri: str, **headers: str) -> str:
        self._send(method, uri, headers)
        return await self._answer(b"")

    def _send(self, method: str, uri: str, headers: Mapping[str, str]) -> None:
        self._cseq += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self._cseq}"]
        if self._challenge:
            lines.append(f"Authorization: {self._proof(method, uri)}")
        if self._session:
            lines.append(f"Session: {self._session}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())

    async def _answer(self, head: bytes) -> str:
        answer = (head + await self._reader.readuntil(b"\r\n\r\n")).decode()
        told = dict(line.split(": ", 1) for line in answer.split("\r\n")[1:] if ": " in line)
        self._session = told.get("Session", self._session).split(";")[0]
        if "WWW-Authenticate" in told:
            self._challenge = dict(re.findall(r'(realm|nonce)="([^"]*)"', told["WWW-Authenticate"]))
        return (await self._reader.readexactly(int(told.get("Content-Length", 0)))).decode()

    def _proof(self, method: str, uri: str) -> str:
        realm, nonce = self._challenge["realm"], self._challenge["nonce"]
        owner = _md5(f"{self._user}:{realm}:{self._password}")
        response = _md5(f"{owner}:{nonce}:{_md5(f'{method}:{uri}')}")
        return (
            f'Digest username="{self._user}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", response="{response}"'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
