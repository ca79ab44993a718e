"""What a driver understood of a recorder, as one JSON object for people and bug reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import re

from .clock import DeviceClock
from .driver import JsonValue
from .models import Channel, Clock, Disk, Recorder, RecorderState, Recording, Stream
from .reading import Match

# What tells one device from others of its model: the tail of the serial, and the MAC without the maker's part.
SERIAL_SECRET = 9
MAC_SECRET_OCTETS = 3
SHORTEST_SECRET = 5
_CREDENTIALS = re.compile(r"//[^/\s@]*@")

type Json = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecording:
    """A recording as a search named it; ``start`` and ``end`` are None while nobody knows what its digits mean."""

    channel: int
    start: datetime | None
    end: datetime | None
    start_device: str
    end_device: str
    kinds: tuple[str, ...]
    size_bytes: int | None

    @classmethod
    def of(cls, recording: Recording) -> FoundRecording:
        """Take over a recording."""
        return cls(
            channel=recording.channel,
            start=recording.start,
            end=recording.end,
            start_device=recording.start_device,
            end_device=recording.end_device,
            kinds=tuple(sorted(recording.kinds)),
            size_bytes=recording.size_bytes or recording.allotted_bytes,
        )

    @classmethod
    def read(cls, match: Match, channel: int, device: DeviceClock | None) -> FoundRecording:
        """Read a match, without ``device`` in its own digits alone."""
        return cls(
            channel=channel,
            start=None if device is None else device.to_utc(match.start),
            end=None if device is None else device.to_utc(match.end),
            start_device=match.start_text,
            end_device=match.end_text,
            kinds=tuple(sorted(match.kinds)),
            size_bytes=match.size_bytes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What recorded answers say; ``recordings`` is None where no search was recorded.

    ``answers`` counts those that are answers of a vendor's devices, which tells one vendor from another.
    """

    state: RecorderState
    recordings: tuple[FoundRecording, ...] | None
    answers: int


def report(
    state: RecorderState, recordings: tuple[FoundRecording, ...] | None, *, full: bool
) -> Json:
    """Return the object. Serial and MAC are masked unless ``full``; credentials in texts always are."""
    recorder = state.recorder
    if not full and 0 < len(recorder.serial) < SHORTEST_SECRET:
        recorder = replace(recorder, serial="*" * SHORTEST_SECRET)
    found: Json = {
        "recorder": _recorder(recorder),
        "channels": [_channel(channel) for channel in state.channels],
        "disks": [_disk(disk) for disk in state.disks],
        "clock": _clock(state.clock),
        "missing": [{"what": entry.what, "reason": entry.reason} for entry in state.missing],
    }
    if recordings is not None:
        found["recordings"] = [_recording(recording) for recording in recordings]
    masked = _mapped(found, lambda text: _CREDENTIALS.sub("//***@", text))
    if not full:
        masked = _mapped(masked, _masker(state.recorder))
    assert isinstance(masked, dict)
    return masked


def _recorder(recorder: Recorder) -> Json:
    return {
        "name": recorder.name or None,
        "manufacturer": recorder.manufacturer or None,
        "model": recorder.model or None,
        "serial": recorder.serial or None,
        "firmware": recorder.firmware or None,
        "mac": recorder.mac,
    }


def _channel(channel: Channel) -> Json:
    return {
        "number": channel.number,
        "name": channel.name,
        "online": channel.online,
        "reason": None if channel.reason is None else channel.reason.value,
        "streams": [_stream(stream) for stream in channel.streams],
    }


def _stream(stream: Stream) -> Json:
    return {
        "name": stream.name.value,
        "codec": stream.codec,
        "width": stream.width,
        "height": stream.height,
        "fps": stream.fps,
        "bitrate_kbps": stream.bitrate_kbps,
    }


def _disk(disk: Disk) -> Json:
    return {
        "number": disk.number,
        "state": disk.state.value,
        "capacity_bytes": disk.capacity_bytes,
        "free_bytes": disk.free_bytes,
    }


def _clock(clock: Clock) -> Json:
    return {
        "convention": clock.convention.value,
        "offset_s": None if clock.offset is None else round(clock.offset.total_seconds(), 3),
        "time_zone": clock.time_zone,
        "evidence": clock.evidence or "none",
    }


def _recording(recording: FoundRecording) -> Json:
    return {
        "channel": recording.channel,
        "start": _instant(recording.start),
        "end": _instant(recording.end),
        "start_device": recording.start_device,
        "end_device": recording.end_device,
        "kinds": list(recording.kinds),
        "size_bytes": recording.size_bytes,
    }


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _mapped(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """Return the same JSON with every text changed."""
    match value:
        case str():
            return change(value)
        case list():
            return [_mapped(item, change) for item in value]
        case Mapping():
            return {key: _mapped(item, change) for key, item in value.items()}
        case _:
            return value


def _masker(recorder: Recorder) -> Callable[[str], str]:
    """Return what blanks the telling parts of serial and MAC wherever they stand."""
    secrets = []
    # A few characters would be found in words that have nothing to do with it.
    if len(recorder.serial) >= SHORTEST_SECRET:
        secrets.append(recorder.serial[-SERIAL_SECRET:])
    if recorder.mac is not None:
        octets = recorder.mac.split(":")[-MAC_SECRET_OCTETS:]
        secrets += [separator.join(octets) for separator in (":", "-", "")]
    patterns = [re.compile(re.escape(secret), re.IGNORECASE) for secret in secrets if secret]

    def mask(text: str) -> str:
        for pattern in patterns:
            text = pattern.sub(lambda match: re.sub(r"[^:-]", "*", match[0]), text)
        return text

    return mask
