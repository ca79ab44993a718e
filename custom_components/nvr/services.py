"""Actions: find recordings, save clips and pictures of them, cancel and delete clips.

They are actions of the domain with a target, not of camera entities: those would leave out offline
cameras, whose recordings are the ones most wanted, and one camera's failure would hide the other
cameras' answers.
"""

from homeassistant.core import HomeAssistant, SupportsResponse, callback

from .const import DOMAIN
from .service_clips import (
    CANCEL_SCHEMA,
    DELETE_SCHEMA,
    DOWNLOAD_SCHEMA,
    async_cancel_clip,
    async_delete_clip,
    async_download_clip,
)
from .service_picture import PICTURE_SCHEMA, async_get_picture
from .service_search import SEARCH_SCHEMA, async_search_recordings

SERVICE_SEARCH_RECORDINGS = "search_recordings"
SERVICE_DOWNLOAD_CLIP = "download_clip"
SERVICE_GET_PICTURE = "get_picture"
SERVICE_CANCEL_CLIP = "cancel_clip"
SERVICE_DELETE_CLIP = "delete_clip"


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all recorders."""
    for name, handler, schema, response in (
        (
            SERVICE_SEARCH_RECORDINGS,
            async_search_recordings,
            SEARCH_SCHEMA,
            SupportsResponse.ONLY,
        ),
        (
            SERVICE_DOWNLOAD_CLIP,
            async_download_clip,
            DOWNLOAD_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
        (SERVICE_GET_PICTURE, async_get_picture, PICTURE_SCHEMA, SupportsResponse.OPTIONAL),
        (SERVICE_CANCEL_CLIP, async_cancel_clip, CANCEL_SCHEMA, SupportsResponse.OPTIONAL),
        (SERVICE_DELETE_CLIP, async_delete_clip, DELETE_SCHEMA, SupportsResponse.NONE),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema, supports_response=response)
