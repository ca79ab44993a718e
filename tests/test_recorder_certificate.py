"""A recorder reached by HTTPS is trusted by its own certificate; who shows another gets nothing until a user says so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import ssl
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import async_get_image
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigFlowContext,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.const import (
    CONF_FINGERPRINT,
    CONF_OLD_TLS,
    CONF_TLS,
    CONF_VENDOR,
    DOMAIN,
)
from custom_components.nvr.coordinator import NvrConfigEntry
from custom_components.nvr.trust import readable_fingerprint
from simulator.box import RecorderBox
from simulator.core.certificate import Tls, WebCertificate
from simulator.core.personality import Options, Personality
from simulator.faces import PERSONALITIES
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, login, main_camera, submit
from tests.flow_walk import send, walk
from tests.old_tls import speak_old
from tests.polling import poll


def small_recorder(name: str = "hikvision/camera") -> Personality:
    return PERSONALITIES[name](Options(password=PASSWORD))


@pytest.fixture
def certificate(request: pytest.FixtureRequest) -> WebCertificate:
    return WebCertificate(getattr(request, "param", Tls.TODAY))


@pytest.fixture(autouse=True)
def failed_handshakes(hass: HomeAssistant) -> None:
    """Take it for no failure of Home Assistant's that the recorder, in the same loop, sees handshakes fail."""
    told = hass.loop.get_exception_handler()
    assert told is not None

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), ssl.SSLError | ConnectionError):
            told(loop, context)

    hass.loop.set_exception_handler(tell)


@pytest.fixture
async def box(certificate: WebCertificate) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder that speaks HTTPS alone."""
    async with RecorderBox(small_recorder(), tls=certificate.context) as box:
        yield box


@pytest.fixture
async def secured(hass: HomeAssistant, box: RecorderBox) -> NvrConfigEntry:
    """Add it."""
    return await add(hass, box)


async def change_certificate(box: RecorderBox, certificate: WebCertificate) -> None:
    """Take another certificate, and boot, as recorders do for it."""
    certificate.renew()
    await box.unplug()
    await box.plug()
    box.recorder.requests.clear()


def issue_of(hass: HomeAssistant, entry: NvrConfigEntry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"certificate_changed_{entry.entry_id}")


async def start_repair(hass: HomeAssistant, entry: NvrConfigEntry) -> Any:
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    issue = issue_of(hass, entry)
    assert manager is not None
    assert issue is not None
    return await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})


async def start_reconfigure(hass: HomeAssistant, entry: NvrConfigEntry) -> Any:
    context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    return await hass.config_entries.flow.async_init(DOMAIN, context=context)


async def choose(hass: HomeAssistant, flow: Any, choice: str) -> Any:
    manager = repairs_flow_manager(hass)
    assert manager is not None
    result = await manager.async_configure(flow["flow_id"], {"next_step_id": choice})
    await hass.async_block_till_done()
    return result


async def test_the_first_certificate_is_trusted(
    hass: HomeAssistant, secured: NvrConfigEntry, certificate: WebCertificate
) -> None:
    assert secured.data[CONF_FINGERPRINT] == certificate.fingerprint
    assert secured.data[CONF_OLD_TLS] is False
    assert await async_get_image(hass, main_camera(hass, secured))


@pytest.mark.parametrize("certificate", [Tls.OLD], indirect=True)
async def test_an_old_recorder_is_remembered_as_such(
    hass: HomeAssistant, secured: NvrConfigEntry, certificate: WebCertificate
) -> None:
    assert secured.data[CONF_FINGERPRINT] == certificate.fingerprint
    assert secured.data[CONF_OLD_TLS] is True
    assert await async_get_image(hass, main_camera(hass, secured))


async def test_every_maker_is_trusted_so(hass: HomeAssistant, certificate: WebCertificate) -> None:
    personality = small_recorder("dahua/camera")
    async with RecorderBox(personality, tls=certificate.context) as box:
        entry = await add(hass, box)
        assert entry.data[CONF_FINGERPRINT] == certificate.fingerprint
        assert await async_get_image(hass, main_camera(hass, entry))


@pytest.mark.usefixtures("socket_enabled")
async def test_a_device_that_speaks_onvif_is_trusted_so_and_searched(
    hass: HomeAssistant, certificate: WebCertificate
) -> None:
    async with RecorderBox(small_recorder("onvif/nvr"), tls=certificate.context) as box:
        entry = await add(hass, box)
        assert entry.data[CONF_VENDOR] == "onvif"
        assert entry.data[CONF_FINGERPRINT] == certificate.fingerprint
        polled = len(box.recorder.requests)
        await entry.runtime_data.coordinator.async_refresh()
        assert len(box.recorder.requests) > polled
        assert entry.runtime_data.coordinator.last_update_success
        now = dt_util.utcnow()
        span: dict[str, Any] = {
            "start": (now - timedelta(hours=6)).isoformat(),
            "end": now.isoformat(),
        }
        camera = main_camera(hass, entry)
        found = await act(hass, "search_recordings", entity_id=camera, **span)
        assert found[camera]["recordings"]


async def test_verified_means_verified(hass: HomeAssistant, box: RecorderBox) -> None:
    result = await submit(hass, box, login(encryption="verify"))
    assert result["errors"] == {"base": "invalid_certificate"}
    # Who it is was asked before, without credentials; those went nowhere, now and then.
    asked = len(box.recorder.requests)
    result = await send(hass, result, login(encryption="verify"))
    assert result["errors"] == {"base": "invalid_certificate"}
    assert len(box.recorder.requests) == asked


class TestChanged:
    """What answers shows another certificate."""

    @pytest.fixture
    async def changed(
        self,
        hass: HomeAssistant,
        box: RecorderBox,
        certificate: WebCertificate,
        secured: NvrConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> NvrConfigEntry:
        """Let the recorder change its certificate, and be asked once with it."""
        assert issue_of(hass, secured) is None
        await change_certificate(box, certificate)
        await poll(hass, freezer)
        return secured

    async def test_nothing_is_sent_to_it(
        self,
        hass: HomeAssistant,
        box: RecorderBox,
        changed: NvrConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        assert changed.state is ConfigEntryState.SETUP_RETRY
        assert changed.error_reason_translation_key == "certificate_changed"
        assert issue_of(hass, changed) is not None
        await poll(hass, freezer)
        assert len(box.recorder.requests) == 0
        assert box.recorder.accounts.failed_logins == 0

    async def test_a_user_trusts_the_new_one(
        self, hass: HomeAssistant, changed: NvrConfigEntry, certificate: WebCertificate
    ) -> None:
        trusted = changed.data[CONF_FINGERPRINT]
        flow = await start_repair(hass, changed)
        assert flow["description_placeholders"] == {
            "name": changed.title,
            "trusted": readable_fingerprint(trusted),
            "seen": readable_fingerprint(certificate.fingerprint),
        }
        assert (await choose(hass, flow, "trust"))["type"] == "create_entry"
        assert changed.state is ConfigEntryState.LOADED
        assert changed.data[CONF_FINGERPRINT] == certificate.fingerprint
        assert issue_of(hass, changed) is None
        assert await async_get_image(hass, main_camera(hass, changed))

    async def test_only_the_one_that_was_shown_is_trusted(
        self,
        hass: HomeAssistant,
        changed: NvrConfigEntry,
        box: RecorderBox,
        certificate: WebCertificate,
    ) -> None:
        flow = await start_repair(hass, changed)
        shown = certificate.fingerprint
        await change_certificate(box, certificate)
        await choose(hass, flow, "trust")
        assert changed.state is ConfigEntryState.SETUP_RETRY
        issue = issue_of(hass, changed)
        assert issue is not None
        assert issue.data is not None
        assert (issue.data["trusted"], issue.data["seen"]) == (shown, certificate.fingerprint)
        assert len(box.recorder.requests) == 0

    async def test_a_user_keeps_the_old_one_and_the_recorder_comes_back(
        self,
        hass: HomeAssistant,
        box: RecorderBox,
        certificate: WebCertificate,
        secured: NvrConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        before = dict(secured.data)
        await box.unplug()
        impostor = WebCertificate()
        async with RecorderBox(
            small_recorder(),
            http_port=box.http_port,
            rtsp_port=box.rtsp_port,
            tls=impostor.context,
        ) as other:
            await poll(hass, freezer)
            flow = await start_repair(hass, secured)
            result = await choose(hass, flow, "keep")
            assert (result["type"], result["reason"]) == ("abort", "kept")
            assert issue_of(hass, secured) is not None
            assert secured.data == before
            await poll(hass, freezer)
            assert len(other.recorder.requests) == 0
        await box.plug()
        await poll(hass, freezer)
        assert secured.state is ConfigEntryState.LOADED
        assert issue_of(hass, secured) is None

    async def test_other_credentials_are_not_sent_to_it_either(
        self,
        hass: HomeAssistant,
        box: RecorderBox,
        certificate: WebCertificate,
        secured: NvrConfigEntry,
    ) -> None:
        await change_certificate(box, certificate)
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_REAUTH, "entry_id": secured.entry_id}
        )
        credentials = {CONF_USERNAME: "admin", CONF_PASSWORD: "another"}
        result: Any = await send(hass, flow, credentials)
        assert result["step_id"] == "changed_certificate"
        assert result["description_placeholders"]["seen"] == readable_fingerprint(
            certificate.fingerprint
        )
        assert len(box.recorder.requests) == 0

    async def test_a_recorder_that_is_removed_needs_no_repair(
        self, hass: HomeAssistant, changed: NvrConfigEntry
    ) -> None:
        flows = [await start_repair(hass, changed) for _ in range(2)]
        await hass.config_entries.async_remove(changed.entry_id)
        assert issue_of(hass, changed) is None
        result = await choose(hass, flows[0], "trust")
        assert (result["type"], result["reason"]) == ("abort", "recorder_removed")

    async def test_a_recorder_that_is_disabled_needs_none_until_it_is_enabled(
        self, hass: HomeAssistant, changed: NvrConfigEntry
    ) -> None:
        assert issue_of(hass, changed) is not None
        entries = hass.config_entries
        await entries.async_set_disabled_by(changed.entry_id, ConfigEntryDisabler.USER)
        assert issue_of(hass, changed) is None
        await entries.async_set_disabled_by(changed.entry_id, None)
        assert issue_of(hass, changed) is not None

    async def test_a_repair_that_the_user_settled_otherwise_changes_nothing(
        self,
        hass: HomeAssistant,
        changed: NvrConfigEntry,
        box: RecorderBox,
        certificate: WebCertificate,
    ) -> None:
        repair = await start_repair(hass, changed)
        await change_certificate(box, certificate)
        flow = await walk(
            hass,
            await start_reconfigure(hass, changed),
            {"reconfigure": {CONF_HOST: box.url}, "credentials": login()},
        )
        assert flow["step_id"] == "changed_certificate"
        assert box.recorder.accounts.failed_logins == 0
        assert (await send(hass, flow, {}))["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert changed.state is ConfigEntryState.LOADED
        assert issue_of(hass, changed) is None
        assert (await choose(hass, repair, "trust"))["reason"] == "kept"
        assert changed.data[CONF_FINGERPRINT] == certificate.fingerprint


async def test_a_recorder_that_speaks_only_old_tls_by_now_is_followed(
    hass: HomeAssistant,
    box: RecorderBox,
    certificate: WebCertificate,
    secured: NvrConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    speak_old(certificate)
    await box.unplug()
    await box.plug()
    await poll(hass, freezer)
    assert secured.data[CONF_OLD_TLS] is True
    assert secured.data[CONF_FINGERPRINT] == certificate.fingerprint
    assert secured.state is ConfigEntryState.LOADED
    assert await async_get_image(hass, main_camera(hass, secured))


class TestKnownWithoutACertificate:
    """An entry that trusted anybody until now."""

    @pytest.fixture
    async def trusting(self, hass: HomeAssistant, secured: NvrConfigEntry) -> NvrConfigEntry:
        """Return an entry of a time when nothing was known of certificates."""
        await hass.config_entries.async_unload(secured.entry_id)
        data = {
            key: value
            for key, value in secured.data.items()
            if key not in (CONF_FINGERPRINT, CONF_OLD_TLS)
        }
        hass.config_entries.async_update_entry(secured, data=data)
        assert secured.data[CONF_TLS]
        return secured

    async def test_trusts_the_one_of_the_next_contact(
        self, hass: HomeAssistant, trusting: NvrConfigEntry, certificate: WebCertificate
    ) -> None:
        assert await hass.config_entries.async_setup(trusting.entry_id)
        assert trusting.data[CONF_FINGERPRINT] == certificate.fingerprint
        assert trusting.data[CONF_OLD_TLS] is False

    async def test_waits_for_that_contact(
        self,
        hass: HomeAssistant,
        trusting: NvrConfigEntry,
        box: RecorderBox,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await box.unplug()
        assert not await hass.config_entries.async_setup(trusting.entry_id)
        assert trusting.state is ConfigEntryState.SETUP_RETRY
        assert trusting.error_reason_translation_key == "cannot_connect"
        await box.plug()
        await poll(hass, freezer)
        assert trusting.state is ConfigEntryState.LOADED
        assert CONF_FINGERPRINT in trusting.data
