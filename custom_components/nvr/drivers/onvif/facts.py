"""All that has been heard of one device, and the state that follows from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import override

from ..facts import DeviceFacts
from ..models import (
    Channel,
    Disk,
    DiskState,
    OfflineReason,
    Recorder,
    RecorderState,
    Stream,
    StreamName,
)
from . import properties as properties_of
from .containers import trailing_number
from .identity import Identity
from .jobs import Job, is_writing
from .profiles import Profile
from .properties import Property
from .sources import VideoSource, given_name, in_order, inputs, numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlace:
    """Where a channel is found: the input that it is, and the profiles that show it, main stream first."""

    number: int
    source: str
    profiles: tuple[Profile, ...] = ()

    def profile(self, stream: StreamName) -> Profile | None:
        """Return the profile of a stream, None where the channel has none."""
        return dict(zip(StreamName, self.profiles, strict=False)).get(stream)


@dataclass(slots=True, kw_only=True)
class Facts(DeviceFacts[ChannelPlace]):
    """What a device has told. None stands for what it has not."""

    identity: Identity = field(default_factory=Identity)
    sources: tuple[VideoSource, ...] | None = None
    # Of Media1 and of Media2; the second knows more codecs.
    profiles1: tuple[Profile, ...] | None = None
    profiles2: tuple[Profile, ...] | None = None
    titles: Mapping[str, str] | None = None
    jobs: tuple[Job, ...] | None = None
    # By job, whether it writes.
    writing: dict[str, bool] = field(default_factory=dict)
    # By input, whether its signal is lost.
    signal_lost: dict[str, bool] = field(default_factory=dict)
    # By recording, whose channel it is and whether the device writes it now.
    channels_of_recordings: dict[str, int] = field(default_factory=dict)
    recordings_written: dict[str, bool] = field(default_factory=dict)

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The device's media profiles, by whichever service says most of them."""
        return self.profiles2 or self.profiles1 or ()

    @property
    def by_media2(self) -> bool:
        """Whether that is Media2, which then names addresses, too."""
        return bool(self.profiles2)

    @override
    def places(self) -> tuple[ChannelPlace, ...]:
        tokens = self._inputs()
        numbered = numbers(tokens, self.profiles)
        shown: dict[str, list[Profile]] = {}
        for profile in self.profiles:
            shown.setdefault(profile.source, []).append(profile)
        places = [
            ChannelPlace(
                number=numbered[name],
                source=name,
                profiles=tuple(in_order(shown.get(name, ())))[: len(StreamName)],
            )
            for name in tokens
        ]
        return tuple(sorted(places, key=lambda place: place.number))

    def channel_of_profile(self, token: str) -> int | None:
        """Return the channel that a profile shows."""
        return self._channels_of_profiles().get(token)

    def _channels_of_profiles(self) -> Mapping[str, int]:
        numbered = numbers(self._inputs(), self.profiles)
        return {
            one.token: numbered[one.source]
            for one in (*(self.profiles1 or ()), *self.profiles)
            if one.source in numbered
        }

    def take_properties(self, properties: tuple[Property, ...]) -> None:
        """Take what is so now of inputs, jobs and disks."""
        storage: dict[str, bool] = {}
        losses: list[tuple[str, bool]] = []
        for one in properties:
            token = one.token
            if token is None or one.deleted:
                continue
            match one.topic:
                case properties_of.SIGNAL_LOSS:
                    if (lost := one.is_on("State", "IsSignalLoss", "SignalLoss")) is not None:
                        losses.append((self._source_of(token), lost))
                case properties_of.JOB_STATE:
                    if (writes := is_writing(one.data.get("State"))) is not None:
                        self.writing[token] = writes
                case properties_of.STORAGE_FAILURE:
                    if (failed := one.is_on("Failed", "State")) is not None:
                        storage[token] = failed
        self._take_losses(losses)
        if storage:
            self.absent.pop("disks", None)
            told = {name: trailing_number(name) for name in storage}
            distinct = len({*told.values()} - {None}) == len(told)
            self.disks = tuple(
                Disk(
                    number=told[name] or place if distinct else place,
                    name=name,
                    state=DiskState.FAILED if failed else DiskState.OK,
                )
                for place, (name, failed) in enumerate(sorted(storage.items()), start=1)
            )

    def _take_losses(self, losses: list[tuple[str, bool]]) -> None:
        told = dict(losses)
        if len(told) == 1 and len(losses) > 1 and len(self._inputs()) > 1:
            # Some name one input whichever they mean.
            self.signal_lost.clear()
            return
        self.signal_lost.update(told)

    def _source_of(self, token: str) -> str:
        """Return the input that is meant: some events name how it is taken instead."""
        taken = (one.source for one in self.profiles if one.configuration == token)
        return token if token in self._inputs() else next(taken, token)

    def _inputs(self) -> tuple[str, ...]:
        return inputs(self.sources, self.profiles)

    @override
    def state(self) -> RecorderState:
        recording = self._recording()
        places = self.places()
        channels = tuple(self._channel(place, recording, len(places)) for place in places)
        nobody = Recorder(name="", manufacturer="", model="", serial="", firmware="")
        return self._state_of(
            self.identity.recorder() or nobody,
            channels,
            lacks_recorder=not self.identity.known,
            lacks_status=any(channel.online is None for channel in channels),
        )

    def _channel(self, place: ChannelPlace, recording: Mapping[int, bool], count: int) -> Channel:
        online = self._online(place, count)
        return Channel(
            number=place.number,
            name=self._name(place),
            online=online,
            reason=OfflineReason.NO_VIDEO if online is False else _unless(online),
            recording=recording.get(place.number),
            streams=tuple(_streams(place)),
        )

    def _online(self, place: ChannelPlace, count: int) -> bool | None:
        """Return whether an input has a signal: as the device reports it, else by what it says of its picture."""
        lost = self.signal_lost.get(place.source)
        if lost is not None:
            return not lost
        source = next((one for one in self.sources or () if one.token == place.source), None)
        if source is not None and source.has_picture is False:
            return False
        # A camera that answers is there; a recorder lists inputs that nothing is plugged into.
        return True if count == 1 else None

    def _name(self, place: ChannelPlace) -> str:
        titles = self.titles or {}
        for profile in place.profiles:
            if profile.configuration is not None and profile.configuration in titles:
                return titles[profile.configuration]
        return given_name(place.profiles) or f"Channel {place.number}"

    def _recording(self) -> Mapping[int, bool]:
        """Return by channel whether it is being recorded, as far as the device says."""
        found: dict[int, bool] = {}
        shown = self._channels_of_profiles()
        for recording, writes in self.recordings_written.items():
            if (number := self.channels_of_recordings.get(recording)) is not None:
                found[number] = found.get(number, False) or writes
        for job in self.jobs or ():
            writes_now = self.writing.get(job.token, None if job.active else False)
            for number in self._channels_of(job, shown):
                if writes_now is not None:
                    found[number] = found.get(number, False) or writes_now
        return found

    def _channels_of(self, job: Job, shown: Mapping[str, int]) -> set[int]:
        told = {shown[profile] for profile in job.profiles if profile in shown}
        known = self.channels_of_recordings.get(job.recording)
        return told or ({known} if known is not None else set())


def _streams(place: ChannelPlace) -> Iterator[Stream]:
    for name, profile in zip(StreamName, place.profiles, strict=False):
        encoding = profile.encoding
        yield Stream(
            name=name,
            codec=None if encoding is None else encoding.codec,
            width=None if encoding is None else encoding.width,
            height=None if encoding is None else encoding.height,
            fps=None if encoding is None else encoding.fps,
            bitrate_kbps=None if encoding is None else encoding.kbps,
            audio_codec=profile.audio_codec,
        )


def _unless(online: bool | None) -> OfflineReason | None:
    """Return the reason where nothing is wrong, or nothing is told."""
    return None if online else OfflineReason.UNKNOWN
