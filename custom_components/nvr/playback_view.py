"""The views that play a recording or a clip: its playlists, and the parts that they name.

All parameters stand in the path, since Home Assistant signs no address that has a query. A signature
covers one path, so a playlist names each part by an address signed on its own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from .clip_view import CLIP_PATH, path_url, requested_clip
from .const import DOMAIN, LOGGER
from .drivers.errors import DriverError, NoFootageError
from .footage.errors import FootageError
from .library.clip import ClipPath
from .media_identifier import MIME_HLS, MIME_MP4, RecordingIdentifier
from .playback_session import SIGNED_FOR, PlaybackSession, PlaylistName, part_file
from .shared import DATA_LIBRARY, async_borrow_shared, async_get_shared
from .view_access import RECORDING_PATH, recording_url, requested_recording

RETRY_SECONDS = 2

_PLAYLIST_SUFFIX = ".m3u8"
_NAMES = "|".join(PlaylistName)
_RECORDING = f"/api/{DOMAIN}/playback/{RECORDING_PATH}"
_CLIP = f"/api/{DOMAIN}/clip_playback/{CLIP_PATH}"


@dataclass(frozen=True, slots=True)
class Played:
    """What can be played: its name, where it is served, and how a request finds its session.

    ``find`` raises HTTPException as the checks of a request do, FootageError or OSError where a clip can't be
    read, and DriverError where the recorder can't be asked or has the recording no more.
    """

    name: str
    path: str
    find: Callable[[HomeAssistant, web.Request], Awaitable[PlaybackSession]]


async def _recording(hass: HomeAssistant, request: web.Request) -> PlaybackSession:
    entry, identifier = requested_recording(hass, request)
    return await async_get_shared(hass).playback.open(entry, identifier)


async def _clip(hass: HomeAssistant, request: web.Request) -> PlaybackSession:
    clip = await requested_clip(hass, request)
    shared = await async_borrow_shared(hass)
    try:
        return await shared.clip_playback.open(clip, hass.data[DATA_LIBRARY].file(clip.path))
    except ValueError as error:
        raise web.HTTPNotFound from error


RECORDINGS = Played("playback", _RECORDING, _recording)
CLIPS = Played("clip_playback", _CLIP, _clip)


def playlist_url(identifier: RecordingIdentifier) -> str:
    """Return where a recording's playlist is served; the caller signs it."""
    return recording_url(f"{_RECORDING}/{PlaylistName.ALL}{_PLAYLIST_SUFFIX}", identifier)


def clip_playlist_url(path: ClipPath) -> str:
    """Return where a clip's playlist is served; the caller signs it."""
    return path_url(f"{_CLIP}/{PlaylistName.ALL}{_PLAYLIST_SUFFIX}", path)


class PlaylistView(HomeAssistantView):
    """The playlists, there before all footage is; with HEAD, which some players ask first."""

    requires_auth = False

    def __init__(self, hass: HomeAssistant, played: Played) -> None:
        """Initialize."""
        self._hass = hass
        self._played = played
        self.url = f"{played.path}/{{playlist:{_NAMES}}}.m3u8"
        self.name = f"api:{DOMAIN}:{played.name}:playlist"

    async def get(self, request: web.Request, playlist: str, **_: str) -> web.Response:
        """Answer with a playlist, each of its addresses signed for the caller.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the channel.
            HTTPNotFound: The recording or the clip is no more.
            HTTPServiceUnavailable: The recorder can't be asked at present.
        """
        try:
            session = await self._played.find(self._hass, request)
        except (NoFootageError, OSError) as error:
            raise web.HTTPNotFound from error
        except DriverError as error:
            LOGGER.debug("No playback: %s", error)
            raise _not_ready() from error
        viewer: str = request.get(KEY_HASS_REFRESH_TOKEN_ID, "")
        base = request.path.rpartition("/")[0]

        def signed(name: str) -> str:
            return async_sign_path(
                self._hass, f"{base}/{name}", SIGNED_FOR, refresh_token_id=viewer or None
            )

        try:
            text = await session.playlist(PlaylistName(playlist), viewer, signed)
        except FootageError as error:
            LOGGER.debug("No playlist yet: %s", error)
            raise _not_ready() from error
        return web.Response(
            text=text,
            content_type=MIME_HLS,
            headers={hdrs.CACHE_CONTROL: "private, no-store"},
        )

    head = get


class PartView(HomeAssistantView):
    """The parts: what the player needs to begin, and the segments, as recorded or converted."""

    requires_auth = False

    def __init__(self, hass: HomeAssistant, played: Played) -> None:
        """Initialize."""
        self._hass = hass
        self._played = played
        self.url = f"{played.path}/{{part:init\\.mp4|[0-9]{{1,6}}\\.m4s}}"
        self.extra_urls = [
            f"{played.path}/{{coding:{PlaylistName.CONVERTED}}}/{{part:init\\.mp4|[0-9]{{1,6}}\\.m4s}}"
        ]
        self.name = f"api:{DOMAIN}:{played.name}:part"

    async def get(
        self, request: web.Request, part: str, coding: str = "", **_: str
    ) -> web.StreamResponse:
        """Answer with a part as soon as it is made.

        A part that can't be had, were it overwritten meanwhile, is answered by 503: players try that
        again after a pause, while they hammer on anything below 500.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the channel.
            HTTPNotFound: The path names nothing that is there.
            HTTPServiceUnavailable: The part can't be made, at present or any more.
        """
        try:
            session = await self._played.find(self._hass, request)
            path = await part_file(session, part, converted=bool(coding))
        except (DriverError, FootageError, OSError) as error:
            LOGGER.debug("No part %s of a playback: %s", part, error)
            raise _not_ready() from error
        return web.FileResponse(
            path,
            headers={hdrs.CONTENT_TYPE: MIME_MP4, hdrs.CACHE_CONTROL: "private, max-age=3600"},
        )

    head = get


def _not_ready() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: str(RETRY_SECONDS)})
