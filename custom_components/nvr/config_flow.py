"""How a recorder is added, logged in to again, and moved to another address."""

from collections.abc import Mapping
from typing import Any, Self, override

from homeassistant.config_entries import (
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectOptionDict
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.helpers.typing import DiscoveryInfoType

from .address import Address, parse_address
from .connection import connection_of
from .const import (
    CONF_AREAS,
    CONF_CHANNELS,
    CONF_ENDPOINT,
    CONF_HIDDEN_CHANNELS,
    CONF_RECORDER,
    CONF_VENDOR,
    DOMAIN,
    LOGGER,
)
from .coordinator import NvrConfigEntry
from .discovery.models import FoundDevice
from .discovery_info import (
    address_of,
    device_of_dhcp,
    device_of_ssdp,
    device_of_zeroconf,
    doors_of,
    is_same,
    label_of,
)
from .drivers.errors import DriverError, UnknownDeviceError
from .finding import Found, find_recorder
from .flow_report import Report, literal
from .forms import (
    CREDENTIALS_SCHEMA,
    address_text,
    choice_schema,
    report_schema,
)
from .guards import async_forget_guard
from .host_names import async_names, with_names
from .identity import recorder_key
from .known_devices import endpoint_of, entry_by_identity, entry_of, is_behind, is_ignored
from .locating import async_locate, of_first_maker
from .memory import hand_over
from .moving import NOT_THERE, STAYS, async_follow, stop_following
from .offers import offered_elsewhere, withdraw_offers
from .options_flow import NvrOptionsFlow
from .reaching_flow import ReachingFlow
from .scanning import DEVICE, async_scan
from .setup_pictures import SetupPictures
from .trial import Trial, async_try_out
from .trust import async_certificate_is_right, trust_data


class NvrConfigFlow(ReachingFlow, domain=DOMAIN):
    """Adds a recorder, renews its credentials, changes its address."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: NvrConfigEntry) -> NvrOptionsFlow:
        """Return the flow of the options."""
        return NvrOptionsFlow()

    def __init__(self) -> None:
        """Initialize."""
        super().__init__()
        self._address_typed: dict[str, Any] = {}
        self._trial: Trial | None = None
        self._pictures: SetupPictures | None = None
        self._reached: Found | None = None

    # Finding a recorder

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which recorder to add: one of those found in the network, or one at a typed address."""
        if self._found is None:
            return await self.async_step_scan()
        if user_input is not None:
            self._typed = user_input
            try:
                self._address = self._chosen(user_input)
            except ValueError:
                self._errors = {CONF_HOST: "invalid_host"}
            else:
                return await self.async_step_recognise()
        options = [
            SelectOptionDict(value=key, label=await self._async_label(device))
            for key, device in self._found.items()
        ]
        return self._async_show("user", choice_schema(options), self._typed)

    def _chosen(self, user_input: Mapping[str, Any]) -> Address:
        """Return the address that was typed, else that of the recorder that was picked.

        Raises:
            ValueError: What was typed is none.
        """
        self._device = None
        if CONF_HOST in user_input or not self._found:
            return parse_address(user_input[CONF_HOST])
        device = self._device = self._found[user_input[CONF_RECORDER]]
        return address_of(device)

    async def _async_label(self, device: FoundDevice) -> str:
        """Return what a device is listed as, with a mark where nobody can log in to it yet."""
        label = label_of(device)
        if not device.needs_setup:
            return label
        return (await Report.load(self.hass)).word("found", "not_set_up", device=label)

    async def async_step_scan(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show that recorders are being looked for."""
        return await self._async_work("scan", self._async_scan)

    async def _async_scan(self) -> str:
        found: tuple[FoundDevice, ...] = ()
        try:
            found = await async_scan(self.hass)
        except (OSError, DriverError) as error:
            # An address can be typed all the same.
            LOGGER.warning("The network could not be searched for recorders: %s", error)
        self._found = {device.key: device for device in found}
        return "user"

    # Being told of one

    @override
    async def async_step_integration_discovery(
        self, discovery_info: DiscoveryInfoType
    ) -> ConfigFlowResult:
        """Take up what a scan of ours found."""
        return await self._async_offer(discovery_info[DEVICE])

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Take up what asked for an address: a new device, or a recorder of ours that was given another one."""
        return await self._async_offer(device_of_dhcp(discovery_info))

    @override
    async def async_step_ssdp(self, discovery_info: SsdpServiceInfo) -> ConfigFlowResult:
        """Take up what announced itself by SSDP."""
        return await self._async_offer(device_of_ssdp(discovery_info))

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Take up what announced itself by zeroconf."""
        return await self._async_offer(device_of_zeroconf(discovery_info))

    async def _async_offer(self, device: FoundDevice | None) -> ConfigFlowResult:
        """Offer a new device to the user, if it proves to be a recorder; follow one of ours."""
        if device is None:
            return self.async_abort(reason="unknown_device")
        device = with_names(device, await async_names(self.hass))
        if (entry := entry_of(self.hass, device)) is not None:
            return await self._async_follow(entry, device)
        if self._is_unwanted(device):
            return self.async_abort(reason=STAYS)
        self._device = device
        left = await self._async_left(device)
        if not left and (reason := await self._async_claim(device)) is not None:
            return self.async_abort(reason=reason)
        try:
            self._sites = of_first_maker(await self._async_locate(address_of(device)))
        except UnknownDeviceError:
            return self.async_abort(reason="unknown_device")
        except DriverError:
            return self.async_abort(reason=NOT_THERE)
        if entry_of(self.hass, device) is not None or self._is_unwanted(device):
            # It was added or ignored meanwhile, which takes others no longer than the look at it.
            return self.async_abort(reason=STAYS)
        if left:
            withdraw_offers(self.hass, left)
            if (reason := await self._async_claim(device)) is not None:
                return self.async_abort(reason=reason)
        self.context["title_placeholders"] = {"name": await self._async_label(device)}
        return await self.async_step_credentials()

    def _is_unwanted(self, device: FoundDevice) -> bool:
        return is_behind(self.hass, device) or is_ignored(self.hass, device)

    async def _async_claim(self, device: FoundDevice) -> str | None:
        """Let no other flow offer the device; return why this one is not to, where that is so."""
        await self.async_set_unique_id(device.key)
        self._abort_if_unique_id_configured()
        matching = self.hass.config_entries.flow.async_has_matching_flow(self)
        return "already_in_progress" if matching else None

    async def _async_left(self, device: FoundDevice) -> frozenset[FoundDevice]:
        """Return what the device is offered as at addresses where nobody answers any more: it has moved."""
        return frozenset(
            [
                one
                for one in offered_elsewhere(self.hass, device)
                if not await self._async_is_there(one)
            ]
        )

    async def _async_is_there(self, device: FoundDevice) -> bool:
        try:
            await async_locate(self.hass, address_of(device), doors_of(device))
        except DriverError:
            return False
        return True

    @override
    def is_matching(self, other_flow: Self) -> bool:
        """Return whether another flow offers the same device: it may have been told of in several ways."""
        ours, theirs = self._device, other_flow._device
        return ours is not None and theirs is not None and is_same(ours, theirs)

    async def _async_follow(self, entry: NvrConfigEntry, device: FoundDevice) -> ConfigFlowResult:
        await self.async_set_unique_id(entry.unique_id)
        if entry.disabled_by is not None:
            return self.async_abort(reason=STAYS)
        if entry.data[CONF_HOST] in device.hosts:
            # What doesn't say who it is may be another device, which was given the address that ours left.
            if entry_by_identity(self.hass, device) is entry:
                stop_following(self.hass, entry.entry_id)
            return self.async_abort(reason=STAYS)
        return self.async_abort(reason=await async_follow(self.hass, entry, device.host))

    # Adding it

    async def async_step_test(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show that the recorder is being tried out."""
        return await self._async_work("test", self._async_test)

    async def _async_test(self) -> str:
        try:
            self._trial = await async_try_out(
                self.hass, connection_of(self._data), self.async_update_progress
            )
        except DriverError as error:
            return self._refused(error)
        if not recorder_key(self._trial.state.recorder):
            self._errors = {"base": "no_identity"}
            return "credentials"
        return "report"

    async def async_step_report(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what works and what doesn't, and ask which channels are wanted."""
        trial = self._trial
        assert trial is not None
        recorder, channels = trial.state.recorder, trial.state.channels
        title = recorder.title or self._data[CONF_HOST]
        if user_input is None:
            await self.async_set_unique_id(recorder_key(recorder), raise_on_progress=False)
            self._abort_if_unique_id_configured()
            self._pictures = self._pictures or SetupPictures(self.hass)
            self._pictures.keep(trial.pictures)
            report = await Report.load(self.hass)
            self._placeholders = {
                "name": title,
                "report": report.write(trial, self._pictures.addresses()),
            }
            return self._async_show("report", report_schema(channels), {})
        picked = user_input.get(CONF_CHANNELS, ())
        hand_over(self.hass, recorder_key(recorder), trial.memory)
        return self.async_create_entry(
            title=title,
            data={
                **self._data,
                **trust_data(trial.connection),
                **self._known_by(),
                CONF_VENDOR: trial.vendor,
            },
            options={
                CONF_HIDDEN_CHANNELS: [
                    one.number for one in channels if str(one.number) not in picked
                ],
                CONF_AREAS: user_input[CONF_AREAS],
            },
        )

    def _known_by(self) -> dict[str, str]:
        """Return what an entry keeps of how its recorder is heard in the network, nothing where that isn't needed."""
        endpoint = None
        if self._kept is not None:
            endpoint = self._kept.data.get(CONF_ENDPOINT)
        elif self._device is not None and self._data[CONF_HOST] in self._device.hosts:
            endpoint = endpoint_of(self._device)
        return {} if endpoint is None else {CONF_ENDPOINT: endpoint}

    @callback
    @override
    def async_remove(self) -> None:
        """Forget the pictures: the flow is over."""
        if self._pictures is not None:
            self._pictures.forget()

    @override
    async def _async_try(self) -> ConfigFlowResult:
        return await self.async_step_test() if self._kept is None else await self.async_step_login()

    # Keeping it

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where a recorder is now; from there on it is as when one is added."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            self._address_typed = user_input
            try:
                self._address = parse_address(user_input[CONF_HOST])
            except ValueError:
                self._errors = {CONF_HOST: "invalid_host"}
            else:
                return await self.async_step_recognise()
        values = self._address_typed or {CONF_HOST: address_text(entry.data)}
        return self._async_show("reconfigure", choice_schema(()), values)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for credentials that the recorder accepts."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the credentials that were given."""
        entry = self._get_reauth_entry()
        if user_input is not None:
            self._typed = user_input
            self._data = {**entry.data, **user_input}
            return await self.async_step_login()
        # Named by the device, and shown as Markdown.
        self._placeholders = {**self._placeholders, "name": literal(entry.title)}
        values = {CONF_USERNAME: entry.data[CONF_USERNAME], **self._typed}
        return self._async_show("reauth_confirm", CREDENTIALS_SCHEMA, values)

    async def async_step_login(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show that the recorder is being logged in to."""
        return await self._async_work("login", self._async_login)

    async def _async_login(self) -> str:
        """Log in once; what the account may do was told when the recorder was added, and stopped nobody."""
        try:
            self._reached = await find_recorder(self.hass, connection_of(self._data))
        except DriverError as error:
            return self._refused(error)
        return "keep"

    async def async_step_keep(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Keep how the recorder was reached, if it is the same; nothing was changed until here."""
        entry, reached = self._kept, self._reached
        assert entry is not None
        assert reached is not None
        await self.async_set_unique_id(recorder_key(reached.recorder), raise_on_progress=False)
        self._abort_if_unique_id_mismatch(reason="wrong_recorder")
        stop_following(self.hass, entry.entry_id)
        await async_forget_guard(self.hass, entry.entry_id)
        async_certificate_is_right(self.hass, entry)
        return self.async_update_reload_and_abort(
            entry,
            data={
                **self._data,
                **trust_data(reached.connection),
                **self._known_by(),
                CONF_VENDOR: reached.vendor,
            },
        )
