"""All that has been heard of one device, and the state that follows from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import override

from ..facts import ASSUMED_STREAMS, DeviceFacts
from ..models import Channel, OfflineReason, Recorder, RecorderState, Stream
from .channels import NO_VIDEO, ChannelState, RemoteDevice
from .device_time import SavingRules, TimeServer
from .identity import DEFAULT_MANUFACTURER, DeviceClass, Identity
from .settings import RecordMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlace:
    """Where a channel is found: ``number`` is ours and counts from 1, ``index`` is that of the tables."""

    number: int
    remote: RemoteDevice | None = None

    @property
    def index(self) -> int:
        """The channel's place in tables and in RPC2."""
        return self.number - 1

    @property
    def is_foreign(self) -> bool:
        """Whether its camera is of another maker, whose pictures some recorders don't hand on."""
        return self.remote is not None and self.remote.onvif


@dataclass(slots=True, kw_only=True)
class Facts(DeviceFacts[ChannelPlace]):
    """What a Dahua device has told."""

    identity: Identity = field(default_factory=Identity)
    titles: Mapping[int, str | None] | None = None
    remotes: Mapping[int, RemoteDevice] | None = None
    states: Mapping[int, ChannelState] | None = None
    inputs: int | None = None
    video_loss: frozenset[int] | None = None
    # Of channels of which nothing else tells whether they are there: whether they gave a picture.
    seen: dict[int, bool] = field(default_factory=dict)
    streams: Mapping[int, tuple[Stream, ...]] | None = None
    modes: Mapping[int, RecordMode] | None = None
    recording: dict[int, bool] | None = None
    time_server: TimeServer = field(default_factory=TimeServer)
    saving_rules: SavingRules = field(default_factory=SavingRules)
    # Off where a device is inspected, or answers were recorded: then nothing is claimed that it didn't tell.
    assumes: bool = True

    @property
    def device_class(self) -> DeviceClass:
        """What the device is."""
        return self.identity.device_class(has_remotes=bool(self.remotes))

    @override
    def places(self) -> tuple[ChannelPlace, ...]:
        remotes = {
            index: remote for index, remote in (self.remotes or {}).items() if remote.is_used
        }
        match self.device_class:
            case DeviceClass.CAMERA:
                indexes = self._lenses()
            case DeviceClass.HYBRID:
                indexes = {*remotes, *self._analogue()}
            case DeviceClass.RECORDER | DeviceClass.UNKNOWN:
                indexes = set(remotes) if self.remotes else self._listed()
        states = self.states or {}
        return tuple(
            ChannelPlace(number=index + 1, remote=remotes.get(index))
            for index in sorted(indexes)
            if not (index in states and states[index].is_empty)
        )

    def is_analogue(self, place: ChannelPlace) -> bool:
        """Whether a channel is fed by a cable of its own."""
        return self.device_class is DeviceClass.HYBRID and place.remote is None

    def untold(self) -> list[ChannelPlace]:
        """Return the channels of which nothing tells whether a camera is there but whether it gives a picture."""
        return [place for place in self.places() if self._told_state(place) is None]

    @override
    def state(self) -> RecorderState:
        channels = tuple(self._channel(place) for place in self.places())
        nobody = Recorder(
            name="", manufacturer=DEFAULT_MANUFACTURER, model="", serial="", firmware=""
        )
        return self._state_of(
            self.identity.recorder() or nobody,
            channels,
            lacks_recorder=not self.identity.known,
            lacks_status=any(channel.online is None for channel in channels),
        )

    def _lenses(self) -> set[int]:
        """Return a camera's own channels: one, or more where it has several lenses."""
        listed = self.titles or dict.fromkeys(self.streams or ())
        return set(listed) or ({0} if self.assumes else set())

    def _analogue(self) -> set[int]:
        """Return a hybrid's own inputs: rows of titles that no network camera stands for."""
        rows = {*(self.titles or ())} - {*(self.remotes or ())}
        if self.inputs:
            return {index for index in rows if index < self.inputs}
        return rows

    def _listed(self) -> set[int]:
        """Return what there is to go by where network cameras are not listed; titles are capacity, no more."""
        if self.states:
            return set(self.states)
        return set(self.titles or ())

    def _channel(self, place: ChannelPlace) -> Channel:
        state = self._state(place)
        online = None if state is None else state.online
        remote = place.remote
        return Channel(
            number=place.number,
            name=self._name(place),
            online=online,
            reason=OfflineReason.UNKNOWN if state is None else state.reason,
            reason_device=None if state is None or state.online else state.word,
            recording=self._recording(place),
            streams=tuple(self._streams(place)),
            manufacturer=None if remote is None else remote.manufacturer,
            model=None if remote is None else remote.model,
            serial=None if remote is None else remote.serial,
            firmware=None if remote is None else remote.firmware,
            host=None if remote is None else remote.host,
            mac=None if remote is None else remote.mac,
        )

    def _state(self, place: ChannelPlace) -> ChannelState | None:
        """Return how a channel is connected, by the first evidence there is."""
        if (told := self._told_state(place)) is not None:
            return told
        seen = self.seen.get(place.number)
        if seen is None or (not seen and place.is_foreign):
            # Of other makers' cameras some recorders hand on no picture although they are there.
            return None
        return ChannelState(word="Connected" if seen else "Unconnect")

    def _told_state(self, place: ChannelPlace) -> ChannelState | None:
        """Return how a channel is connected by what the device says of it."""
        if (state := (self.states or {}).get(place.index)) is not None:
            return state
        if self.device_class is DeviceClass.CAMERA:
            return ChannelState(word="Connected")
        if self.video_loss is not None and place.index in self.video_loss:
            return NO_VIDEO
        if self.video_loss is not None and self.is_analogue(place):
            return ChannelState(word="Connected")
        return None

    def _recording(self, place: ChannelPlace) -> bool | None:
        """Return whether a channel is being recorded; the mode says only that it can't be."""
        if self.recording is not None and place.index in self.recording:
            return self.recording[place.index]
        return False if (self.modes or {}).get(place.index) is RecordMode.OFF else None

    def _streams(self, place: ChannelPlace) -> Iterator[Stream]:
        if self.streams is not None:
            yield from self.streams.get(place.index, ())
        elif self.assumes:
            # Not told, or not to us: all have a main and a sub stream.
            yield from (Stream(name=name) for name in ASSUMED_STREAMS)

    def _name(self, place: ChannelPlace) -> str:
        title = (self.titles or {}).get(place.index)
        remote = None if place.remote is None else place.remote.name
        return title or remote or f"Channel {place.number}"
