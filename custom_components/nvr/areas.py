"""Which area a camera is probably in, by its name."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.util import slugify

GENERIC_WORDS = frozenset(
    {
        *("analog", "ch", "channel", "d", "input", "nvr", "video"),
        *("cam", "camara", "camera", "fotocamera", "ip", "ipc", "ipcam", "ipcamera", "telecamera"),
        *("kamera", "kanaal", "kanal"),
    }
)
"""What recorders call cameras that nobody has named, in the languages they speak."""


def _words(text: str) -> list[str]:
    return [word for word in slugify(text).split("_") if word]


def _is_generic(word: str) -> bool:
    return word.rstrip("0123456789") in {"", *GENERIC_WORDS}


@callback
def suggest_area(hass: HomeAssistant, name: str) -> str | None:
    """Return the name of the area that a camera's name speaks of, None where it speaks of none.

    One that exists is preferred, by name or alias, the longest first. Else it is what remains of the name without
    numbers and words such as "camera".
    """
    words = _words(name)
    known = [
        (_words(called), area.name)
        for area in ar.async_get(hass).async_list_areas()
        for called in (area.name, *area.aliases)
    ]
    for wanted, area_name in sorted(known, key=lambda one: len(one[0]), reverse=True):
        if wanted and any(
            words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1)
        ):
            return area_name
    kept = [word for word in name.replace("_", " ").split() if not _is_generic(slugify(word))]
    return " ".join(kept) or None
