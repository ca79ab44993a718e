"""The views that play a recording: its playlist, and the parts that the playlist names.

All parameters stand in the path, since Home Assistant signs no address that has a query. A signature
covers one path, so the playlist names each part by an address signed on its own.
"""

from datetime import timedelta

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from .const import DOMAIN, LOGGER
from .drivers.errors import DriverError, NoFootageError
from .footage.errors import FootageError
from .media_identifier import MIME_HLS, MIME_MP4, RecordingIdentifier
from .playback_sessions import PlaybackSession
from .shared import async_get_shared
from .view_access import RECORDING_PATH, recording_url, requested_recording

SIGNED_FOR = timedelta(hours=24)
"""As long as Home Assistant signs what it plays; nobody watches one recording for longer."""

RETRY_SECONDS = 2

_RECORDING = f"/api/{DOMAIN}/playback/{RECORDING_PATH}"
_PLAYLIST = "/playlist.m3u8"


def playlist_url(identifier: RecordingIdentifier) -> str:
    """Return where a recording's playlist is served; the caller signs it."""
    return recording_url(PlaylistView.url, identifier)


class PlaybackView(HomeAssistantView):
    """What playlist and parts have in common."""

    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def _session(self, request: web.Request) -> PlaybackSession:
        """Return the session of the recording that a request names.

        Raises:
            HTTPException: As ``requested_recording``.
            DriverError: The recorder can't be asked at present, or has the recording no more.
        """
        entry, identifier = requested_recording(self._hass, request)
        return await async_get_shared(self._hass).playback.open(entry, identifier)


class PlaylistView(PlaybackView):
    """The playlist of a whole recording, there before any of its bytes is."""

    url = f"{_RECORDING}{_PLAYLIST}"
    name = f"api:{DOMAIN}:playlist"

    async def get(self, request: web.Request, **_: str) -> web.Response:
        """Answer with the playlist, each of its addresses signed for the caller.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the channel.
            HTTPNotFound: The recording is no more.
            HTTPServiceUnavailable: The recorder can't be asked at present.
        """
        try:
            session = await self._session(request)
        except NoFootageError as error:
            raise web.HTTPNotFound from error
        except DriverError as error:
            LOGGER.debug("No playback: %s", error)
            raise _not_ready() from error
        viewer: str = request.get(KEY_HASS_REFRESH_TOKEN_ID, "")
        base = request.path.removesuffix(_PLAYLIST)

        def signed(name: str) -> str:
            return async_sign_path(
                self._hass, f"{base}/{name}", SIGNED_FOR, refresh_token_id=viewer or None
            )

        return web.Response(
            text=session.playlist(viewer, signed),
            content_type=MIME_HLS,
            headers={hdrs.CACHE_CONTROL: "private, no-store"},
        )


class PartView(PlaybackView):
    """The parts of a recording: what the player needs to begin, and the segments."""

    url = f"{_RECORDING}/{{part:init\\.mp4|[0-9]{{1,6}}\\.m4s}}"
    name = f"api:{DOMAIN}:part"

    async def get(self, request: web.Request, part: str, **_: str) -> web.StreamResponse:
        """Answer with a part as soon as it is made.

        A part that can't be had, were it overwritten meanwhile, is answered by 503: players try that
        again after a pause, while they hammer on anything below 500.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the channel.
            HTTPNotFound: The path names no recording.
            HTTPServiceUnavailable: The part can't be made, at present or any more.
        """
        try:
            session = await self._session(request)
            if part == "init.mp4":
                path = await session.playback.init()
            else:
                path = await session.playback.segment(int(part.removesuffix(".m4s")))
        except (DriverError, FootageError) as error:
            LOGGER.debug("No part %s of a playback: %s", part, error)
            raise _not_ready() from error
        return web.FileResponse(
            path,
            headers={hdrs.CONTENT_TYPE: MIME_MP4, hdrs.CACHE_CONTROL: "private, max-age=3600"},
        )


def _not_ready() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: str(RETRY_SECONDS)})
