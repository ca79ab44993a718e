"""The device's recordings: each a container with tracks, endless timelines that have gaps (section 8 of the notes)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from simulator.core.recorder import SimulatedRecorder
from simulator.core.recordings import Recording, Series
from simulator.rtsp.presentation import Span

from .device import Device
from .errors import Refusal
from .profiles import Profile
from .traits.recording import Contents

VIDEO, AUDIO, METADATA = "Video", "Audio", "Metadata"
_TOKEN: Final = "{r}"
_LONGEST: Final = timedelta(days=1)
# The last recording is looked for in the last hour first, then further and further back.
_STEP: Final = 6
_SERIES: Final = (Series.FILES, Series.EVENTS)
_HEX: Final = 8
_NUMBER_BITS: Final = 24


@dataclass(frozen=True, kw_only=True)
class Container:
    """One recording, as the device has them.

    Attributes:
        recorder: whose it is.
        profile: the stream whose footage is in it.
        token: what it is called by.
        clip: the one file that is in it; None where all of the stream is.
    """

    recorder: SimulatedRecorder
    profile: Profile
    token: str
    clip: Recording | None = None

    @property
    def channel(self) -> int:
        """Number of the channel."""
        return self.profile.channel.number

    @property
    def stream(self) -> int:
        """Number of the stream."""
        return self.profile.stream

    @property
    def tracks(self) -> list[tuple[str, str]]:
        """Token and kind of each of its tracks."""
        tokens = self.profile.tokens
        silent = self.profile.format.audio is None
        known = (
            (tokens.video_track, VIDEO), (tokens.audio_track, AUDIO), (tokens.meta_track, METADATA),
        )  # fmt: skip
        return [
            (self.profile.of(each), kind) for each, kind in known if kind != AUDIO or not silent
        ]

    @property
    def being_recorded(self) -> bool:
        """Whether something is being written to it."""
        last = self._last()
        return last is not None and last.open

    @property
    def earliest(self) -> datetime | None:
        """The first instant of its footage; None if there is none."""
        if self.clip is not None:
            return self.clip.start
        now = self.recorder.now()
        begin = now - self.recorder.schedule.retention - _LONGEST
        first = next(self._recordings(begin, now), None)
        return None if first is None else first.start

    @property
    def latest(self) -> datetime | None:
        """The instant behind its footage, as far as it is written; None if there is none."""
        last = self._last()
        return None if last is None else min(last.end, self._written)

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Give the unbroken footage within a span of true time, as far as it is written by now.

        Yields:
            Bounds at key frames: the first from the one at or before `start`, the last to the first one at or
            after `end`.
        """
        if self.clip is None:
            yield from self.recorder.schedule.spans(self.channel, self.stream, start, end)
        elif (until := min(self.clip.end, self._written)) > start and self.clip.start < end:
            yield self.clip.start, until

    def all_spans(self) -> tuple[Span, ...]:
        """Give all unbroken footage, as far as it is written by now, oldest first."""
        if self.clip is None:
            return self.recorder.schedule.all_spans(self.channel, self.stream)
        return tuple(self.spans(self.clip.start, self.recorder.now()))

    def changes(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
        """Give when footage begins (True) and ends within a span of true time, oldest first."""
        for begins, until in self.spans(start, end):
            if begins > start:
                yield begins, True
            if start <= until <= end and until != self._written:
                yield until, False

    def has_footage(self, instant: datetime) -> bool:
        """Say whether there is footage of an instant."""
        return any(
            begins <= instant for begins, _ in self.spans(instant, instant + _LONGEST / 86_400)
        )

    def events(self, start: datetime, end: datetime) -> Iterator[Recording]:
        """Give the recordings of events within a span of true time, oldest first."""
        found = self._recordings(start, end)
        return (each for each in found if each.series is Series.EVENTS)

    @property
    def _written(self) -> datetime:
        return self.recorder.schedule.written(self.channel, self.stream)

    def _recordings(self, start: datetime, end: datetime) -> Iterator[Recording]:
        if self.clip is None:
            yield from self.recorder.schedule.recordings(self.channel, self.stream, start, end)
        elif self.clip.start < end and self.clip.end > start:
            yield self.clip

    def _last(self) -> Recording | None:
        now = self.recorder.now()
        back, all_of_it = timedelta(hours=1), self.recorder.schedule.retention + _LONGEST
        while back < _STEP * all_of_it:
            found = [*self._recordings(now - min(back, all_of_it), now)]
            if found:
                return max(found, key=lambda each: each.end)
            back *= _STEP
        return None


def containers(device: Device) -> list[Container]:
    """List the recordings."""
    recorder = device.recorder
    found: list[Container] = []
    for profile in device.profiles:
        if profile.stream not in profile.channel.plan.streams:
            continue
        if device.firmware.contents is Contents.CLIPS:
            found += _clips(device, profile)
        else:
            token = profile.of(profile.tokens.recording)
            found.append(Container(recorder=recorder, profile=profile, token=token))
    return found


def container(device: Device, token: str | None) -> Container:
    """Give a recording.

    Raises:
        Refusal: there is none of that name.
    """
    if device.firmware.contents is Contents.CLIPS:
        found = _clip(device, token or "")
    else:
        found = next((each for each in containers(device) if each.token == token), None)
    if found is None:
        raise Refusal.invalid("NoRecording", "Recording not found")
    return found


def replay_path(known: Container) -> str:
    """Give path and query by which a recording is played."""
    profile = known.profile
    return profile.of(profile.tokens.replay).replace(_TOKEN, known.token)


def container_of(device: Device, target: str) -> Container | None:
    """Give the recording that is played by a path with its query, None if none is."""
    for profile in device.profiles:
        head, _, tail = profile.of(profile.tokens.replay).partition(_TOKEN)
        if not (target.startswith(head) and target.endswith(tail)):
            continue
        try:
            known = container(device, target[len(head) : len(target) - len(tail)])
        except Refusal:
            continue
        if replay_path(known) == target:
            return known
    return None


def _clips(device: Device, profile: Profile) -> Iterator[Container]:
    recorder = device.recorder
    now = recorder.now()
    begin = now - recorder.schedule.retention - _LONGEST
    channel = profile.channel.number
    for clip in recorder.schedule.recordings(channel, profile.stream, begin, now):
        yield _holding(device, profile, clip)


def _holding(device: Device, profile: Profile, clip: Recording) -> Container:
    """Give the recording that one file is, called after its beginning (devices/onvif/axis-profile-g)."""
    kind = (profile.stream - 1) * len(_SERIES) + _SERIES.index(clip.series)
    number = (profile.channel.number << 4 | kind) << _NUMBER_BITS | clip.number
    stamp = device.recorder.clock.stamp(clip.start)
    token = f"SD_DISK_{stamp:%Y%m%d_%H%M%S}_{number:0{_HEX}X}"
    return Container(recorder=device.recorder, profile=profile, token=token, clip=clip)


def _clip(device: Device, token: str) -> Container | None:
    try:
        number = int(token.rpartition("_")[2][:_HEX], 16)
    except ValueError:
        return None
    which, clip_number = divmod(number, 1 << _NUMBER_BITS)
    channel, kind = divmod(which, 1 << 4)
    stream, series = divmod(kind, len(_SERIES))
    for profile in device.profiles:
        if (profile.channel.number, profile.stream) != (channel, stream + 1):
            continue
        schedule = device.recorder.schedule
        clip = schedule.find(channel, profile.stream, _SERIES[series], clip_number)
        if clip is not None and (found := _holding(device, profile, clip)).token == token:
            return found
    return None
