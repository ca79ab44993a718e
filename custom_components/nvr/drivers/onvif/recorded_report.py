"""What a recorded device says, understood by the same modules that read a live one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
import re

from ..models import (
    Clock,
    ClockConvention,
    Connection,
    Missing,
    RecorderState,
    RecordingKind,
)
from ..report import FoundRecording, Understood
from .addresses import SafeAddresses
from .clock import EVIDENCE, RecorderClock
from .containers import Container, plausible, read_containers
from .device_time import TIME, DeviceTime
from .facts import Facts
from .memory import DeviceMemory
from .places_of_containers import places_of
from .recorded import Recorded, RecordedTransport, read_folder
from .service import Service
from .services import CAPABILITIES, read_input_count
from .sources import CONFIGURATIONS2, VideoSource
from .survey import Survey

# Nobody is there: addresses are read and never asked.
NOBODY = Connection(host="recorded", username="", password="")
# What the service for recordings answers about time.
CONTAINERS = "GetRecordingSearchResults"
_SEARCHED = (CONTAINERS, "GetEventSearchResults")
# Dahua's: three digits of the channel from 0, and two of the stream where they are told.
_DAHUA = re.compile(r"RecordMediaProfile(\d{3})(?:\d\d)?")
# A number alone or behind a word, not the end of what may be hexadecimal.
_TRAILING = re.compile(r"(?<![A-Za-z\d])[A-Za-z]*(\d{1,3})$")
_TIMES = ("GetRecordingSummary", "GetRecordingInformation", *_SEARCHED)


async def understand(folder: Path) -> Understood:
    """Return what was recorded of a device: its state, and recordings where a search was recorded.

    Raises OSError where the folder can't be read.
    """
    recorded = read_folder(folder)
    reader = _Reader(recorded)
    await reader.read()
    return Understood(state=reader.state(), recordings=reader.recordings(), answers=recorded.count)


class _Reader:
    """Asks a recording what there is to ask."""

    def __init__(self, recorded: Recorded) -> None:
        """Initialize."""
        self._recorded = recorded
        self._transport = RecordedTransport(recorded)
        self._facts = Facts()
        self._survey = Survey(self._facts, RecorderClock(), DeviceMemory({}), SafeAddresses(NOBODY))

    async def read(self) -> None:
        """Ask."""
        await self._survey.recorded(self._transport)
        facts = self._facts
        if not facts.sources:
            facts.sources = self._other_inputs()
        facts.clock = self._clock()
        if reason := self._why_no_recordings():
            facts.absent["recordings"] = reason

    def state(self) -> RecorderState:
        """Return what is known of the device."""
        state = self._facts.state()
        missing = [
            entry
            for entry in state.missing
            if state.channels or entry.what not in ("channel_status", "streams")
        ]
        if not (state.recorder.model and state.recorder.serial):
            missing = [entry for entry in missing if entry.what != "recorder"]
            missing.insert(0, Missing(what="recorder", reason=self._why_no_recorder(state)))
        return replace(state, missing=tuple(missing))

    def recordings(self) -> tuple[FoundRecording, ...] | None:
        """Return what searches found, None where none was recorded."""
        if not self._searched:
            return None
        # Two pages, or two searches, may tell of the same one.
        found: dict[str, Container] = {}
        for answer in self._recorded.answers(Service.SEARCH, CONTAINERS):
            for one in read_containers(answer):
                found.setdefault(one.token, one)
        channels = _channels(list(found.values()), self._facts)
        return tuple(_recording(one, channels[one.token]) for one in found.values())

    @property
    def _searched(self) -> bool:
        return any(self._recorded.answers(Service.SEARCH, name) for name in _SEARCHED)

    def _other_inputs(self) -> tuple[VideoSource, ...] | None:
        """Return the inputs by what else names or counts them."""
        for answer in self._recorded.answers(CONFIGURATIONS2.service, CONFIGURATIONS2.operation):
            return CONFIGURATIONS2.read(answer)
        for answer in self._recorded.answers(CAPABILITIES.service, CAPABILITIES.operation):
            if self._facts.profiles:
                return None
            count = read_input_count(answer) or 0
            return tuple(VideoSource(token=f"input {number + 1}") for number in range(count))
        return None

    def _time(self) -> DeviceTime | None:
        answers = self._recorded.answers(TIME.service, TIME.operation)
        return TIME.read(answers[0]) if answers else None

    def _clock(self) -> Clock:
        told = self._time()
        times = any(self._recorded.answers(Service.SEARCH, name) for name in _TIMES)
        if told is None and not times:
            self._facts.absent["clock"] = "no time of the device is recorded"
            return Clock(evidence=self._facts.absent["clock"])
        if told is None:
            self._facts.absent["clock"] = "the device's time is not recorded"
        return Clock(
            convention=ClockConvention.UTC,
            time_zone=None if told is None else told.label,
            evidence=EVIDENCE,
        )

    def _why_no_recordings(self) -> str:
        """Return what is missing of recordings, nothing where nothing is."""
        if self._searched:
            found = self.recordings() or ()
            unset = any(one.start is None and one.start_device for one in found)
            return "recordings begin before the device's clock had been set" if unset else ""
        if "recordings" in self._facts.absent:
            return self._facts.absent["recordings"]
        refused = [
            str(error)
            for name, error in self._recorded.refused.items()
            if name.startswith("Find") or "Recording" in name or "Replay" in name
        ]
        return "; ".join(refused) or "no search recorded"

    def _why_no_recorder(self, state: RecorderState) -> str:
        told = {"model": state.recorder.model, "serial": state.recorder.serial}
        unknown = " and ".join(name for name, value in told.items() if not value)
        return f"nothing recorded tells its {unknown}"


def _channels(containers: Sequence[Container], facts: Facts) -> Mapping[str, int]:
    """Return whose recordings containers are, by their tokens: as for a device that answers, else by numbers in names.

    Where no inputs are recorded, numbers from 0 are taken for ones from 1 less one.
    """
    places = places_of(containers, facts)
    told = {one.token: _number(one) for one in containers if one.token not in places}
    first = 1 if 0 in told.values() else 0
    return {
        **{token: place.channel for token, place in places.items()},
        **{token: 1 if number is None else number + first for token, number in told.items()},
    }


def _number(container: Container) -> int | None:
    """Return the number in a container's names, None where there is none."""
    if (match := _DAHUA.fullmatch(container.token)) is not None:
        return int(match[1]) + 1
    for name in (container.video_source, container.source, container.token):
        if (match := _TRAILING.search(name)) is not None:
            return int(match[1])
    return None


def _recording(container: Container, channel: int) -> FoundRecording:
    """Return what a container says as a recording; it is one without end, so nothing else is known of it."""
    return FoundRecording(
        channel=channel,
        start=plausible(container.earliest),
        end=plausible(container.latest),
        start_device=container.earliest_text,
        end_device=container.latest_text,
        kinds=(RecordingKind.CONTINUOUS.value,),
        size_bytes=None,
    )
