"""The twelve languages say all that English says, in words of their own."""

from collections import Counter
from collections.abc import Mapping
import json
from pathlib import Path
import re
from typing import cast

import pytest

from tests.hassfest.integration import Json, leaves

TRANSLATIONS = Path(__file__).resolve().parents[1] / "custom_components/nvr/translations"
ENGLISH = "en"
OTHERS = ("de", "fr", "es", "pt", "it", "nl", "pl", "tr", "vi", "zh-Hans", "ja")

# What is the same word in another language, by the reading of someone who looked at each.
SAME_AS_ENGLISH: Mapping[str, frozenset[str]] = {
    text: frozenset(languages.split())
    for text, languages in {
        "Clip": "de fr es it nl",
        "Intrusion": "fr",
        "Manual": "es",
        "Name": "de",
        "OK": "de fr it",
        "Offline": "de",
        "Online": "de",
        "Password": "it",
        "Person": "de",
        "Status": "de",
        "Stream": "de",
        "Sub": "de",
    }.items()
}

PLACEHOLDER = re.compile(r"\{\w*\}")
# What a reader types or looks for somewhere else, and what Markdown makes of a text.
KEPT = re.compile(r"`|\n|\*\*|✓|HTTPS|ISAPI|CGI|NTP|RTSP|SHA-256|H\.26\d|JPEG|Home Assistant")
# The frontend's message format takes an apostrophe before these for the start of a quotation, in
# which placeholders stay as they are; two apostrophes become one.
QUOTATION = re.compile(r"'[{}<>|#']")


def _texts(language: str) -> dict[str, str]:
    tree = cast("Json", json.loads(_read(language)))
    return {key: str(text) for key, text in leaves(tree)}


def _read(language: str) -> str:
    return (TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8")


def _problems(english: Mapping[str, str], texts: Mapping[str, str], language: str) -> list[str]:
    """Say what is wrong with a language's texts, whose keys are those of English."""
    found = []
    for key, text in texts.items():
        for what, pattern in (("placeholders", PLACEHOLDER), ("fixed words", KEPT)):
            if Counter(pattern.findall(text)) != Counter(pattern.findall(english[key])):
                found.append(f"{key}: other {what} than in English")
        if not text.strip():
            found.append(f"{key}: empty")
        if QUOTATION.search(text):
            found.append(f"{key}: an apostrophe that quotes")
        if text == english[key] and not _may_be_same(text, language):
            found.append(f"{key}: still English: {text}")
    return found


def _may_be_same(text: str, language: str) -> bool:
    says_nothing_itself = not PLACEHOLDER.sub("", text).strip()
    return says_nothing_itself or language in SAME_AS_ENGLISH.get(text, frozenset())


def test_there_are_twelve_languages() -> None:
    assert {file.stem for file in TRANSLATIONS.glob("*.json")} == {ENGLISH, *OTHERS}


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_texts_of_english_in_their_order(language: str) -> None:
    assert list(_texts(language)) == list(_texts(ENGLISH))


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_written_like_english(language: str) -> None:
    """Two spaces and letters as they are, so that a translator reads them and changes are small."""
    text = _read(language)
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_whole(language: str) -> None:
    assert _problems(_texts(ENGLISH), _texts(language), language) == []


def test_the_list_of_same_words_holds_nothing_more() -> None:
    english = _texts(ENGLISH)
    same = {
        (text, language)
        for language in OTHERS
        for key, text in _texts(language).items()
        if text == english[key] and PLACEHOLDER.sub("", text).strip()
    }
    listed = {(text, language) for text, known in SAME_AS_ENGLISH.items() for language in known}
    assert same == listed


@pytest.mark.parametrize(
    ("english", "german", "problem"),
    [
        ("Wait for {name}", "Warte auf", "placeholders"),
        ("{name} waits", "{name} wartet auf {name}", "placeholders"),
        ("Turn HTTPS on", "Schalte Verschlüsselung ein", "fixed words"),
        ("Shown: `{seen}`", "Gezeigt: {seen}", "fixed words"),
        ("Wait", " ", "empty"),
        ("The {name}", "L'{name}", "apostrophe"),
        ("Wait", "Wait", "still English"),
    ],
)
def test_what_is_wrong_is_seen(english: str, german: str, problem: str) -> None:
    assert problem in str(_problems({"key": english}, {"key": german}, "de"))


def test_what_is_right_is_let_through() -> None:
    english = {"clip": "Clip", "name": "{name}", "wait": "Wait for {name} with HTTPS"}
    german = {"clip": "Clip", "name": "{name}", "wait": "Mit HTTPS auf {name} warten"}
    assert _problems(english, german, "de") == []
