"""Hikvision's recorders as `pyHik`, Home Assistant's `hikvision` and plain clients use them."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
import re
from typing import Any, Final, override
from uuid import uuid4

import aiohttp
from pyhik.hikvision import HikCamera, get_video_channels

from custom_components.nvr.drivers.models import Recording
from demo.vendors import HIKVISION

from ..maker import Maker, Searcher, positions
from ..recorders import PASSWORD, USER, BenchRecorder

_SEARCH_PATH: Final = "/ISAPI/ContentMgmt/search"
_DOWNLOAD_PATH: Final = "/ISAPI/ContentMgmt/download"
_PICTURE_PATH: Final = "/ISAPI/Streaming/channels/{}01/picture"
_DOWNLOAD: Final = "<downloadRequest><playbackURI>{}</playbackURI></downloadRequest>"
_SEARCH: Final = """\
<CMSearchDescription><searchID>{search}</searchID><trackList><trackID>{track}</trackID></trackList>\
<timeSpanList><timeSpan><startTime>{start}</startTime><endTime>{end}</endTime></timeSpan>\
</timeSpanList><maxResults>{page}</maxResults><searchResultPostion>{position}</searchResultPostion>\
</CMSearchDescription>"""
_TRACK: Final = 101
_SEARCH_DIGITS: Final = "%Y-%m-%dT%H:%M:%SZ"
_DIGITS: Final = "%Y%m%dT%H%M%SZ"
_TIMES: Final = re.compile(r"(starttime|endtime)=([0-9TZ]+)")


class Hikvision(Maker):
    """Recorders that speak ISAPI."""

    vendor = HIKVISION
    integration = "hikvision"
    library = "pyHik"
    # As the maker's own page asks; more is refused by some firmware.
    page = 40

    @override
    def form(self, recorder: BenchRecorder) -> dict[str, Any]:
        host, _, port = recorder.address.partition(":")
        return {
            "host": host,
            "port": int(port),
            "username": USER,
            "password": PASSWORD,
            "ssl": False,
        }

    @override
    def learn(self, recorder: BenchRecorder) -> None:
        HikCamera(recorder.url, usr=USER, pwd=PASSWORD)
        get_video_channels(recorder.url, 80, USER, PASSWORD)

    @override
    def searcher(self, recorder: BenchRecorder) -> Searcher:
        """Search again from the last recording found on, for pyHik reads no second page."""
        camera = HikCamera(recorder.url, usr=USER, pwd=PASSWORD)

        def search(start: datetime, end: datetime) -> int:
            found: set[str] = set()
            first = start
            while True:
                answer = camera.search_recordings(_TRACK, first, end, max_results=self.page)
                fresh = {one.playback_uri for one in answer} - found
                if not fresh:
                    return len(found)
                found |= fresh
                first = max(one.start_time.replace(tzinfo=None) for one in answer)

        return search

    @override
    async def read_pages(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        span: tuple[datetime, datetime],
        expected: int,
    ) -> None:
        search = str(uuid4()).upper()
        for position in positions(expected, self.page):
            body = _SEARCH.format(
                search=search,
                track=_TRACK,
                start=format(span[0], _SEARCH_DIGITS),
                end=format(span[1], _SEARCH_DIGITS),
                page=self.page,
                position=position,
            )
            async with session.post(recorder.url + _SEARCH_PATH, data=body) as response:
                response.raise_for_status()
                await response.read()

    @override
    def read_footage(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        # An address counts by the device's wall clock, whatever it marks its digits with.
        begins = dict(_TIMES.findall(recording.token))["starttime"]
        start = datetime.strptime(begins, _DIGITS).replace(tzinfo=UTC) + after
        times = {"starttime": start, "endtime": start + length}
        address = _TIMES.sub(
            lambda match: f"{match[1]}={times[match[1]]:{_DIGITS}}", recording.token
        )
        body = _DOWNLOAD.format(address.replace("&", "&amp;"))
        return session.post(recorder.url + _DOWNLOAD_PATH, data=body)

    @override
    def brings_footage(self, path: str) -> bool:
        return _DOWNLOAD_PATH in path

    @override
    def picture_url(self, recorder: BenchRecorder, channel: int) -> str:
        return recorder.url + _PICTURE_PATH.format(channel)

    @override
    def live_path(self, channel: int) -> str:
        return f"/Streaming/Channels/{channel}01"

    @override
    def playback_path(self, channel: int, start: datetime, end: datetime) -> str:
        return f"/Streaming/tracks/{channel}01/?starttime={start:{_DIGITS}}&endtime={end:{_DIGITS}}"


MAKER: Final = Hikvision()
