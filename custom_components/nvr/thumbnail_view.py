"""The view that shows what a recording begins with."""

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from .const import DOMAIN, LOGGER
from .drivers.errors import DriverError, NoFootageError
from .footage.errors import FootageError, NoVideoError
from .media_identifier import RecordingIdentifier
from .shared import async_get_shared
from .view_access import RECORDING_PATH, recording_url, requested_recording


def thumbnail_url(identifier: RecordingIdentifier) -> str:
    """Return where a recording's picture is served; Home Assistant's page logs in for it."""
    return recording_url(ThumbnailView.url, identifier)


class ThumbnailView(HomeAssistantView):
    """Serves pictures of recordings."""

    url = f"/api/{DOMAIN}/thumbnail/{RECORDING_PATH}/picture.jpg"
    name = f"api:{DOMAIN}:thumbnail"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def get(self, request: web.Request, **_: str) -> web.Response:
        """Answer with a JPEG.

        Raises:
            HTTPForbidden: The caller is unknown, or may not see the channel.
            HTTPNotFound: The recording is no more, or shows nothing.
            HTTPServiceUnavailable: The recorder can't be asked at present.
        """
        entry, identifier = requested_recording(self._hass, request)
        try:
            picture = await async_get_shared(self._hass).thumbnails.picture(entry, identifier)
        except (NoFootageError, NoVideoError) as error:
            raise web.HTTPNotFound from error
        except (DriverError, FootageError) as error:
            LOGGER.debug("No thumbnail: %s", error)
            raise web.HTTPServiceUnavailable from error
        return web.Response(
            body=picture,
            content_type="image/jpeg",
            headers={hdrs.CACHE_CONTROL: "private, max-age=86400"},
        )
