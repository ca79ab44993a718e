"""A device's file search as the notes describe it, over CGI and RPC2, with the odd ways of firmware."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
import json
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from custom_components.nvr.drivers.dahua.digits import read_digits, write_digits
from tests.drivers.fake_web import FakeWeb

REFUSED = "Error\r\nBad Request!\r\n"
NO_DATA = 285409284
OBJECT_LOST = -267976703

# What tells files of the same times from each other.
_clusters = count()


@dataclass
class File:
    """A file on the device, in its own digits; ``channel`` counts from 0."""

    start: datetime
    end: datetime
    channel: int = 0
    flags: tuple[str, ...] = ("Timing",)
    events: tuple[str, ...] = ()
    stream: str = "Main"
    type: str = "dav"
    size: int = 1_000_000
    cluster: int = field(default_factory=lambda: next(_clusters), compare=False)

    @property
    def path(self) -> str:
        """Where it lies."""
        times = f"{self.start:%H.%M.%S}-{self.end:%H.%M.%S}"
        place = f"{self.start:%Y-%m-%d}/{self.channel}/dav/{self.cluster}"
        return f"/mnt/dvr/{place}/{times}[R][0@0][0].{self.type}"


@dataclass
class Search:
    """An object that was made; ``left`` is what a search has found and not told yet."""

    left: list[File] | None = None
    told: list[File] = field(default_factory=list)


@dataclass
class FakeFiles:
    """What is recorded, how it is told, and which objects are left."""

    files: list[File] = field(default_factory=list)
    cgi_base: int = 1
    page: int = 100
    channels: int = 4
    # What is said where there is nothing, and behind the last page.
    none: str = "ok"
    end: str = "zero"
    label_shift: int = 0
    labels: bool = True
    overstates: bool = False
    repeats: bool = False
    twelve_hours: bool = False
    unpadded: bool = False
    objects_at_most: int = 3
    cgi: bool = True
    rpc: bool = False
    rpc_refuses: bool = False
    sorts: bool = True
    list_name: str = "infos"
    # Pages that come before the device fails once with an object that is gone.
    lost_after: int | None = None
    calls: list[str] = field(default_factory=list)
    searches: dict[int, Search] = field(default_factory=dict)
    bitmap_shift: int | None = None
    # What stands in a calendar beside the days.
    bitmap_noise: int = 0
    bitmap_form: str = "number"
    directory: str = "/"
    directories: set[int] = field(default_factory=set)
    logins: int = 0
    _made: int = 122

    def plug(self, web_server: FakeWeb) -> None:
        """Answer for the device."""
        web_server.open_paths |= {"/RPC2", "/RPC2_Login"}
        web_server.routes["/cgi-bin/mediaFileFind.cgi"] = self._cgi
        web_server.routes["/RPC2_Login"] = self._login
        web_server.routes["/RPC2"] = self._rpc

    async def _cgi(self, request: web.Request) -> web.Response:
        # A plus sign is a plus sign.
        query = dict(self._query(request.raw_path))
        action = query["action"]
        self.calls.append(action)
        if not self.cgi:
            return web.Response(text=REFUSED, status=400)
        match action:
            case "factory.create":
                number = self._create()
                return web.Response(text="Error\r\n" if number is None else f"result={number}\r\n")
            case "findFile":
                return self._cgi_find(query)
            case "findNextFile":
                return self._cgi_next(int(query["object"]), int(query["count"]))
            case "close" | "destroy":
                return self._cgi_end(action, int(query["object"]))
        return web.Response(text="Error\r\nErrorID=2, Detail=Invalid Request!\r\n", status=400)

    @staticmethod
    def _query(path: str) -> Iterator[tuple[str, str]]:
        for part in path.partition("?")[2].split("&"):
            key, _, value = part.partition("=")
            yield unquote(key), unquote(value)

    def _create(self) -> int | None:
        if len(self.searches) >= self.objects_at_most:
            return None
        self._made += 1
        self.searches[self._made] = Search()
        return self._made

    def _cgi_find(self, query: dict[str, str]) -> web.Response:
        search = self.searches.get(int(query["object"]))
        channel = int(query["condition.Channel"]) - self.cgi_base
        start = datetime.strptime(query["condition.StartTime"], "%Y-%m-%d %H:%M:%S")
        end = datetime.strptime(query["condition.EndTime"], "%Y-%m-%d %H:%M:%S")
        if search is None or not 0 <= channel < self.channels:
            return web.Response(text=REFUSED, status=400)
        stream = query.get("condition.VideoStream")
        search.left = self._matching(channel, start, end, stream)
        if not search.left and self.none == "error":
            return web.Response(text=REFUSED, status=400)
        return web.Response(text="OK\r\n")

    def _matching(
        self, channel: int, start: datetime, end: datetime, stream: str | None
    ) -> list[File]:
        return [
            file
            for file in self.files
            if file.channel == channel
            and file.end > start
            and file.start < end
            and stream in (None, file.stream)
        ]

    def _cgi_next(self, number: int, most: int) -> web.Response:
        search = self.searches.get(number)
        if search is None or search.left is None:
            return web.Response(text=REFUSED, status=400)
        page = self._page(search, most)
        if not page:
            match self.end:
                case "error":
                    return web.Response(text=REFUSED, status=400)
                case "500":
                    return web.Response(text="Error", status=500)
        found = most if page and self.overstates else len(page)
        lines = [f"found={found}"]
        for place, file in enumerate(page):
            lines += [f"items[{place}].{key}={value}" for key, value in self._lines(file)]
        return web.Response(text="\r\n".join([*lines, ""]))

    def _page(self, search: Search, most: int) -> list[File]:
        assert search.left is not None
        page = search.left[: min(most, self.page)]
        search.left = search.left[len(page) :]
        if not page and self.repeats:
            return search.told[-1:]
        search.told += page
        return page

    def _lines(self, file: File) -> Iterator[tuple[str, str]]:
        if self.labels:
            yield "Channel", str(file.channel + self.label_shift)
        yield "StartTime", self._written(file.start)
        yield "EndTime", self._written(file.end)
        yield "FilePath", file.path
        yield "Type", file.type
        yield "VideoStream", file.stream
        yield "Length", f"{file.size}"
        for place, flag in enumerate(file.flags):
            yield f"Flags[{place}]", flag
        for place, event in enumerate(file.events):
            yield f"Events[{place}]", event

    def _written(self, digits: datetime) -> str:
        if self.unpadded:
            return f"{digits.year}-{digits.month}-{digits.day} {digits.hour}:{digits:%M:%S}"
        return digits.strftime("%Y-%m-%d %I:%M:%S %p" if self.twelve_hours else "%Y-%m-%d %H:%M:%S")

    def _cgi_end(self, action: str, number: int) -> web.Response:
        if number not in self.searches:
            return web.Response(text=REFUSED, status=400)
        if action == "destroy":
            del self.searches[number]
        return web.Response(text="OK\r\n")

    async def _login(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if not self.rpc:
            return web.Response(status=404)
        if not asked["params"]["password"]:
            told = {"realm": "Login to x", "random": "1", "encryption": "Default"}
            error = {"code": 268632079, "message": ""}
            return self._said(asked, False, told, error)
        self.logins += 1
        return self._said(asked, True, {"keepAliveInterval": 60})

    async def _rpc(self, request: web.Request) -> web.Response:
        asked = await request.json()
        service, _, verb = asked["method"].partition(".")
        self.calls.append(asked["method"])
        params, number = asked.get("params") or {}, asked.get("object")
        if service == "workDirectory":
            return self._calendar(asked, verb, params, number)
        if service != "mediaFileFind":
            return self._said(asked, True, {})
        if verb == "factory.create":
            made = self._create()
            return self._said(asked, False if made is None else made)
        if number not in self.searches:
            return self._said(asked, False, None, {"code": OBJECT_LOST, "message": ""})
        match verb:
            case "findFile" if self.rpc_refuses:
                return self._said(asked, False, None, {"code": 268894211, "message": "no"})
            case "findFile":
                return self._rpc_find(asked, self.searches[number], params["condition"])
            case "findNextFile":
                return self._rpc_next(asked, number, params["count"])
            case "destroy":
                del self.searches[number]
        return self._said(asked, True)

    def _rpc_find(
        self, asked: dict[str, Any], search: Search, condition: dict[str, Any]
    ) -> web.Response:
        start, end = (read_digits(condition[name]) for name in ("StartTime", "EndTime"))
        assert start is not None
        assert end is not None
        found = self._matching(condition["Channel"], start, end, condition["VideoStream"])
        if condition["Order"] == "Descent" and self.sorts:
            found.reverse()
        search.left = found
        if not found:
            return self._said(asked, False, None, {"code": NO_DATA, "message": ""})
        return self._said(asked, True)

    def _rpc_next(self, asked: dict[str, Any], number: int, most: int) -> web.Response:
        search = self.searches[number]
        if self.lost_after is not None:
            self.lost_after -= 1
            if self.lost_after < 0:
                self.lost_after = None
                del self.searches[number]
                return self._said(asked, False, None, {"code": OBJECT_LOST, "message": ""})
        page = self._page(search, most)
        infos = [
            {
                "Channel": file.channel,
                "StartTime": write_digits(file.start),
                "EndTime": write_digits(file.end),
                "FilePath": file.path,
                "Type": file.type,
                "VideoStream": file.stream,
                "Length": file.size,
                "Flags": list(file.flags),
                "Events": list(file.events) or None,
            }
            for file in page
        ]
        return self._said(asked, True, {"found": len(infos), self.list_name: infos or None})

    def _calendar(
        self, asked: dict[str, Any], verb: str, params: dict[str, Any], number: int | None
    ) -> web.Response:
        if self.bitmap_shift is None:
            return self._said(asked, False, None, {"code": 268632064, "message": "no such"})
        match verb:
            case "factory.instance":
                if params["name"] != self.directory:
                    # Some say so, others give no object.
                    return self._said(asked, params["name"] == "/dev/mmc0")
                self.directories.add(77)
                return self._said(asked, 77)
            case "destroy":
                self.directories.discard(number or 0)
                return self._said(asked, True)
        condition = params["condition"]
        year, month, channel = condition["Year"], condition["Month"], condition["Channel"]
        days = {
            file.start.day
            for file in self.files
            if (file.start.year, file.start.month, file.channel) == (year, month, channel)
        }
        if not days:
            return self._said(asked, False, None, {"code": 268959743, "message": ""})
        bitmap = sum(1 << (day - 1 + self.bitmap_shift) for day in days)
        forms = {"number": bitmap | self.bitmap_noise, "list": [bitmap], "word": "none", "zero": 0}
        return self._said(asked, True, {"bitmap": forms[self.bitmap_form]})

    @staticmethod
    def _said(
        asked: dict[str, Any],
        result: object,
        params: object = None,
        error: object = None,
    ) -> web.Response:
        said = {"id": asked["id"], "session": "s1", "result": result, "params": params}
        if error is not None:
            said["error"] = error
        return web.Response(text=json.dumps(said))


def blocks(
    start: datetime,
    number_of: int,
    length: timedelta = timedelta(minutes=30),
    channel: int = 0,
) -> list[File]:
    """Return files one after the other."""
    return [
        File(start + number * length, start + (number + 1) * length, channel)
        for number in range(number_of)
    ]
