"""Repairs that a user decides on."""

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .const import CONF_FINGERPRINT
from .entries import recorder_entry
from .trust import readable_fingerprint


class ChangedCertificateFlow(RepairsFlow):
    """Shows the certificate that is trusted and the one that was seen, and trusts the new one or not."""

    def __init__(self, entry_id: str, trusted: str, seen: str) -> None:
        """Initialize with an entry and two fingerprints."""
        self._entry_id = entry_id
        self._trusted = trusted
        self._seen = seen

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Let the user choose."""
        entry = recorder_entry(self.hass, self._entry_id)
        if entry is None:
            return self.async_abort(reason="recorder_removed")
        return self.async_show_menu(
            step_id="init",
            menu_options=["trust", "keep"],
            description_placeholders={
                "name": entry.title,
                "trusted": readable_fingerprint(self._trusted),
                "seen": readable_fingerprint(self._seen),
            },
        )

    async def async_step_trust(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Trust the certificate that was shown to the user, and no other that may be there by now."""
        entry = recorder_entry(self.hass, self._entry_id)
        if entry is None:
            return self.async_abort(reason="recorder_removed")
        if entry.data.get(CONF_FINGERPRINT) != self._trusted:
            # The user said otherwise in the meantime, maybe of another address.
            return self.async_abort(reason="kept")
        data = {**entry.data, CONF_FINGERPRINT: self._seen}
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    async def async_step_keep(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Change nothing; the question goes when the recorder shows its certificate again."""
        return self.async_abort(reason="kept")


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue of ours."""
    entry_id, trusted, seen = (
        str((data or {}).get(key)) for key in ("entry_id", "trusted", "seen")
    )
    return ChangedCertificateFlow(entry_id, trusted, seen)
