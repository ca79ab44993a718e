"""The answers of a recorded ONVIF device, by the operation that they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from simulator.onvif.namespaces import Service

type Key = tuple[str, str]
"""Namespace and name of an operation."""

FIND_RECORDINGS: Final[Key] = (Service.SEARCH, "FindRecordings")
FIND_EVENTS: Final[Key] = (Service.SEARCH, "FindEvents")
RECORDINGS_FOUND: Final[Key] = (Service.SEARCH, "GetRecordingSearchResults")
EVENTS_FOUND: Final[Key] = (Service.SEARCH, "GetEventSearchResults")


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded message, as it came."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK


@dataclass(slots=True)
class Recording:
    """What was recorded of a device.

    Attributes:
        name: what it is called.
        refusal: how it refuses what it doesn't have, if that was recorded.
    """

    name: str
    refusal: Answer | None = None
    _answers: dict[Key, Answer] = field(default_factory=dict)
    _refusals: dict[Key, Answer] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        """Count the messages."""
        return self._count

    def add(self, key: Key, answer: Answer) -> None:
        """Take an answer to an operation; the first one counts."""
        self._answers.setdefault(key, answer)
        self._count += 1

    def add_refusal(self, key: Key | None, refusal: Answer) -> None:
        """Take a refusal: of an operation, or of any that it doesn't have."""
        if key is None:
            self.refusal = self.refusal or refusal
        else:
            self._refusals.setdefault(key, refusal)
        self._count += 1

    def answer(self, key: Key) -> Answer | None:
        """Give what it said to an operation, None where it was never asked for it."""
        return self._answers.get(key) or self._refusals.get(key)

    def __contains__(self, key: Key) -> bool:
        """Say whether an operation was answered, be it by a refusal."""
        return self.answer(key) is not None

    @property
    def services(self) -> list[str]:
        """The namespaces of the services of which something was recorded, that of the device itself first."""
        known: Mapping[str, None] = dict.fromkeys(
            (
                Service.DEVICE.value,
                *(namespace for namespace, _ in [*self._answers, *self._refusals]),
            )
        )
        return list(known)
