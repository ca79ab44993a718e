"""The views of the integration, registered once for all recorders."""

from homeassistant.core import HomeAssistant, callback

from .clip_view import ClipThumbnailView, ClipView
from .playback_view import CLIPS, RECORDINGS, PartView, PlaylistView
from .setup_pictures import async_register_picture_view
from .thumbnail_view import ThumbnailView


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register all views; they ask for the recorder at each request, for views stay for good."""
    hass.http.register_view(ClipView(hass))
    hass.http.register_view(ClipThumbnailView(hass))
    for played in (RECORDINGS, CLIPS):
        hass.http.register_view(PlaylistView(hass, played))
        hass.http.register_view(PartView(hass, played))
    hass.http.register_view(ThumbnailView(hass))
    async_register_picture_view(hass)
