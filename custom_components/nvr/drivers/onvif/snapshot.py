"""Stills of now, at the addresses that GetSnapshotUri names (section 6 of the notes)."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic

from ..answer import PICTURE, Answer
from ..errors import NotSupportedError
from ..http import RecorderSession
from ..models import Right
from ..pictures import PatientPictures, SharedPictures, read_picture
from .addresses import SafeAddresses
from .facts import ChannelPlace, Facts
from .faults import http_fault
from .transport import Transport
from .uris import Uris

# A recorder fetches each from its camera; more often than this is too often for some.
FRESH_SECONDS = 5.0


class Snapshots:
    """Fetches stills, one at a time; calls for one picture at the same time share one request."""

    def __init__(
        self,
        transport: Transport,
        session: Callable[[], RecorderSession],
        addresses: SafeAddresses,
        facts: Facts,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``session`` returns the one that logs in for stills."""
        self._transport = transport
        self._session = session
        self._addresses = addresses
        self._facts = facts
        self._shared = SharedPictures[int](now, FRESH_SECONDS)
        self._patient = PatientPictures()
        self._one = asyncio.Lock()
        # Of its own, so that the next is asked while a picture comes.
        self._one_address = asyncio.Lock()
        self._uris = Uris.of_stills()
        self._paths: dict[str, str] = {}

    async def fetch(self, place: ChannelPlace) -> bytes:
        """Return a JPEG of a channel. Raises DriverError."""
        return await self._shared.get(place.number, lambda: self._fetch(place))

    async def close(self) -> None:
        """End what runs."""
        await self._shared.close()

    async def _fetch(self, place: ChannelPlace) -> bytes:
        if not place.profiles:
            raise NotSupportedError(f"channel {place.number} has no media profile")
        profile = place.profiles[0].token
        path = await self._path(profile)
        async with self._one:

            async def ask() -> Answer:
                return await self._session().request("GET", path, limits=PICTURE)

            async def read(answer: Answer) -> bytes:
                if answer.status >= HTTPStatus.BAD_REQUEST:
                    # It may have moved.
                    self._paths.pop(profile, None)
                    raise http_fault(answer.status, "snapshot", Right.LIVE)
                return read_picture(answer.body)

            return await self._patient.take(path, ask, read)

    async def _path(self, profile: str) -> str:
        if (known := self._paths.get(profile)) is not None:
            return known
        async with self._one_address:
            uri = await self._uris.ask(self._transport, profile, media2=self._facts.by_media2)
        path = self._addresses.web(uri)
        if path is None:
            raise NotSupportedError("the device names no address of stills")
        self._paths[profile] = path
        return path
