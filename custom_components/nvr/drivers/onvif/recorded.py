"""A device as it was recorded: folders of answers instead of a device that answers.

An answer says itself what was asked, by its name and namespace; only of faults the file's name has to say it, as in
``replay_GetReplayUri_NoRecording.xml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
import re
from typing import Any, override
from xml.etree.ElementTree import Element

from .. import xml
from ..budget import Budget
from ..errors import DriverError, InvalidAnswerError, NotSupportedError, UnknownDeviceError
from ..models import Right
from ..recorded_files import files_in, split_head
from .envelope import FAULT, read_message
from .faults import http_fault, soap_fault
from .question import Heard, Question
from .service import Service
from .transport import Transport

SUFFIXES = frozenset({".xml", ".txt", ".soap", ""})
_ANSWER = "Response"
_OPERATION = re.compile(r"(?:Get|Find|Create|Pull|End|Set)[A-Z][A-Za-z0-9]*")

type Key = tuple[str, str]


@dataclass(slots=True)
class Recorded:
    """What was heard, by namespace and operation; refusals by operation alone, as faults name no service."""

    heard: dict[Key, list[Element]] = field(default_factory=dict)
    refused: dict[str, DriverError] = field(default_factory=dict)
    count: int = 0

    def answers(self, service: Service, operation: str) -> list[Element]:
        """Return all answers to an operation."""
        return self.heard.get((service.value, operation), [])


class RecordedTransport(Transport):
    """Answers from a recording."""

    def __init__(self, recorded: Recorded) -> None:
        """Initialize."""
        self._recorded = recorded

    @override
    def offers(self, service: Service) -> bool | None:
        """Return None: what was not recorded may be there all the same."""
        return None

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        """Do nothing: nobody is asked."""

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        operation = question.operation
        if answers := self._recorded.answers(question.service, operation):
            now = datetime.now(UTC)
            return Heard(tree=answers[0], sent=now, received=now)
        if (refusal := self._recorded.refused.get(operation)) is not None:
            raise refusal
        raise NotSupportedError(f"{operation}: not recorded")


def read_folder(folder: Path) -> Recorded:
    """Return what a folder holds. Raises OSError where it can't be read."""
    recorded = Recorded()
    for file, content in files_in(folder, lambda name: name.suffix.lower() in SUFFIXES):
        status, body = split_head(content)
        _read(file, status, body, recorded)
    return recorded


def _read(file: Path, status: int, body: bytes, recorded: Recorded) -> None:
    asked = _OPERATION.search(file.stem)
    try:
        message = read_message(body)
    except InvalidAnswerError, UnknownDeviceError:
        if asked is not None and status >= HTTPStatus.BAD_REQUEST:
            recorded.refused.setdefault(asked[0], http_fault(status, asked[0], Right.SETTINGS))
            recorded.count += 1
        return
    if message is None:
        return
    name = xml.local(message)
    if name == FAULT:
        operation = "" if asked is None else asked[0]
        recorded.refused.setdefault(operation, soap_fault(message, operation, Right.SETTINGS))
        recorded.count += 1
    elif name.endswith(_ANSWER):
        namespace = message.tag[1:].partition("}")[0] if message.tag.startswith("{") else ""
        key = (namespace, name.removesuffix(_ANSWER))
        recorded.heard.setdefault(key, []).append(message)
        recorded.count += 1
