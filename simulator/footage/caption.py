"""The time in the picture for the eye."""

from datetime import timedelta, tzinfo

from .pattern import EPOCH

_MS = 1000


class Caption:
    """Writes instants as wall-clock time of a zone: `2026-11-21 14:00:00.040 +01:00`."""

    def __init__(self, zone: tzinfo) -> None:
        """Initialize."""
        self._zone = zone
        self._second: int | None = None
        self._date_and_time = self._offset = ""

    def at(self, ms: int) -> str:
        """Give the text for an instant, in milliseconds since 1970."""
        second, fraction = divmod(ms, _MS)
        if second != self._second:
            local = (EPOCH + timedelta(seconds=second)).astimezone(self._zone)
            self._date_and_time = f"{local:%Y-%m-%d %H:%M:%S}."
            # Zones of the nineteenth century have seconds in their offsets.
            self._offset = f" {local:%:z}"[:7]
            self._second = second
        return f"{self._date_and_time}{fraction:03}{self._offset}"
