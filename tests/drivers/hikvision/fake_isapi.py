"""A Hikvision device in few lines: answers by path, and a search that firmware gets wrong in chosen ways."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
import re

from aiohttp import ClientSession, web

from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from tests.drivers.fake_web import FakeWeb, client, running

SEARCH = "/ISAPI/ContentMgmt/search"
DOWNLOAD = "/ISAPI/ContentMgmt/download"
SECOND = timedelta(seconds=1)

DEVICE_INFO = """<?xml version="1.0" encoding="UTF-8"?>
<DeviceInfo version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<deviceName>Recorder</deviceName><model>DS-7608NXI-I2</model>
<serialNumber>DS-7608NXI-I20820230619CCRRTEST00001WCVU</serialNumber>
<macAddress>02:00:00:00:00:01</macAddress><firmwareVersion>V4.62.210</firmwareVersion>
<firmwareReleasedDate>build 230619</firmwareReleasedDate></DeviceInfo>"""


def proxy_channels(*numbers: int) -> str:
    """Return a list of IP channels."""
    inner = "".join(
        f"<InputProxyChannel><id>{number}</id><name>Camera {number}</name>"
        "<sourceInputPortDescriptor><proxyProtocol>HIKVISION</proxyProtocol><model>M</model>"
        "</sourceInputPortDescriptor></InputProxyChannel>"
        for number in numbers
    )
    return f'<InputProxyChannelList size="19">{inner}</InputProxyChannelList>'


def proxy_statuses(**words: str) -> str:
    """Return their status: ``c1="connect"`` is online, any other word is not."""
    inner = "".join(
        f"<InputProxyChannelStatus><id>{key[1:]}</id>"
        f"<online>{'true' if word == 'connect' else 'false'}</online>"
        f"<chanDetectResult>{word}</chanDetectResult></InputProxyChannelStatus>"
        for key, word in words.items()
    )
    return f"<InputProxyChannelStatusList>{inner}</InputProxyChannelStatusList>"


def stream(number: int, codec: str = "H.264", *, enabled: bool = True) -> str:
    """Return one stream."""
    return (
        f"<StreamingChannel><id>{number}</id><channelName>{number}</channelName>"
        f"<enabled>{str(enabled).lower()}</enabled><Video><videoCodecType>{codec}</videoCodecType>"
        "<videoResolutionWidth>1920</videoResolutionWidth>"
        "<videoResolutionHeight>1080</videoResolutionHeight>"
        "<videoQualityControlType>VBR</videoQualityControlType><vbrUpperCap>4096</vbrUpperCap>"
        "<maxFrameRate>2500</maxFrameRate></Video><Audio><enabled>true</enabled>"
        "<audioCompressionType>AAC</audioCompressionType></Audio></StreamingChannel>"
    )


def stream_list(*numbers: int) -> str:
    """Return a list of streams."""
    inner = "".join(stream(number) for number in numbers)
    return f"<StreamingChannelList>{inner}</StreamingChannelList>"


def status_error(code: int, word: str) -> str:
    """Return a refusal as devices write it."""
    return (
        f"<ResponseStatus><statusCode>{code}</statusCode><statusString>x</statusString>"
        f"<subStatusCode>{word}</subStatusCode></ResponseStatus>"
    )


def device_time(
    offset: timedelta = timedelta(), zone: str = "CST+0:00:00", mode: str = "NTP"
) -> Callable[[web.Request], object]:
    """Return a handler for System/time: digits are true UTC plus ``offset``, whole seconds."""

    async def handler(_: web.Request) -> web.Response:
        digits = (datetime.now(UTC) + offset).strftime("%Y-%m-%dT%H:%M:%S")
        return web.Response(
            text=f"<Time><timeMode>{mode}</timeMode><localTime>{digits}+05:00</localTime>"
            f"<timeZone>{zone}</timeZone></Time>",
            content_type="application/xml",
        )

    return handler


@dataclass(frozen=True)
class Footage:
    """A recording on the fake's disk, in the device's digits."""

    start: datetime
    end: datetime
    kind: str = "timing"
    size: int = 1000
    track: int = 101
    name: str = ""

    @property
    def uri(self) -> str:
        """Its playback address."""
        return (
            f"rtsp://192.0.2.9:80/Streaming/tracks/{self.track}/?starttime={self.start:%Y%m%dT%H%M%SZ}"
            f"&amp;endtime={self.end:%Y%m%dT%H%M%SZ}&amp;name={self.name or f'n{self.start:%d%H%M%S}'}&amp;size={self.size}"
        )

    @property
    def item(self) -> str:
        """It as a match of a search."""
        return (
            f"<searchMatchItem><trackID>101</trackID><timeSpan><startTime>{self.start:%Y-%m-%dT%H:%M:%SZ}"
            f"</startTime><endTime>{self.end:%Y-%m-%dT%H:%M:%SZ}</endTime></timeSpan>"
            f"<mediaSegmentDescriptor><contentType>video</contentType><playbackURI>{self.uri}</playbackURI>"
            "</mediaSegmentDescriptor><metadataMatches><metadataDescriptor>"
            f"recordType.meta..com/{self.kind}</metadataDescriptor></metadataMatches></searchMatchItem>"
        )


@dataclass
class FakeIsapi(FakeWeb):
    """The device."""

    footage: list[Footage] = field(default_factory=list)
    page_size: int = 64
    takes_body: Callable[[str], bool] = lambda body: True
    ignores_position: bool = False
    position_word: str = "searchResultPostion"
    newest_first: bool = False
    disorder: Random | None = None
    tells_total: bool = False
    repeats_last: bool = False
    ignores_tracks: bool = False
    words: tuple[str, str, str] = ("OK", "MORE", "NO MATCHES")
    searches: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Answer as a small recorder does."""
        self.answer("/ISAPI/System/deviceInfo", DEVICE_INFO)
        self.answer("/ISAPI/ContentMgmt/InputProxy/channels", proxy_channels(1, 2))
        self.answer(
            "/ISAPI/ContentMgmt/InputProxy/channels/status",
            proxy_statuses(c1="connect", c2="netUnreachable"),
        )
        self.answer("/ISAPI/Streaming/channels", stream_list(101, 102, 104))
        self.answer("/ISAPI/ContentMgmt/Storage", "<storage><hddList/></storage>")
        self.routes["/ISAPI/System/time"] = device_time()  # type: ignore[assignment] # a handler
        self.routes[f"POST {SEARCH}"] = self.search

    async def search(self, request: web.Request) -> web.Response:
        """Search as the device does."""
        body = (await request.read()).decode()
        self.searches.append(body)
        if not self.takes_body(body):
            return web.Response(
                status=400, text=status_error(6, "badXmlContent"), content_type="application/xml"
            )

        def term(name: str) -> str:
            found = re.search(f"<{name}>([^<]*)</{name}>", body)
            return found[1] if found else ""

        start, end = (
            datetime.strptime(term(name)[:19], "%Y-%m-%dT%H:%M:%S")
            for name in ("startTime", "endTime")
        )
        # The right spelling of the position is ignored, as on real firmware.
        position = 0 if self.ignores_position else int(term(self.position_word) or 0)
        most = min(int(term("maxResults")), self.page_size)
        found = [
            entry
            for entry in self.footage
            if entry.end > start and entry.start < end
            if self.ignores_tracks or entry.track == int(term("trackID"))
        ]
        if self.newest_first:
            found.reverse()
        if self.repeats_last and position >= len(found):
            position = max(0, len(found) - 1) // most * most
        page = found[position : position + most]
        if self.disorder is not None:
            self.disorder.shuffle(page)
        last, more, none = self.words
        word = none if not page else more if position + most < len(found) else last
        items = "".join(entry.item for entry in page)
        total = f"<totalMatches>{len(found)}</totalMatches>" if self.tells_total else ""
        return web.Response(
            text=f"<CMSearchResult><responseStatusStrg>{word}</responseStatusStrg>{total}"
            f"<matchList>{items}</matchList></CMSearchResult>",
            content_type="application/xml",
        )


@asynccontextmanager
async def plugged(
    fake: FakeIsapi, **memory: str | bool
) -> AsyncIterator[tuple[HikvisionDriver, ClientSession]]:
    """Run the device and return a driver for it."""
    async with running(fake), client() as session:
        driver = HikvisionDriver(fake.connection(), session, memory, LoginGuard())
        try:
            yield driver, session
        finally:
            await driver.close()


def whole(moment: datetime) -> datetime:
    """Return a moment without its fraction."""
    return moment.replace(microsecond=0)
