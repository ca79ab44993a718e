"""Addresses of live streams: one question for each stream, asked once in a device's life (section 6 of the notes)."""

import asyncio
from collections.abc import Callable, Iterator
import logging
import re
from time import monotonic

from ..budget import BudgetSpentError
from ..inquiry import ABSENT, RARELY_SECONDS, SOON_SECONDS
from ..listeners import Listeners
from ..models import StreamName
from .addresses import SafeAddresses
from .facts import ChannelPlace, Facts
from .memory import MAX_TEXT, STREAM_ADDRESS, DeviceMemory
from .profiles import Profile
from .transport import Transport
from .uris import Uris

_LOGGER = logging.getLogger(__name__)

# So many are asked at once, as many as the session lets through.
ASKED_AT_ONCE = 2
# The third stream is asked for when there is nothing else to do.
FIRST_STREAMS = (StreamName.MAIN, StreamName.SUB)
# Some devices put credentials into the address, in ways of their own: those are not written down.
_SECRET = re.compile(r"pass|pwd|psw|auth|cred|secret|key=|token=|user|usr", re.IGNORECASE)


class LiveAddresses:
    """Knows where a device's live streams are, and remembers it beyond a restart."""

    def __init__(
        self,
        addresses: SafeAddresses,
        facts: Facts,
        memory: DeviceMemory,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._now = now
        self._addresses = addresses
        self._facts = facts
        self._memory = memory
        self._uris = Uris.of_streams()
        self._known: dict[str, str] = {}
        # What leads nowhere any more, perhaps; it stays in use until the device has been asked again.
        self._doubted: set[str] = set()
        # What the device did not tell: how long to leave it alone, and until when.
        self._pauses: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._listeners = Listeners()

    def on_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever there are new addresses; return what removes it."""
        return self._listeners.add(listener)

    def url(self, place: ChannelPlace, stream: StreamName) -> str | None:
        """Return the RTSP address of a stream with credentials, None while it is not known."""
        profile = place.profile(stream)
        address = None if profile is None else self._address(profile)
        return None if address is None else self._addresses.with_credentials(address)

    @property
    def unknown(self) -> bool:
        """Whether there are streams whose address is still to be asked for."""
        return any(True for _ in self._wanted(tuple(StreamName)))

    def doubt(self) -> None:
        """Have all addresses asked for again, as one of them led nowhere; they stay in use meanwhile."""
        self._doubted = {
            profile.token for place in self._facts.places() for profile in place.profiles
        }
        self._pauses.clear()
        self._not_before.clear()

    async def learn(
        self, transport: Transport, streams: tuple[StreamName, ...] = tuple(StreamName)
    ) -> None:
        """Ask for what is not known or is doubted, until the budget is spent.

        Raises DriverError where the device is gone.
        """
        waiting = iter(list(self._wanted(streams)))
        before = dict(self._known)

        async def ask() -> None:
            for profile in waiting:
                await self._ask(profile, transport)

        # Each asks to the end of what it has begun, whatever becomes of the others.
        ends = await asyncio.gather(*(ask() for _ in range(ASKED_AT_ONCE)), return_exceptions=True)
        if self._known != before:
            self._listeners.call()
        for end in ends:
            if end is not None:
                raise end

    async def _ask(self, profile: Profile, transport: Transport) -> None:
        try:
            uri = await self._uris.ask(transport, profile.token, media2=self._facts.by_media2)
        except BudgetSpentError:
            raise
        except ABSENT as err:
            _LOGGER.debug("No address of %s: %s", profile.token, err)
            self._put_off(profile)
            return
        self._doubted.discard(profile.token)
        address = self._addresses.rtsp(uri)
        if address is None:
            self._put_off(profile)
            return
        self._pauses.pop(profile.token, None)
        self._known[profile.token] = address
        key = STREAM_ADDRESS + profile.token
        if len(address) <= MAX_TEXT and not _SECRET.search(address):
            told = len(uri) <= MAX_TEXT and not self._addresses.has_user(uri)
            self._memory.keep(key, uri if told else address)

    def _put_off(self, profile: Profile) -> None:
        """Ask for an address again later, and still later each time: an input may have been off."""
        pause = min(self._pauses.get(profile.token, SOON_SECONDS / 2) * 2, RARELY_SECONDS)
        self._pauses[profile.token] = pause
        self._not_before[profile.token] = self._now() + pause

    def _address(self, profile: Profile) -> str | None:
        if (known := self._known.get(profile.token)) is not None:
            return known
        kept = self._addresses.rtsp(self._memory.text(STREAM_ADDRESS + profile.token))
        if kept is not None:
            self._known[profile.token] = kept
        return kept

    def _wanted(self, streams: tuple[StreamName, ...]) -> Iterator[Profile]:
        """Yield the profiles whose address is not known, all main streams first."""
        places = self._facts.places()
        for stream in streams:
            for place in places:
                profile = place.profile(stream)
                if profile is None or self._now() < self._not_before.get(profile.token, 0.0):
                    continue
                if profile.token in self._doubted or self._address(profile) is None:
                    yield profile
