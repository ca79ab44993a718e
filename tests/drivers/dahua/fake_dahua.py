"""A Dahua device in few lines: texts by request of CGI, and RPC2 with sessions that it may forget."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
import json
from typing import Any

from aiohttp import ClientSession, web

from custom_components.nvr.drivers.dahua.driver import DahuaDriver
from custom_components.nvr.drivers.driver import Memory
from custom_components.nvr.drivers.guard import LoginGuard
from tests.drivers.fake_web import USER, FakeWeb, client, running

REALM = "Login to a0c50bcd05b2f03d067e530d9bf069af"
RANDOM = "1172275829"
JPEG = b"\xff\xd8\xff\xda picture \xff\xd9"

type Told = Callable[[Mapping[str, Any]], object]


class RefusedError(Exception):
    """The device answers with an error code."""

    def __init__(self, code: int, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def upper(text: str) -> str:
    return md5(text.encode()).hexdigest().upper()


@dataclass
class FakeDahua(FakeWeb):
    """The device. ``texts`` are answers of CGI by path and query, ``methods`` those of RPC2."""

    texts: dict[str, str | tuple[int, str]] = field(default_factory=dict)
    methods: dict[str, Told] = field(default_factory=dict)
    has_rpc: bool = True
    encryption: str = "Default"
    integer_sessions: bool = False
    # The status of answers that don't let in, and the code that stands in a challenge.
    unlet: int = 200
    challenge_code: int = 268632079
    refusal: Mapping[str, Any] | None = None
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    known: set[str | int] = field(default_factory=set)
    rpc_logins: int = 0

    def __post_init__(self) -> None:
        """Answer as a small recorder does."""
        self.challenges = [
            f'Digest realm="{REALM}", qop="auth", nonce="{{nonce}}", opaque="x", stale="{{stale}}"'
        ]
        self.routes["/RPC2_Login"] = self._log_in
        self.routes["/RPC2"] = self._call
        self.open_paths |= {"/RPC2_Login", "/RPC2"}
        self.methods |= {
            "magicBox.getSystemInfo": lambda _: {
                "deviceType": "31",
                "serialNumber": "SN1",
                "updateSerial": "DH-NVR5216-16P-EI",
            },
            "magicBox.getSoftwareVersion": lambda _: {
                "version": {"Version": "4.0", "BuildDate": "2026-01-09"}
            },
            "magicBox.getMachineName": lambda _: {"name": "House"},
            "magicBox.getVendor": lambda _: {"vendor": "General"},
            "magicBox.getUpTime": lambda _: {"info": {"last": 3600, "total": 9}},
            "global.getCurrentTime": lambda _: {"time": now_in(timedelta())},
            "global.keepAlive": lambda _: {"timeout": 60},
            "global.logout": lambda _: {},
            "storage.factory.instance": lambda _: 77,
            "storage.getDeviceAllInfo": lambda _: {
                "info": [{"Name": "/dev/sda", "State": "Success"}]
            },
            "LogicDeviceManager.getCameraState": lambda _: states("Connected", "Unconnect"),
            "recordManager.getStateAll": lambda _: {
                "state": [{"Main": {"State": 1}}, {"Main": {"State": 0}}]
            },
            "configManager.getConfig": self._config,
            "mediaFileFind.factory.create": lambda _: 5,
            "mediaFileFind.findFile": nothing_found,
            "mediaFileFind.close": lambda _: {},
            "mediaFileFind.destroy": lambda _: {},
        }
        self.tables: dict[str, object] = {
            "ChannelTitle": [{"Name": "Door"}, {"Name": "Yard"}, {"Name": "Channel3"}],
            "RemoteDevice": {slot(0): remote(), slot(1): remote(), slot(2): remote(Enable=False)},
            "Encode": [encoding(), encoding(), encoding()],
            "NTP": {"Enable": True, "TimeZoneDesc": "UTC"},
            "Locales": {"DSTEnable": False},
            "RTSP": {"Enable": True, "Port": 5540},
            "RecordMode": [{"Mode": 0}, {"Mode": 2}],
            "Network": {
                "DefaultInterface": "eth0",
                "eth0": {"PhysicalAddress": "3C-EF-8C-00-00-01"},
            },
        }

    async def serve_text(self, request: web.Request) -> web.Response:
        """Answer a request of CGI."""
        told = self.texts.get(request.path_qs, (400, "Error\r\nBad Request!\r\n"))
        status, text = told if isinstance(told, tuple) else (200, told)
        return web.Response(status=status, text=text)

    def plug(self) -> None:
        """Answer every module of CGI that a text or a table is there for."""
        for path in self.texts:
            self.routes[path.partition("?")[0]] = self.serve_text

    def forget_sessions(self) -> None:
        """Forget all sessions, as after a reboot."""
        self.known.clear()

    def asked(self, method: str) -> int:
        """Return how often a method was called."""
        return sum(call["method"] == method for call in self.calls)

    def _config(self, params: Mapping[str, Any]) -> object:
        if params["name"] not in self.tables:
            raise RefusedError(268894211)
        return {"table": self.tables[params["name"]]}

    async def _log_in(self, request: web.Request) -> web.Response:
        if not self.has_rpc:
            return web.Response(status=404)
        asked = await request.json()
        params = asked["params"]
        first: str | int = 4711 if self.integer_sessions else "first"
        answer: dict[str, Any] = {"id": asked["id"], "session": first, "result": False}
        if not params["password"]:
            answer["params"] = {"realm": REALM, "random": RANDOM, "encryption": self.encryption}
            answer["error"] = {"code": self.challenge_code, "message": "challenge"}
            return web.json_response(answer, status=self.unlet)
        self.rpc_logins += 1
        secret = upper(f"{USER}:{REALM}:{self.password}")
        right = asked["session"] == first and params["password"] == upper(
            f"{USER}:{RANDOM}:{secret}"
        )
        if self.refusal is not None or not right:
            return web.json_response(
                {**answer, **(self.refusal or {"error": {"code": 268632085, "message": "no"}})},
                status=self.unlet,
            )
        # Another than the first step's.
        session = self.rpc_logins + 5000 if self.integer_sessions else f"session{self.rpc_logins}"
        self.known.add(session)
        return web.json_response(
            {
                "id": asked["id"],
                "session": session,
                "result": True,
                "params": {"keepAliveInterval": 60},
            }
        )

    async def _call(self, request: web.Request) -> web.Response:
        call = await request.json()
        self.calls.append(call)
        answer: dict[str, Any] = {"id": call["id"], "session": call.get("session"), "result": True}
        if call.get("session") not in self.known:
            answer |= {"result": False, "error": {"code": 287637505, "message": "Invalid session"}}
        elif (method := self.methods.get(call["method"])) is None:
            answer |= {"result": False, "error": {"code": 268894210, "message": "Method not found"}}
        else:
            try:
                told = method(call["params"] or {})
            except RefusedError as err:
                answer |= {"result": False, "error": {"code": err.code}, "params": err.params}
            else:
                answer |= (
                    {"result": told, "params": None} if isinstance(told, int) else {"params": told}
                )
        return web.Response(text=json.dumps(answer), content_type="application/json")


def nothing_found(_: object) -> object:
    """Refuse as for a span without recordings."""
    raise RefusedError(285409284)


def now_in(offset: timedelta) -> str:
    """Return the device's wall clock."""
    return (datetime.now(UTC) + offset).strftime("%Y-%m-%d %H:%M:%S")


def slot(index: int) -> str:
    return f"uuid:System_CONFIG_NETCAMERA_INFO_{index}"


def remote(**changes: object) -> dict[str, object]:
    usual = {
        "Enable": True,
        "Address": "192.0.2.5",
        "DeviceType": "IPC-X",
        "SerialNo": "CAM",
        "ProtocolType": "Private",
        "Password": "******",
    }
    return usual | changes


def encoding(**main: object) -> dict[str, object]:
    video = {"Compression": "H.265", "Width": 1920, "Height": 1080, "FPS": 25.0, "BitRate": 4096}
    return {
        "MainFormat": [{"VideoEnable": True, "AudioEnable": False, "Video": video | main}],
        "ExtraFormat": [
            {
                "VideoEnable": True,
                "AudioEnable": True,
                "Audio": {"Compression": "G.711A"},
                "Video": {"resolution": "D1"},
            },
            {"VideoEnable": False, "Video": video},
        ],
    }


def states(*words: str) -> dict[str, object]:
    rows = [{"channel": index, "connectionState": word} for index, word in enumerate(words)]
    return {"states": rows}


@asynccontextmanager
async def plugged(
    fake: FakeDahua,
    memory: Memory | None = None,
    guard: LoginGuard | None = None,
) -> AsyncIterator[tuple[DahuaDriver, ClientSession]]:
    """Run the device and a driver for it."""
    fake.plug()
    async with running(fake), client() as session:
        driver = DahuaDriver(fake.connection(), session, memory or {}, guard or LoginGuard())
        try:
            yield driver, session
        finally:
            await driver.close()
