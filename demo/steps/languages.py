"""In which languages are the pages of set-up there?"""

import re
from typing import Any, Final

from demo.api import Api
from demo.entry import DOMAIN

ENGLISH: Final = "en"
LANGUAGES: Final = (
    *(ENGLISH, "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "vi", "zh-Hans", "ja"),
)
CATEGORIES: Final = ("config", "options", "selector")
# One or two words may well be the same in another language, a sentence is not.
SENTENCE_WORDS: Final = 4
PLACEHOLDER: Final = re.compile(r"\{\w+\}")
WORD: Final = re.compile(r"[^\W\d_]+")


async def complete_languages(api: Api) -> set[str]:
    """Return those languages in which Home Assistant has every sentence of set-up and options."""
    english = await _texts(api, ENGLISH)
    sentences = {key for key, text in english.items() if _is_sentence(text)}
    complete = {ENGLISH} if sentences else set()
    for language in LANGUAGES:
        texts = await _texts(api, language)
        # Home Assistant puts English where a text is missing.
        if sentences and all(texts.get(key, english[key]) != english[key] for key in sentences):
            complete.add(language)
    return complete


def _is_sentence(text: str) -> bool:
    return len(WORD.findall(PLACEHOLDER.sub("", text))) >= SENTENCE_WORDS


async def _texts(api: Api, language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for category in CATEGORIES:
        answer: Any = await api.ask(
            "frontend/get_translations", language=language, category=category, integration=DOMAIN
        )
        texts |= answer["resources"]
    return texts
