"""The views of saved clips and pictures: the file, whole or in ranges, and a small picture of it."""

from aiohttp import hdrs, web
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from .access import may_access_clip
from .const import DOMAIN, LOGGER
from .footage.errors import FootageError, NoVideoError
from .library.clip import ClipPath, SavedClip
from .media_identifier import saved_identifier
from .shared import DATA_LIBRARY, async_borrow_shared
from .view_access import authenticated_user

_PARTS = ("recorder", "channel", "day", "file")
CLIP_PATH = "/".join(f"{{{part}}}" for part in _PARTS)
"""What names a clip in the address pattern of a view."""


def clip_url(path: ClipPath) -> str:
    """Return where a clip is served; the caller signs it."""
    return path_url(ClipView.url, path)


def clip_thumbnail_url(path: ClipPath) -> str:
    """Return where a clip's picture is served; Home Assistant's page logs in for it."""
    return path_url(ClipThumbnailView.url, path)


def path_url(pattern: str, path: ClipPath) -> str:
    """Return the address of a clip by the pattern of a view; the caller signs it."""
    return pattern.format(**dict(zip(_PARTS, path.parts, strict=True)))


async def requested_clip(hass: HomeAssistant, request: web.Request) -> SavedClip:
    """Return the clip that a request's path names.

    Raises:
        HTTPForbidden: The caller is unknown, or may not see the camera.
        HTTPNotFound: There is no such clip.
    """
    user = authenticated_user(request)
    try:
        path = ClipPath.from_parts(*(request.match_info[part] for part in _PARTS))
    except ValueError as error:
        raise web.HTTPNotFound from error
    clip = await hass.async_add_executor_job(hass.data[DATA_LIBRARY].find, path)
    if clip is None:
        raise web.HTTPNotFound
    if not may_access_clip(hass, user, path, clip.note, POLICY_READ):
        raise web.HTTPForbidden
    return clip


class ClipView(HomeAssistantView):
    """Serves clips with Range, so that players seek, and with HEAD, which some renderers ask first."""

    url = f"/api/{DOMAIN}/clip/{CLIP_PATH}"
    name = f"api:{DOMAIN}:clip"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def get(self, request: web.Request, **_: str) -> web.FileResponse:
        """Answer with the clip's file; aiohttp leaves out the body for HEAD.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the camera.
            HTTPNotFound: There is no such clip.
        """
        clip = await requested_clip(self._hass, request)
        return web.FileResponse(
            self._hass.data[DATA_LIBRARY].file(clip.path),
            headers={
                hdrs.CONTENT_TYPE: saved_identifier(clip.path).mime_type,
                hdrs.CACHE_CONTROL: "private, no-cache",
            },
        )

    head = get


class ClipThumbnailView(HomeAssistantView):
    """Serves pictures of clips."""

    url = f"/api/{DOMAIN}/clip_thumbnail/{CLIP_PATH}/picture.jpg"
    name = f"api:{DOMAIN}:clip_thumbnail"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def get(self, request: web.Request, **_: str) -> web.Response:
        """Answer with a JPEG.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the camera.
            HTTPNotFound: There is no such clip, or it shows nothing.
            HTTPServiceUnavailable: It can't be made at present.
        """
        clip = await requested_clip(self._hass, request)
        shared = await async_borrow_shared(self._hass)
        file = self._hass.data[DATA_LIBRARY].file(clip.path)
        try:
            picture = await shared.clip_thumbnails.picture(clip, file)
        except (NoVideoError, OSError) as error:
            raise web.HTTPNotFound from error
        except FootageError as error:
            LOGGER.debug("No thumbnail of a clip: %s", error)
            raise web.HTTPServiceUnavailable from error
        return web.Response(
            body=picture,
            content_type="image/jpeg",
            headers={hdrs.CACHE_CONTROL: "private, max-age=86400"},
        )
