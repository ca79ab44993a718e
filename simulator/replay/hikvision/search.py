"""Searches on a recorded device: what its recorded answers found, by track and time."""

from dataclasses import dataclass
from http import HTTPStatus
import re

from .document import items, read
from .recording import SEARCH, Answer, Recording

_ITEM = re.compile(rb"<(\w+:)?searchMatchItem\b.*?</(?:\w+:)?searchMatchItem>", re.DOTALL)
_TRACK = re.compile(rb"/tracks/(\d+)", re.IGNORECASE)
_LABEL = re.compile(rb"<(?:\w+:)?trackID>\s*(\d+)")
_START = re.compile(rb"<(?:\w+:)?startTime>\s*([-\dT:]{19})")
_END = re.compile(rb"<(?:\w+:)?endTime>\s*([-\dT:]{19})")
_COUNT = re.compile(rb"(<(?:\w+:)?numOfMatches>)[^<]*")
_TOTAL = re.compile(rb"(<(?:\w+:)?totalMatches>)[^<]*")
_TOLD = re.compile(rb"(<(?:\w+:)?responseStatusStrg>)[^<]*")
_DIGITS = len("2026-09-27T00:12:02")
_DEFAULT_RESULTS = 40


@dataclass(frozen=True, slots=True)
class Question:
    """What a client searches for; times by the digits that it wrote."""

    tracks: frozenset[int]
    start: str
    end: str
    position: int = 0
    results: int = _DEFAULT_RESULTS


def read_question(body: bytes) -> Question | None:
    """Read a search, None where it is none."""
    root = read(body)
    if root is None:
        return None

    def texts(name: str) -> list[str]:
        return [(part.text or "").strip() for part in items(root, name)]

    starts, ends = texts("startTime"), texts("endTime")
    numbers = [*texts("trackID"), *texts("maxResults"), *texts("searchResultPostion")]
    if not starts or not ends or not all(map(str.isdecimal, numbers)):
        return None
    return Question(
        tracks=frozenset(map(int, texts("trackID"))),
        start=starts[0][:_DIGITS],
        end=ends[0][:_DIGITS],
        position=next(map(int, texts("searchResultPostion")), 0),
        results=next(map(int, texts("maxResults")), _DEFAULT_RESULTS),
    )


def search(recording: Recording, question: Question) -> Answer | None:
    """Answer a search in the words of the recorded answers, None where there is none."""
    recorded = recording.answers(SEARCH)
    frames = [answer for answer in recorded if not answer.refuses]
    if not frames:
        return recorded[0] if recorded else None
    found = {
        match[0]: None
        for answer in frames
        for match in _ITEM.finditer(answer.body)
        if _fits(match[0], question)
    }
    ordered = sorted(found, key=lambda item: _told(_START, item))
    page = ordered[question.position : question.position + question.results]
    more = len(ordered) > question.position + len(page)
    words = b"MORE" if more else b"OK" if page else b"NO MATCHES"
    body = _with_items(frames[0].body, page)
    body = _TOLD.sub(rb"\g<1>" + words, body)
    body = _COUNT.sub(rb"\g<1>%d" % len(page), body)
    body = _TOTAL.sub(rb"\g<1>%d" % len(ordered), body)
    return Answer(HTTPStatus.OK, body)


def _fits(item: bytes, question: Question) -> bool:
    """Say whether a recording is asked for. The address knows the track, a label may lie."""
    track = int(_told(_TRACK, item) or _told(_LABEL, item) or 0)
    if question.tracks and track not in question.tracks:
        return False
    return _told(_START, item) < question.end and _told(_END, item) > question.start


def _told(pattern: re.Pattern[bytes], item: bytes) -> str:
    match = pattern.search(item)
    return match[1].decode() if match else ""


def _with_items(frame: bytes, page: list[bytes]) -> bytes:
    """Put other items between what stands around those of a recorded answer."""
    found = list(_ITEM.finditer(frame))
    if found:
        return frame[: found[0].start()] + b"\n".join(page) + frame[found[-1].end() :]
    return frame
