"""Dahua's recorders as `python-amcrest` and plain clients use them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, override
from urllib.parse import quote

import aiohttp
from amcrest import AmcrestCamera, ApiWrapper
from yarl import URL

from custom_components.nvr.drivers.models import Recording
from demo.vendors import DAHUA

from ..maker import Maker, Searcher
from ..recorders import PASSWORD, USER, BenchRecorder

_FIND: Final = "/cgi-bin/mediaFileFind.cgi?action="
_LOAD: Final = "/cgi-bin/loadfile.cgi"
_LOAD_FILE: Final = "/rpc_loadfile"
_SNAPSHOT: Final = "/cgi-bin/snapshot.cgi"
_CHANNEL: Final = 1
_DIGITS: Final = "%Y-%m-%d %H:%M:%S"
_PATH_DIGITS: Final = "%Y_%m_%d_%H_%M_%S"
_ITEM: Final = ".FilePath="


class Dahua(Maker):
    """Recorders that speak Dahua's CGI."""

    vendor = DAHUA
    # Home Assistant's own takes one camera for each device, from its configuration file.
    integration = None
    library = "python-amcrest"
    page = 100
    # They are served one after the other, and one that sends a file has none for anybody else.
    stills_at_once = 1
    sends_to_two = False

    @override
    def form(self, recorder: BenchRecorder) -> dict[str, Any]:
        raise NotImplementedError

    @override
    def learn(self, recorder: BenchRecorder) -> None:
        """Ask for what Home Assistant's `amcrest` asks a device at its set-up, and for the titles."""
        camera = _camera(recorder)
        for name in (
            "machine_name",
            "serial_number",
            "vendor_information",
            "device_type",
            "software_information",
            "hardware_version",
            "current_time",
            "video_channel_title",
            "storage_all",
        ):
            getattr(camera, name)

    @override
    def searcher(self, recorder: BenchRecorder) -> Searcher:
        camera = _camera(recorder)

        def search(start: datetime, end: datetime) -> int:
            return sum(
                page.count(_ITEM)
                for page in camera.find_files(start, end, channel=_CHANNEL, types=("dav",))
            )

        return search

    @override
    async def read_pages(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        span: tuple[datetime, datetime],
        expected: int,
    ) -> None:
        async def ask(question: str) -> str:
            async with session.get(URL(recorder.url + _FIND + question, encoded=True)) as answer:
                answer.raise_for_status()
                return await answer.text()

        finder = (await ask("factory.create")).strip().partition("=")[2]
        start, end = (quote(format(stamp, _DIGITS), safe=":") for stamp in span)
        await ask(
            f"findFile&object={finder}&condition.Channel={_CHANNEL}"
            f"&condition.StartTime={start}&condition.EndTime={end}&condition.Types[0]=dav"
        )
        found = 0
        while found < expected:
            count = (await ask(f"findNextFile&object={finder}&count={self.page}")).count(_ITEM)
            if not count:
                break
            found += count
        await ask(f"close&object={finder}")
        await ask(f"destroy&object={finder}")

    @override
    @asynccontextmanager
    async def read_footage(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        start = recording.start + after
        begins, ends = (
            quote(format(stamp, _DIGITS), safe=":")
            for stamp in await recorder.stamps(start, start + length)
        )
        question = f"?action=startLoad&channel={recording.channel}&startTime={begins}&endTime={ends}&subtype=0"
        url = URL(recorder.url + _LOAD + question, encoded=True)
        async with session.get(url) as response:
            yield response

    @override
    def brings_footage(self, path: str) -> bool:
        return path == _LOAD or _LOAD_FILE in path.lower()

    @override
    def picture_url(self, recorder: BenchRecorder, channel: int) -> str:
        return f"{recorder.url}{_SNAPSHOT}?channel={channel}"

    @override
    def live_path(self, channel: int) -> str:
        return f"/cam/realmonitor?channel={channel}&subtype=0"

    @override
    def playback_path(self, channel: int, start: datetime, end: datetime) -> str:
        return (
            f"/cam/playback?channel={channel}&subtype=0"
            f"&starttime={start:{_PATH_DIGITS}}&endtime={end:{_PATH_DIGITS}}"
        )


def _camera(recorder: BenchRecorder) -> ApiWrapper:
    host, _, port = recorder.address.partition(":")
    return AmcrestCamera(host, int(port), USER, PASSWORD).camera


MAKER: Final = Dahua()
