"""What worked on this device, kept with the entry and handed to the next driver as JSON."""

from collections.abc import Mapping

from ..driver import JsonValue, Memory
from ..models import ClockConvention

FIRMWARE = "firmware"
CONVENTION = "convention"
CONVENTION_EVIDENCE = "convention_evidence"
CONVENTION_BY_FOOTAGE = "convention_by_footage"
SEARCH_DIALECT = "search_dialect"
SEARCH_PAGE = "search_page"
SEARCH_PAGING = "search_paging"
SEARCH_WINDOW = "search_window"
SEARCH_ENDS_REPEATING = "search_ends_repeating"
SEARCH_TOOK_NOTHING = "search_took_nothing"
DOWNLOAD_VERB = "download_verb"
DOWNLOAD_BY_TIME = "download_by_time"
SNAPSHOT_PATH = "snapshot_path"
FETCHED_BY = "fetched_by"
LIVE_FORM = "live_form"
PLAYBACK_FORM = "playback_form"
PLAYBACK_RANGE = "playback_range"
PLAYBACK_TELLS_TIME = "playback_tells_time"
PLAYBACK_BRINGS_MORE = "playback_brings_more"
HIDES_STALE = "hides_stale"
TREE = "tree"
DOWNLOAD_ADDRESS = "download_address"

MAX_TEXT = 256


class DeviceMemory:
    """The winners among the variants. What makes no sense in a stored memory is forgotten."""

    def __init__(self, stored: Memory) -> None:
        """Initialize with what an earlier driver kept."""
        self._values: dict[str, JsonValue] = dict(stored)

    @property
    def values(self) -> Mapping[str, JsonValue]:
        """All of it, as JSON."""
        return dict(self._values)

    def text(self, key: str) -> str | None:
        """Return a kept text, None where there is none."""
        value = self._values.get(key)
        return value[:MAX_TEXT] if isinstance(value, str) else None

    def flag(self, key: str) -> bool | None:
        """Return a kept truth value, None where there is none."""
        value = self._values.get(key)
        return value if isinstance(value, bool) else None

    def keep(self, key: str, value: str | bool) -> None:
        """Keep a value."""
        self._values[key] = value

    def forget(self, *keys: str) -> None:
        """Forget values."""
        for key in keys:
            self._values.pop(key, None)

    @property
    def convention(self) -> ClockConvention:
        """What the times in search answers mean, as measured before."""
        try:
            return ClockConvention(self.text(CONVENTION) or "")
        except ValueError:
            return ClockConvention.UNKNOWN

    @property
    def firmware(self) -> str | None:
        """The firmware on which all of it was learned."""
        return self.text(FIRMWARE)

    def note_firmware(self, firmware: str) -> None:
        """Forget what may differ in another firmware than the one it was learned on."""
        known = self.text(FIRMWARE)
        if known is not None and known != firmware:
            self.forget(
                CONVENTION,
                CONVENTION_EVIDENCE,
                CONVENTION_BY_FOOTAGE,
                SEARCH_DIALECT,
                SEARCH_PAGE,
                SEARCH_PAGING,
                SEARCH_WINDOW,
                SEARCH_ENDS_REPEATING,
                SEARCH_TOOK_NOTHING,
                DOWNLOAD_VERB,
                DOWNLOAD_BY_TIME,
                SNAPSHOT_PATH,
                FETCHED_BY,
                LIVE_FORM,
                PLAYBACK_FORM,
                PLAYBACK_RANGE,
                PLAYBACK_TELLS_TIME,
                PLAYBACK_BRINGS_MORE,
                HIDES_STALE,
                DOWNLOAD_ADDRESS,
            )
        self.keep(FIRMWARE, firmware)
