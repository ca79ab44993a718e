"""From an address to credentials: the way of every flow that reaches a recorder, be it new or known."""

from abc import abstractmethod
from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PORT
import voluptuous as vol

from .address import Address
from .const import CONF_FINGERPRINT, CONF_TLS, CONF_VENDOR
from .coordinator import NvrConfigEntry
from .discovery.models import FoundDevice
from .discovery_info import device_of_site, doors_of
from .drivers.catalog import vendor_name
from .drivers.errors import CertificateChangedError, DriverError
from .flow_report import literal
from .forms import address_text, login_data, login_schema, login_values
from .known_devices import answers_at
from .locating import HTTP_PORT, Site, async_locate, of_first_maker
from .moving import STAYS
from .progress_flow import ProgressFlow
from .trust import readable_fingerprint


class ReachingFlow(ProgressFlow):
    """Finds out who answers at an address, and asks for all that has to be known before a login."""

    def __init__(self) -> None:
        """Initialize."""
        super().__init__()
        self._found: dict[str, FoundDevice] | None = None
        self._device: FoundDevice | None = None
        self._address: Address | None = None
        self._sites: tuple[Site, ...] = ()
        self._data: dict[str, Any] = {}
        self._typed: dict[str, Any] = {}
        # The certificate that is trusted, if any is, and the one that is shown.
        self._trusted: str | None = None
        self._shown = ""

    @property
    def _kept(self) -> NvrConfigEntry | None:
        """Return the recorder that is logged in to again, or reached otherwise, None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    # Who is there

    async def async_step_recognise(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show that it is being found out who answers at the address."""
        return await self._async_work("recognise", self._async_recognise)

    async def _async_recognise(self) -> str:
        assert self._address is not None
        kept = self._kept
        try:
            sites = await self._async_locate(self._address)
        except DriverError as error:
            if kept is None and self._device is not None and self._device.needs_setup:
                # Until then it need not answer as it will.
                return "not_set_up"
            self._note(error)
            return "user" if kept is None else "reconfigure"
        if kept is not None:
            # Those of other makers at its address are not it.
            sites = tuple(one for one in sites if one.vendor == kept.data[CONF_VENDOR]) or sites
        self._sites = of_first_maker(sites)
        if kept is not None or len(self._sites) == len(sites):
            return "credentials"
        # One is to be picked before anybody's password goes to the other.
        self._found = {
            **{f"{site.vendor} {site.connection.host}": device_of_site(site) for site in sites},
            **(self._found or {}),
        }
        self._typed = {}
        return "user"

    async def async_step_not_set_up(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what is to be done at a device that has no password yet, and look again after it."""
        if user_input is not None:
            self._device = self._found = None
            return await self.async_step_user()
        device = self._device
        assert device is not None
        port = None if device.port == HTTP_PORT else device.port
        self._placeholders = {
            "name": device.name,
            "model": literal(device.model or vendor_name(device.vendor or "")),
            "address": address_text({CONF_HOST: device.host, CONF_PORT: port}),
        }
        return self._async_show("not_set_up", vol.Schema({}), {})

    async def _async_locate(self, address: Address) -> tuple[Site, ...]:
        """Look where the recorder answers; what a device was heard to say of it may be wrong, and isn't all.

        Raises:
            DriverError: None answers there, or what does is no recorder that we know.
        """
        device = self._device
        if device is None:
            return await async_locate(self.hass, address)
        sites = await async_locate(self.hass, address, doors_of(device))
        return tuple(site for site in sites if site.vendor == device.vendor) or sites

    # How it is spoken to

    async def async_step_credentials(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for credentials, before anything is sent that a recorder counts."""
        kept = self._kept
        if user_input is not None:
            self._typed = user_input
            self._data = login_data(self._sites, user_input)
            return await self._async_try() if kept is None else await self._async_confirm(kept)
        if kept is None and self._device is not None and self._device.needs_setup:
            return await self.async_step_not_set_up()
        if kept is None and any(answers_at(self.hass, at.host, at.port) for _, at in self._sites):
            # Spares a recorder that we have already a login. Another one may have taken the place of one that is gone.
            return self.async_abort(reason=STAYS)
        self._placeholders = {**self._placeholders, **self._seen()}
        known = {} if kept is None else login_values(kept.data, self._sites)
        return self._async_show("credentials", login_schema(self._sites), self._typed or known)

    def _seen(self) -> dict[str, str]:
        """Return what is known of the recorder before any login."""
        vendor, at = self._sites[0]
        device, kept = self._device, self._kept
        name = at.host if device is None else device.name
        return {
            "name": name if kept is None else kept.title,
            # Anybody in the network may say what it is, and this is shown as Markdown.
            "model": literal((device and device.model) or vendor_name(vendor)),
            "address": address_text({CONF_HOST: at.host, CONF_PORT: at.port}),
        }

    async def _async_confirm(self, kept: NvrConfigEntry) -> ConfigFlowResult:
        """Ask before a known recorder is spoken to as anybody could listen, or trusted by another certificate."""
        if not self._data[CONF_TLS]:
            return await self.async_step_plain()
        shown = self._data.get(CONF_FINGERPRINT)
        trusted = kept.data.get(CONF_FINGERPRINT)
        if shown is None or shown == trusted:
            return await self._async_try()
        self._trusted, self._shown = trusted, shown
        if trusted is None:
            return await self.async_step_certificate()
        return await self.async_step_changed_certificate()

    async def async_step_plain(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Warn that whoever is in the network can read along, and leave it to the user."""
        return self.async_show_menu(step_id="plain", menu_options=["login", "credentials"])

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the certificate that is shown is the recorder's."""
        if user_input is not None:
            return await self._async_trust()
        self._placeholders = {
            "address": self._data[CONF_HOST],
            "seen": readable_fingerprint(self._shown),
        }
        return self._async_show("certificate", vol.Schema({}), {})

    async def async_step_changed_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the certificate that is shown is the recorder's, though it is not the trusted one."""
        if user_input is not None:
            return await self._async_trust()
        kept = self._kept
        self._placeholders = {
            "name": self._data[CONF_HOST] if kept is None else kept.title,
            "trusted": readable_fingerprint(self._trusted or ""),
            "seen": readable_fingerprint(self._shown),
        }
        return self._async_show("changed_certificate", vol.Schema({}), {})

    async def _async_trust(self) -> ConfigFlowResult:
        """Trust the certificate that was shown to the user, and no other that may be there by now."""
        self._data = {**self._data, CONF_FINGERPRINT: self._shown}
        return await self._async_try()

    # Whether it lets us in

    @abstractmethod
    async def _async_try(self) -> ConfigFlowResult:
        """Try what is known by now, and say by ``_refused`` what follows where it wasn't enough."""

    def _refused(self, error: DriverError) -> str:
        """Return the step that follows where the recorder didn't let us in."""
        if isinstance(error, CertificateChangedError):
            self._trusted, self._shown = error.trusted, error.seen
            return "changed_certificate"
        self._note(error)
        return "reauth_confirm" if self.source == SOURCE_REAUTH else "credentials"
