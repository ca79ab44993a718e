"""What worked on a device, kept with the entry and handed to the next driver as JSON."""

from collections.abc import Mapping
from typing import ClassVar

from .driver import JsonValue, Memory

FIRMWARE = "firmware"
HIDES_STALE = "hides_stale"
NONCES_LAST = "nonces_last"
FETCHED_BY = "fetched_by"
PLAYBACK_FORM = "playback_form"
PLAYBACK_RANGE = "playback_range"
PLAYBACK_TELLS_TIME = "playback_tells_time"
PLAYBACK_BRINGS_MORE = "playback_brings_more"

MAX_TEXT = 256


class DeviceMemory:
    """The winners among the variants. What makes no sense in a stored memory is forgotten."""

    # What another firmware on the same device does not change.
    lasting: ClassVar[frozenset[str]] = frozenset()

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
    def firmware(self) -> str | None:
        """The firmware on which all of it was learned."""
        return self.text(FIRMWARE)

    def note_firmware(self, firmware: str) -> None:
        """Forget what may differ in another firmware than the one it was learned on."""
        known = self.text(FIRMWARE)
        if known is not None and known != firmware:
            self.forget(*(self._values.keys() - self.lasting))
        self.keep(FIRMWARE, firmware)
