"""Devices that speak ONVIF as `onvif-zeep-async`, GStreamer and plain clients use them."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Any, Final, override

import aiohttp
from lxml import etree
from onvif import ONVIFCamera

from custom_components.nvr.drivers.models import Recording
from demo.vendors import ONVIF

from ..maker import Maker, Searcher
from ..plain_replay import PlainReplay
from ..recorders import PASSWORD, USER, BenchRecorder

_SYSTEM_PYTHON: Final = "/usr/bin/python3"
_FIRST_PICTURE: Final = Path(__file__).parents[1] / "gstreamer_first_picture.py"
_NTP_EPOCH: Final = datetime(1900, 1, 1)
_TOKEN: Final = "RecordMediaProfile{:03}00"
_SEARCH_PATH: Final = "/onvif/search_service"
_SEARCH: Final = "http://www.onvif.org/ver10/search/wsdl"
_SCHEMA: Final = "http://www.onvif.org/ver10/schema"
_NOTIFICATION: Final = "http://docs.oasis-open.org/wsn/b-2"
_TOPICS: Final = "http://www.onvif.org/ver10/topics"
_CONCRETE: Final = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_TRACK_STATE: Final = "tns1:RecordingHistory/Track/State"
_ENVELOPE: Final = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
)
_FIND: Final = (
    f'<FindEvents xmlns="{_SEARCH}" xmlns:tt="{_SCHEMA}" xmlns:wsnt="{_NOTIFICATION}">'
    "<StartPoint>{start:%Y-%m-%dT%H:%M:%SZ}</StartPoint><EndPoint>{end:%Y-%m-%dT%H:%M:%SZ}</EndPoint>"
    "<Scope><tt:IncludedRecordings>{token}</tt:IncludedRecordings></Scope><SearchFilter>"
    f'<wsnt:TopicExpression Dialect="{_CONCRETE}" xmlns:tns1="{_TOPICS}">{_TRACK_STATE}'
    "</wsnt:TopicExpression></SearchFilter><IncludeStartState>true</IncludeStartState>"
    "<KeepAliveTime>PT60S</KeepAliveTime></FindEvents>"
)
_RESULTS: Final = (
    f'<GetEventSearchResults xmlns="{_SEARCH}"><SearchToken>{{token}}</SearchToken>'
    "<MaxResults>{page}</MaxResults><WaitTime>PT5S</WaitTime></GetEventSearchResults>"
)
_FOUND_TOKEN: Final = re.compile(r"SearchToken>([^<]+)<")
_COMPLETED: Final = "SearchState>Completed<"


class Onvif(Maker):
    """Devices that speak ONVIF."""

    vendor = ONVIF
    # The form of Home Assistant's own has two steps.
    integration = None
    library = "onvif-zeep-async"
    page = 100
    tells_apart = False
    # Of footage without an end; our driver cuts it at full hours.
    longest = timedelta(hours=1)
    stills_at_once = 1
    sends_to_two = False
    rtsp_alone = True
    read_is = "plain replay over RTSP"
    player = "GStreamer"

    @override
    def form(self, recorder: BenchRecorder) -> dict[str, Any]:
        raise NotImplementedError

    @override
    def learn(self, recorder: BenchRecorder) -> None:
        """Ask for what Home Assistant's `onvif` asks a device at its set-up."""
        asyncio.run(_learn(recorder))

    @override
    def searcher(self, recorder: BenchRecorder) -> Searcher:
        return lambda start, end: asyncio.run(_count(recorder, start, end, self.page))

    @override
    async def read_pages(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        span: tuple[datetime, datetime],
        expected: int,
    ) -> None:
        async def ask(content: str) -> str:
            url, body = recorder.url + _SEARCH_PATH, _ENVELOPE.format(content)
            async with session.post(url, data=body) as answer:
                answer.raise_for_status()
                return await answer.text()

        first, last = span
        told = await ask(_FIND.format(start=first, end=last, token=_TOKEN.format(0)))
        [token] = _FOUND_TOKEN.findall(told)
        while _COMPLETED not in await ask(_RESULTS.format(token=token, page=self.page)):
            pass

    @override
    def read_footage(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        # There is no footage over HTTP.
        raise NotImplementedError

    @override
    async def read(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> tuple[int, float]:
        start = recording.start + after
        first, last = await recorder.stamps(start, start + length)
        address = self.playback_url(recorder, recording.channel, first, last)
        return await PlainReplay(address).read(first, last)

    @override
    async def first_picture(
        self,
        recorder: BenchRecorder,
        channel: int,
        stamps: tuple[datetime, datetime],
        *,
        hurried: bool,
    ) -> float:
        address = self.playback_url(recorder, channel, *stamps)
        times = [str((each - _NTP_EPOCH) // timedelta(microseconds=1) * 1000) for each in stamps]
        process = await asyncio.create_subprocess_exec(
            _SYSTEM_PYTHON, _FIRST_PICTURE, address, *times, stdout=PIPE
        )
        output, _ = await process.communicate()
        return float(output)

    @override
    def brings_footage(self, path: str) -> bool:
        return False

    @override
    def picture_url(self, recorder: BenchRecorder, channel: int) -> str:
        query = f"channel={channel}&subtype=0"
        return f"{recorder.url}/onvifsnapshot/media_service/snapshot?{query}"

    @override
    def live_path(self, channel: int) -> str:
        return f"/cam/realmonitor?channel={channel}&subtype=0&unicast=true&proto=Onvif"

    @override
    def playback_path(self, channel: int, start: datetime, end: datetime) -> str:
        """Return that of the whole recording: times are told when it is played."""
        return f"/cam/playback?token={_TOKEN.format(channel - 1)}&proto=Onvif"


@asynccontextmanager
async def _camera(recorder: BenchRecorder) -> AsyncIterator[Any]:
    host, _, port = recorder.address.partition(":")
    camera: Any = ONVIFCamera(host, int(port), USER, PASSWORD, no_cache=True)
    try:
        await camera.update_xaddrs()
        yield camera
    finally:
        await camera.close()


async def _learn(recorder: BenchRecorder) -> None:
    async with _camera(recorder) as camera:
        await camera.get_capabilities()
        device = await camera.create_devicemgmt_service()
        await device.GetSystemDateAndTime()
        await device.GetDeviceInformation()
        await device.GetNetworkInterfaces()
        media = await camera.create_media_service()
        await media.GetServiceCapabilities()
        await media.GetProfiles()


async def _count(recorder: BenchRecorder, start: datetime, end: datetime, page: int) -> int:
    expression = etree.Element(
        f"{{{_NOTIFICATION}}}TopicExpression", Dialect=_CONCRETE, nsmap={"tns1": _TOPICS}
    )
    expression.text = _TRACK_STATE
    found = 0
    async with _camera(recorder) as camera:
        search = await camera.create_search_service()
        token = await search.FindEvents(
            {
                "StartPoint": start.replace(tzinfo=UTC, microsecond=0),
                "EndPoint": end.replace(tzinfo=UTC, microsecond=0),
                "Scope": {"IncludedRecordings": [_TOKEN.format(0)]},
                "SearchFilter": {"_value_1": [expression]},
                "IncludeStartState": True,
                "KeepAliveTime": "PT60S",
            }
        )
        while True:
            told = await search.GetEventSearchResults(
                {"SearchToken": token, "MaxResults": page, "WaitTime": "PT5S"}
            )
            found += sum(map(_begins, told.Result))
            if told.SearchState == "Completed":
                return found


def _begins(result: Any) -> bool:
    """Say whether an event is the beginning of pictures."""
    data = result.Event.Message._value_1.Data.SimpleItem  # noqa: SLF001  # as the library names it
    return bool(result.TrackToken.startswith("VIDEO") and data[0].Value == "true")


MAKER: Final = Onvif()
