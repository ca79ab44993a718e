"""The view that hands out saved clips, whole or in ranges."""

from aiohttp import hdrs, web
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from .access import may_access_clip
from .const import DOMAIN
from .library.clip import ClipPath
from .media_identifier import MIME_MP4
from .shared import DATA_LIBRARY
from .view_access import authenticated_user


def clip_url(path: ClipPath) -> str:
    """Return where a clip is served; the caller signs it."""
    return ClipView.url.format(**dict(zip(_PARTS, path.parts, strict=True)))


_PARTS = ("recorder", "channel", "day", "file")


class ClipView(HomeAssistantView):
    """Serves clips with Range, so that players seek, and with HEAD, which some renderers ask first."""

    url = f"/api/{DOMAIN}/clip/{{recorder}}/{{channel}}/{{day}}/{{file}}"
    name = f"api:{DOMAIN}:clip"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def get(
        self, request: web.Request, recorder: str, channel: str, day: str, file: str
    ) -> web.FileResponse:
        """Answer with the clip's file; aiohttp leaves out the body for HEAD.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the camera.
            HTTPNotFound: There is no such clip.
        """
        user = authenticated_user(request)
        try:
            path = ClipPath.from_parts(recorder, channel, day, file)
        except ValueError as error:
            raise web.HTTPNotFound from error
        folder = self._hass.data[DATA_LIBRARY]
        clip = await self._hass.async_add_executor_job(folder.find, path)
        if clip is None:
            raise web.HTTPNotFound
        if not may_access_clip(self._hass, user, path, clip.note, POLICY_READ):
            raise web.HTTPForbidden
        return web.FileResponse(
            folder.file(path),
            headers={hdrs.CONTENT_TYPE: MIME_MP4, hdrs.CACHE_CONTROL: "private, no-cache"},
        )

    head = get
