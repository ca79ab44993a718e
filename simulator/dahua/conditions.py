"""What a search is for (section 8 of the protocol notes)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulator.core.recordings import Kind, Recording

from .firmware import Firmware
from .grammar import Json
from .times import read

FOOTAGE, PICTURE = "dav", "jpg"
CODES: Final = {
    Kind.MOTION: "VideoMotion",
    Kind.PERSON: "SmartMotionHuman",
    Kind.VEHICLE: "SmartMotionVehicle",
    Kind.LINE_CROSSING: "CrossLineDetection",
    Kind.INTRUSION: "CrossRegionDetection",
    Kind.ALARM: "AlarmLocal",
}
"""The codes of events that recordings are made of."""
_TIMING, _MANUAL, _EVENT = "Timing", "Manual", "Event"
_ANY: Final = "*"
_STREAMS: Final = {"Main": (1,), "Extra1": (2,), "Extra2": (), "Extra3": (), "Extra": (2,)}
_BOTH: Final = (1, 2)
_LAST_FIRST: Final = "Descent"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What is searched for.

    Attributes:
        channels: numbers from 1.
        start: digits of the device's clock.
        end: likewise.
        types: of files; any if empty.
        flags: of which one has to be there; any if empty.
        events: codes, of which one has to be there; any if empty.
        streams: 1 main, 2 sub.
        newest_first: whether the order is turned round.
    """

    channels: tuple[int, ...]
    start: datetime
    end: datetime
    types: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    streams: tuple[int, ...] = _BOTH
    newest_first: bool = False

    def wants(self, recording: Recording) -> bool:
        """Say whether flags and events fit."""
        if self.flags and flag_of(recording) not in self.flags:
            return False
        return not self.events or CODES.get(recording.kind) in self.events

    def wants_type(self, word: str) -> bool:
        """Say whether files of a type are wanted."""
        return not self.types or word in self.types


def flag_of(recording: Recording) -> str:
    """Give the flag that says why something was recorded."""
    match recording.kind:
        case Kind.CONTINUOUS:
            return _TIMING
        case Kind.MANUAL:
            return _MANUAL
        case _:
            return _EVENT


def of_query(firmware: Firmware, asked: Mapping[str, Sequence[str]]) -> Condition:
    """Read a condition of CGI.

    Args:
        firmware: of the device.
        asked: its values, those of lists together.

    Raises:
        ValueError: something is missing, or not what is wanted there.
        KeyError: likewise.
    """
    flags = [value for key in firmware.flags_keys for value in asked.get(key, ())]
    [channel] = asked["Channel"]
    if not (channel.isascii() and channel.isdecimal()):
        raise ValueError(channel)
    return Condition(
        channels=(int(channel) - firmware.channel_base + 1,),
        start=read(firmware, asked["StartTime"][0]),
        end=read(firmware, asked["EndTime"][0]),
        types=_words(asked.get("Types", ())),
        flags=frozenset(flags),
        events=_codes(asked.get("Events", ())),
        streams=_streams(asked.get("VideoStream", ("",))[0]),
    )


def of_call(firmware: Firmware, asked: Mapping[str, Json]) -> Condition:
    """Read a condition of RPC2, where channels are indices.

    Raises:
        ValueError: something is missing, or not what is wanted there.
    """
    channels = asked.get("Channel")
    indices = channels if isinstance(channels, list) else [channels]
    numbers = [index + 1 for index in indices if isinstance(index, int)]
    if len(numbers) != len(indices):
        raise ValueError(channels)
    stream = asked.get("VideoStream")
    return Condition(
        channels=tuple(numbers),
        start=read(firmware, str(asked.get("StartTime"))),
        end=read(firmware, str(asked.get("EndTime"))),
        types=_words(_texts(asked.get("Types"))),
        flags=frozenset(_texts(asked.get("Flags"))),
        events=_codes(_texts(asked.get("Events"))),
        streams=_streams(stream if isinstance(stream, str) else ""),
        newest_first=asked.get("Order") == _LAST_FIRST,
    )


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _words(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)


def _codes(values: Iterable[str]) -> frozenset[str]:
    codes = frozenset(values)
    return frozenset() if _ANY in codes else codes


def _streams(text: str) -> tuple[int, ...]:
    if not text:
        return _BOTH
    return tuple(stream for word in text.split("|") for stream in _STREAMS.get(word, ()))
