"""What recordings, clips and days are called in the media browser.

Cards take these titles apart: a day is ``2026/9/3``, a recording ``21:47:03 0:00:44 Motion``.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .drivers.models import RecordingKind

_KINDS = tuple(RecordingKind)


class Titles:
    """Titles in the language of Home Assistant."""

    def __init__(self, translations: dict[str, str]) -> None:
        """Initialize."""
        self._translations = translations

    @classmethod
    async def load(cls, hass: HomeAssistant) -> Titles:
        """Return titles with all words at hand."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))

    def word(self, selector: str, option: str) -> str:
        """Return a translated word."""
        key = f"component.{DOMAIN}.selector.{selector}.options.{option}"
        return self._translations.get(key, option)

    def kinds(self, kinds: Iterable[RecordingKind]) -> str:
        """Return why something was recorded, in the order of the model."""
        return ", ".join(self.word("kind", kind.value) for kind in sorted(kinds, key=_KINDS.index))

    def recording(
        self,
        start: datetime,
        duration: timedelta,
        kinds: Iterable[RecordingKind],
        *,
        widely_played: bool = True,
    ) -> str:
        """Return the title of a recording: time of day, duration and kinds, and what browsers have to cope with."""
        seconds = timedelta(seconds=round(duration.total_seconds()))
        title = f"{dt_util.as_local(start):%H:%M:%S} {seconds} {self.kinds(kinds)}".rstrip()
        return title if widely_played else f"{title} · {self.word('coding', 'h265')}"

    def picture(self, instant: datetime, kinds: Iterable[RecordingKind]) -> str:
        """Return the title of a saved picture: time of day and kinds."""
        return f"{dt_util.as_local(instant):%H:%M:%S} {self.kinds(kinds)}".rstrip()


def day_title(day: date) -> str:
    """Return the title of a day."""
    return f"{day.year}/{day.month}/{day.day}"
