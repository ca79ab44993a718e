"""The pictures that a recorder's cameras gave while it was tried out, for the page that shows them.

They are kept as long as their flow is open. Their addresses are signed, and hold a secret that only the page
of that flow tells: until the recorder is added, there are no entities whose permissions could be asked for, so who may add it sees them.
"""

from collections.abc import Mapping
from datetime import timedelta
import secrets

from aiohttp import hdrs, web
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .view_access import authenticated_user

SIGNED_FOR = timedelta(minutes=15)
SECRET_BYTES = 32

DATA_SETUP_PICTURES: HassKey[dict[str, Mapping[int, bytes]]] = HassKey(f"{DOMAIN}_setup_pictures")


class SetupPictures:
    """The pictures of one flow."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass
        self._secret = secrets.token_urlsafe(SECRET_BYTES)

    @callback
    def keep(self, pictures: Mapping[int, bytes]) -> None:
        """Serve these pictures, by the numbers of their channels, instead of any before."""
        # A flow is all that there is of the integration before its first entry.
        async_register_picture_view(self._hass)
        self._hass.data[DATA_SETUP_PICTURES][self._secret] = pictures

    @callback
    def addresses(self) -> dict[int, str]:
        """Return where the pictures are for a while."""
        return {
            number: async_sign_path(
                self._hass,
                SetupPictureView.url.format(secret=self._secret, channel=number),
                SIGNED_FOR,
            )
            for number in self._hass.data.get(DATA_SETUP_PICTURES, {}).get(self._secret, {})
        }

    @callback
    def forget(self) -> None:
        """Serve them no more."""
        self._hass.data.get(DATA_SETUP_PICTURES, {}).pop(self._secret, None)


class SetupPictureView(HomeAssistantView):
    """Serves the pictures of open flows."""

    url = f"/api/{DOMAIN}/setup/{{secret}}/{{channel}}.jpg"
    name = f"api:{DOMAIN}:setup"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass

    async def get(self, request: web.Request, secret: str, channel: str) -> web.Response:
        """Answer with a JPEG.

        Raises:
            HTTPForbidden: The caller is unknown, or may not add recorders.
            HTTPNotFound: The flow is over, or there is no such picture in it.
        """
        if not authenticated_user(request).is_admin:
            raise web.HTTPForbidden
        pictures = self._hass.data.get(DATA_SETUP_PICTURES, {}).get(secret, {})
        picture = next((one for number, one in pictures.items() if str(number) == channel), None)
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(
            body=picture,
            content_type="image/jpeg",
            headers={hdrs.CACHE_CONTROL: "private, no-store"},
        )


@callback
def async_register_picture_view(hass: HomeAssistant) -> None:
    """Register the view, unless that was done before."""
    if DATA_SETUP_PICTURES not in hass.data:
        hass.data[DATA_SETUP_PICTURES] = {}
        hass.http.register_view(SetupPictureView(hass))
