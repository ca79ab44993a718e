"""A maker's recorders as clients use them that are not ours: what a bench compares with."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from importlib import import_module
from time import perf_counter
from typing import Any, ClassVar, Final
from urllib.parse import quote

import aiohttp
import av

from custom_components.nvr.drivers.models import Recording
from demo.vendors import Vendor

from .recorders import PASSWORD, USER, BenchRecorder

# What players use that want the first picture soon; without it FFmpeg watches for seconds.
HURRIED: Final = {
    "rtsp_transport": "tcp",
    "fflags": "nobuffer",
    "flags": "low_delay",
    "analyzeduration": "0",
    "probesize": "32",
}
PLAIN: Final = {"rtsp_transport": "tcp"}

type Searcher = Callable[[datetime, datetime], int]
"""Finds all recordings from one stamp to another and counts them. Blocks."""


class Maker(ABC):
    """The recorders of one maker. Stamps are what a recorder calls an instant, in naive digits.

    Attributes:
        vendor: what all proofs know of it.
        integration: Home Assistant's own for the same recorders; None if no form adds them.
        library: what others write their programs with.
        page: how many recordings a page of a search has as a rule.
        player: which program of others plays its recordings over RTSP.
        tells_apart: whether searches tell recordings apart that touch.
        longest: how long a recording is at most; None where that depends on the recorder.
        stills_at_once: for how many stills a recorder is asked at a time.
        rtsp_alone: whether there is footage over RTSP alone, which has the bit rate of a camera only if it is filled up.
        read_is: what a plain client does that reads footage, in words.
        sends_to_two: whether two clients may download from a recorder at a time.
    """

    vendor: ClassVar[Vendor]
    integration: ClassVar[str | None] = None
    library: ClassVar[str]
    page: ClassVar[int]
    player: ClassVar[str] = "FFmpeg"
    tells_apart: ClassVar[bool] = True
    longest: ClassVar[timedelta | None] = None
    stills_at_once: ClassVar[int] = 2
    read_is: ClassVar[str] = "plain HTTP read"
    sends_to_two: ClassVar[bool] = True
    rtsp_alone: ClassVar[bool] = False

    @property
    def integration_is(self) -> str:
        """Home Assistant's own integration, in words."""
        return f"Home Assistant's {self.integration}"

    @abstractmethod
    def form(self, recorder: BenchRecorder) -> dict[str, Any]:
        """Return what the form of that integration is filled in with."""

    @abstractmethod
    def learn(self, recorder: BenchRecorder) -> None:
        """Have the library learn who a recorder is and which channels it has. Blocks."""

    @abstractmethod
    def searcher(self, recorder: BenchRecorder) -> Searcher:
        """Have the library log in, for searching the first channel. Blocks."""

    @abstractmethod
    async def read_pages(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        span: tuple[datetime, datetime],
        expected: int,
    ) -> None:
        """Read all pages with the recordings of the first channel one after the other, no more.

        Args:
            session: one that logs in by digest.
            recorder: whom to ask.
            span: stamps.
            expected: so many recordings.
        """

    @abstractmethod
    def read_footage(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask plainly for a part of a recording that begins so long after its start."""

    @abstractmethod
    def brings_footage(self, path: str) -> bool:
        """Say whether a request of this path brings footage."""

    @abstractmethod
    def picture_url(self, recorder: BenchRecorder, channel: int) -> str:
        """Return where a picture of now is."""

    @abstractmethod
    def live_path(self, channel: int) -> str:
        """Return the RTSP path of a main stream."""

    @abstractmethod
    def playback_path(self, channel: int, start: datetime, end: datetime) -> str:
        """Return the RTSP path of what was recorded from one stamp to another."""

    async def read(
        self,
        session: aiohttp.ClientSession,
        recorder: BenchRecorder,
        recording: Recording,
        after: timedelta,
        length: timedelta,
    ) -> tuple[int, float]:
        """Read a part of a recording plainly.

        Returns:
            How many bytes came, and the seconds from the first to the last.
        """
        received, first_at = 0, 0.0
        async with self.read_footage(session, recorder, recording, after, length) as response:
            response.raise_for_status()
            async for chunk in response.content.iter_any():
                first_at = first_at or perf_counter()
                received += len(chunk)
        return received, perf_counter() - first_at

    async def first_picture(
        self,
        recorder: BenchRecorder,
        channel: int,
        stamps: tuple[datetime, datetime],
        *,
        hurried: bool,
    ) -> float:
        """Have the player show the first picture of a span, and return how many seconds that took.

        Args:
            recorder: who plays.
            channel: whose main stream.
            stamps: of the span.
            hurried: whether it is told not to probe.
        """
        url = self.playback_url(recorder, channel, *stamps)
        return await asyncio.to_thread(_first_picture, url, HURRIED if hurried else PLAIN)

    def live_url(self, recorder: BenchRecorder, channel: int) -> str:
        """Return the whole address of a main stream."""
        return _rtsp(recorder) + self.live_path(channel)

    def playback_url(
        self, recorder: BenchRecorder, channel: int, start: datetime, end: datetime
    ) -> str:
        """Return the whole address of what was recorded from one stamp to another."""
        return _rtsp(recorder) + self.playback_path(channel, start, end)


def _first_picture(url: str, options: dict[str, str]) -> float:
    began = perf_counter()
    with av.open(url, mode="r", options=options) as container:
        for _ in container.decode(video=0):
            return perf_counter() - began
    raise ValueError("the playback has no picture")


def _rtsp(recorder: BenchRecorder) -> str:
    host = recorder.address.partition(":")[0]
    return f"rtsp://{USER}:{quote(PASSWORD, safe='')}@{host}:{recorder.rtsp_port}"


def positions(expected: int, page: int) -> Iterator[int]:
    """Give where each page begins."""
    yield from range(0, expected, page)


def maker_of(vendor: str) -> Maker:
    """Return a maker; its module is loaded only now, for each needs libraries of its own."""
    maker: Maker = import_module(f".makers.{vendor}", __package__).MAKER
    return maker
