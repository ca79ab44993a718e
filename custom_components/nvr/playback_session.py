"""A recording or a clip that is being watched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic

from homeassistant.util import dt as dt_util

from .const import LOGGER
from .drivers.errors import DriverError
from .footage.clip_playback import ClipPlayback
from .footage.codecs import PartCodecs, read_codecs
from .footage.converted import ConvertedParts, Parts
from .footage.errors import FootageError, SegmentNotReadyError
from .footage.playback import Playback
from .footage.playlist import INIT_NAME, segment_name, variants_playlist

SIGNED_FOR = timedelta(hours=24)
"""As long as Home Assistant signs what it plays; nobody watches one recording for longer."""

SIGNED_ANEW = SIGNED_FOR / 2
"""Who begins to watch later than this is given new signatures, which last to the end."""

SIGNATURES_LIMIT = 64
"""Most signed playlists that a session remembers."""

DOUBTS_LIMIT = 2
"""How often a player is asked to come again, because its playlist would be a guess."""

_SIGNED_AT_ONCE = 250


class PlaylistName(StrEnum):
    """The playlists of a recording: one for all browsers, and those of its codings."""

    ALL = "playlist"
    COPIED = "copied"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class _SignedPlaylist:
    """A playlist with addresses that were signed at ``signed``."""

    text: str
    signed: datetime

    @property
    def lasts(self) -> bool:
        """Whether who begins to watch now can watch to the end."""
        return dt_util.utcnow() - self.signed < SIGNED_ANEW


@dataclass(slots=True)
class PlaybackSession:
    """What is being watched, by one or several viewers.

    ``copied`` has the parts as they were recorded, ``converted`` the same for browsers that can't decode
    them. ``presumed`` are the codecs that the same stream had before, or has as the recorder says. ``playlists`` holds each playlist as it was
    signed for each viewer, so that its addresses stay the same while somebody watches: players fetch
    again whatever is called differently.
    """

    copied: Playback | ClipPlayback
    converted: ConvertedParts
    entry_id: str | None = None
    codecs: PartCodecs | None = None
    presumed: PartCodecs | None = None
    doubts: int = 0
    used: float = field(default_factory=monotonic)
    playlists: dict[tuple[str, PlaylistName], _SignedPlaylist] = field(default_factory=dict)

    @property
    def longest_gop(self) -> timedelta:
        """The longest time between two key pictures seen so far; zero before."""
        return self.copied.longest_gop

    def parts(self, *, converted: bool) -> Parts:
        """Return the parts of one coding."""
        return self.converted if converted else self.copied

    async def playlist(self, name: PlaylistName, viewer: str, uri: Callable[[str], str]) -> str:
        """Return a playlist with addresses for one viewer.

        Raises:
            SegmentNotReadyError: What the viewer's browser will need isn't known yet; ask again.
        """
        if (known := self._remembered(name, viewer)) is not None:
            return known
        signed = dt_util.utcnow()
        text = await self._playlist(name, uri)
        # Two players of one viewer may have asked at the same time.
        if (known := self._remembered(name, viewer)) is not None:
            return known
        self.playlists.pop((viewer, name), None)
        if len(self.playlists) >= SIGNATURES_LIMIT:
            self.playlists.pop(next(iter(self.playlists)))
        if self.codecs is not None or name is not PlaylistName.ALL:
            self.playlists[viewer, name] = _SignedPlaylist(text, signed)
        return text

    def _remembered(self, name: PlaylistName, viewer: str) -> str | None:
        known = self.playlists.get((viewer, name))
        return known.text if known is not None and known.lasts else None

    async def _playlist(self, name: PlaylistName, uri: Callable[[str], str]) -> str:
        if name is PlaylistName.ALL:
            codecs = await self._known_codecs()
            if codecs is not None and not codecs.widely_played:
                return variants_playlist(
                    [
                        (uri(f"{PlaylistName.COPIED}.m3u8"), str(codecs)),
                        (uri(f"{PlaylistName.CONVERTED}.m3u8"), str(codecs.converted)),
                    ]
                )
        converted = name is PlaylistName.CONVERTED
        plan = self.copied.plan
        signed: dict[str, str] = {}
        for name_of_part in plan.names():
            if len(signed) % _SIGNED_AT_ONCE == 0:
                # A day has thousands of parts, and others want the event loop as well.
                await asyncio.sleep(0)
            signed[name_of_part] = uri(part_name(name_of_part, converted=converted))
        return plan.playlist(signed.__getitem__)

    async def _known_codecs(self) -> PartCodecs | None:
        """Return the codecs as the footage itself has them: what recorders say of their streams is often wrong.

        The first parts are fetched for it, which the player wants next anyway. Where they don't come, the stream is
        presumed to be what it was before, or what the recorder says.

        Raises SegmentNotReadyError if nothing is known of a stream whose footage is still on its way.
        """
        if self.codecs is None:
            try:
                init = await self.copied.init()
                self.codecs = await asyncio.to_thread(read_codecs, init)
            except (DriverError, FootageError, OSError, ValueError) as error:
                LOGGER.debug("The codecs of a playback are not known yet: %s", error)
                late = isinstance(error, SegmentNotReadyError)
                if self.presumed is None and late and self.doubts < DOUBTS_LIMIT:
                    self.doubts += 1
                    raise
                return self.presumed
        return self.codecs

    async def close(self) -> None:
        """End what is being fetched and converted."""
        try:
            await self.converted.close()
        finally:
            await self.copied.close()


def part_name(name: str, *, converted: bool) -> str:
    """Return what a part of one coding is called in addresses."""
    return f"{PlaylistName.CONVERTED}/{name}" if converted else name


async def part_file(session: PlaybackSession, name: str, *, converted: bool) -> Path:
    """Return the file of a part by its name.

    Raises:
        DriverError: The recorder failed.
        FootageError: The part can't be made, at present or any more.
    """
    parts = session.parts(converted=converted)
    if name == INIT_NAME:
        return await parts.init()
    number = int(name.removesuffix(segment_name(0)[1:]))
    return await parts.segment(number)
