"""Answers as devices write them, and a device that gives such answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, override
from xml.etree.ElementTree import Element

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.budget import Budget
from custom_components.nvr.drivers.errors import DriverError, NotSupportedError
from custom_components.nvr.drivers.onvif.question import Heard, Question
from custom_components.nvr.drivers.onvif.service import Service
from custom_components.nvr.drivers.onvif.transport import Transport

type Answer = str | DriverError
type Script = Answer | list[Answer] | Callable[[Mapping[str, object]], Answer]


def tree(text: str) -> Element:
    """Return an answer as it is read; prefixes need not be declared."""
    names = ("tse", "tt", "wsnt", "trc")
    declared = " ".join(f'xmlns:{name}="urn:{name}"' for name in names)
    return xml.parse(f"<tse:Response {declared}>{text}</tse:Response>".encode())


class ScriptedDevice(Transport):
    """Answers by operation; of a list each answer once, and the last for ever. What is no operation of it is absent."""

    def __init__(self, **scripts: Script) -> None:
        self.scripts: dict[str, Script] = dict(scripts)
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def count(self, operation: str) -> int:
        """Return how often something was asked."""
        return sum(name == operation for name, _ in self.asked)

    @override
    def offers(self, service: Service) -> bool | None:
        return True

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        raise NotImplementedError

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        if budget is not None:
            budget.spend()
        self.asked.append((question.operation, question.arguments))
        # Nobody answers at once.
        await asyncio.sleep(0)
        script = self.scripts.get(question.operation, NotSupportedError(question.operation))
        if isinstance(script, list):
            answer = script.pop(0) if len(script) > 1 else script[0]
        elif isinstance(script, str | DriverError):
            answer = script
        else:
            answer = script(question.arguments)
        if isinstance(answer, DriverError):
            raise answer
        now = datetime.now(UTC)
        return Heard(tree=tree(answer), sent=now, received=now)


class EventfulDevice(ScriptedDevice):
    """Tells what happened in the time that it is asked about, and stops after so many events."""

    def __init__(
        self, events: Iterable[tuple[datetime, str]], most: int | None = None, **scripts: Script
    ) -> None:
        self._events = sorted(events)
        self._most = most
        super().__init__(
            FindEvents="<tse:SearchToken>1</tse:SearchToken>",
            GetEventSearchResults=self._found,
            EndSearch="",
            **scripts,
        )

    def _found(self, _: Mapping[str, object]) -> str:
        asked = next(asked for name, asked in reversed(self.asked) if name == "FindEvents")
        start, end = asked["StartPoint"], asked["EndPoint"]
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        told = (text for time, text in self._events if start <= time <= end)
        return results(*islice(told, self._most))


def change(time: datetime, present: bool, container: str = "R1") -> tuple[datetime, str]:
    """Return an event for an `EventfulDevice`, and when it happens."""
    return time, event(f"{time:%Y-%m-%dT%H:%M:%SZ}", present, container=container)


def results(*items: str, state: str = "Completed", last: bool = False) -> str:
    """Return an answer with results; ``last`` puts the state behind them, against the schema."""
    told = f"<tt:SearchState>{state}</tt:SearchState>" if state else ""
    inside = "".join(items) + told if last else told + "".join(items)
    return f"<tse:ResultList>{inside}</tse:ResultList>"


def event(
    time: str,
    present: bool,
    *,
    container: str = "R1",
    track: str = "VIDEO001",
    start: bool = False,
    topic: str = "tns1:RecordingHistory/Track/State",
    data: str = "IsDataPresent",
    utc_time: bool = False,
) -> str:
    """Return a found event; ``utc_time`` has its message say when, and nothing else."""
    result_time = "" if utc_time else f"<tt:Time>{time}</tt:Time>"
    message_time = f' UtcTime="{time}"' if utc_time else ""
    return (
        f"<tt:Result><tt:RecordingToken>{container}</tt:RecordingToken>"
        f"<tt:TrackToken>{track}</tt:TrackToken>{result_time}"
        f"<tt:Event><wsnt:Topic>{topic}</wsnt:Topic><wsnt:Message><tt:Message{message_time}>"
        f'<tt:Data><tt:SimpleItem Name="{data}" Value="{str(present).lower()}"/></tt:Data>'
        f"</tt:Message></wsnt:Message></tt:Event>"
        f"<tt:StartStateEvent>{str(start).lower()}</tt:StartStateEvent></tt:Result>"
    )
