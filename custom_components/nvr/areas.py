"""Which area a camera is probably in, by its name."""

import re
from unicodedata import normalize

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.util import slugify


def _folded(word: str) -> str:
    """Return a word without accents, in Latin letters."""
    return slugify(word, separator="")


# As makers write them everywhere; then in the languages that recorders speak.
_GENERIC = """
    analog analogue cam ch channel d dvr input ip nvr video
    dome ipc ipcam ipcamera ipdome netcam network ptz webcam

    camera caméra cámara câmera câmara kamera kamerka
    fotocamera telecamera videocamera netzwerkkamera netwerkcamera
    canal canale kanaal kanal kanał kênh voie máyquay
    通道 频道 頻道 数字通道 模拟通道 摄像机 攝像機 攝影機 摄像头 网络摄像机 网络摄像头
    チャンネル チャネル カメラ ネットワークカメラ
"""
GENERIC_WORDS = frozenset(map(_folded, _GENERIC.split()))
"""What recorders call cameras that nobody has named, in the languages they speak."""

_LETTERS = re.compile(r"[^\W\d_]+")


def _words(text: str) -> list[str]:
    return [word for word in slugify(text).split("_") if word]


def _is_generic(text: str) -> bool:
    """Return whether a text is numbers and words that name nothing, whatever stands between them.

    What is two words in one language is one here: "máy quay".
    """
    words = _LETTERS.findall(text)
    return _folded("".join(words)) in GENERIC_WORDS or all(
        _folded(word) in GENERIC_WORDS for word in words
    )


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
    # Letters that come in two parts, as some write accents, would be two words.
    parts = normalize("NFKC", name).replace("_", " ").split()
    kept: list[str] = []
    while parts:
        if _is_generic(" ".join(parts[:2])):
            del parts[:2]
        elif _is_generic(first := parts.pop(0)):
            continue
        else:
            kept.append(first)
    return " ".join(kept) or None
