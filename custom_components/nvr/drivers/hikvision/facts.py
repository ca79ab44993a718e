"""All that has been heard of one device, and the state that follows from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import override

from ..facts import ASSUMED_STREAMS, DeviceFacts
from ..models import Channel, OfflineReason, Recorder, RecorderState, Stream, StreamName
from .channels import ChannelStatus, IpChannel, VideoInput
from .streams import CHANNEL_FACTOR, STREAM_TYPES, StreamSetting
from .working import WorkingChannel

# Old hybrids count IP channels from here on: id 33 is the first.
IP_CHANNEL_SHIFT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlace:
    """Where a channel is found: ``number`` is ours, ``base`` the one in its stream and track ids.

    ``bases`` are those that it may be, the likeliest first, where nothing told yet.
    """

    number: int
    base: int
    bases: tuple[int, ...] = ()
    ip: IpChannel | None = None
    input: VideoInput | None = None

    def stream_id(self, name: StreamName) -> int:
        """Return the id of one of its streams, which is also that of its track."""
        return self.base * CHANNEL_FACTOR + STREAM_TYPES[name]


@dataclass(slots=True, kw_only=True)
class Facts(DeviceFacts[ChannelPlace]):
    """What a Hikvision device has told."""

    recorder: Recorder | None = None
    ip_channels: tuple[IpChannel, ...] | None = None
    statuses: Mapping[int, ChannelStatus] | None = None
    inputs: tuple[VideoInput, ...] | None = None
    streams: dict[int, StreamSetting] = field(default_factory=dict)
    streams_listed: bool = False
    streams_refused: set[int] = field(default_factory=set)
    working: Mapping[int, WorkingChannel] | None = None

    @override
    def places(self) -> tuple[ChannelPlace, ...]:
        # All lists, each number once.
        found = {
            entry.id: ChannelPlace(number=entry.id, base=entry.id, input=entry)
            for entry in self.inputs or ()
        }
        shift = max(found, default=0)
        ips = self._ip_channels()
        # A hybrid may count its IP channels from 1 again, or from 33 on: on its screen they follow the others.
        again = any(ip.id in found for ip in ips)
        far = 0 < shift <= IP_CHANNEL_SHIFT < min((ip.id for ip in ips), default=0)
        for ip in ips:
            if not again and not far:
                found[ip.id] = ChannelPlace(number=ip.id, base=ip.id, ip=ip)
                continue
            number = shift + (ip.id - IP_CHANNEL_SHIFT if far else ip.id)
            bases = (ip.id, number) if far else (number, IP_CHANNEL_SHIFT + ip.id)
            found[number] = ChannelPlace(
                number=number, base=self._base_among(bases), bases=bases, ip=ip
            )
        if not found:
            for setting in self.streams.values():
                number = setting.channel
                found.setdefault(number, ChannelPlace(number=number, base=number))
        return tuple(found[number] for number in sorted(found))

    def _ip_channels(self) -> tuple[IpChannel, ...]:
        """Return the IP channels; where they are not listed, those whose state is."""
        if self.ip_channels is not None:
            return self.ip_channels
        return tuple(IpChannel(id=number, name=None) for number in sorted(self.statuses or ()))

    def records_sub(self, place: ChannelPlace) -> bool:
        """Whether a channel has a sub stream, on whose track there may be recordings."""
        return any(
            stream.name is StreamName.SUB for stream in self._streams(place, self._settings(place))
        )

    @override
    def state(self) -> RecorderState:
        channels = tuple(self._channel(place) for place in self.places())
        recorder = self.recorder or Recorder(
            name="", manufacturer="Hikvision", model="", serial="", firmware=""
        )
        unheard = self.statuses is None or "channel_status" in self.absent
        return self._state_of(
            recorder,
            channels,
            lacks_recorder=self.recorder is None,
            lacks_status=bool(self.ip_channels) and unheard,
        )

    def _base_among(self, bases: tuple[int, ...]) -> int:
        """Return by which number a hybrid's IP channel is known among the streams, else the likeliest."""
        known = {setting.channel for setting in self.streams.values()}
        return next((base for base in bases if base in known), bases[0])

    @property
    def _is_camera(self) -> bool:
        """Whether the inputs are a camera's own sensors: no IP channels, no word on a signal."""
        return self.ip_channels is None and not any(entry.signal for entry in self.inputs or ())

    def _channel(self, place: ChannelPlace) -> Channel:
        settings = self._settings(place)
        status = self._status(place, answered=bool(settings))
        working = (self.working or {}).get(place.base)
        online = None if status is None else status.online
        streams = tuple(
            replace(stream, alive=self._alive(place, stream.name, online, working))
            for stream in self._streams(place, settings)
        )
        return Channel(
            number=place.number,
            name=self._name(place, settings),
            online=online,
            reason=OfflineReason.UNKNOWN if status is None else status.reason,
            reason_device=status.word if status is not None and not status.online else None,
            recording=None if working is None else working.recording,
            streams=streams,
            manufacturer=None if place.ip is None else place.ip.manufacturer,
            model=None if place.ip is None else place.ip.model,
            serial=None if place.ip is None else place.ip.serial,
            firmware=None if place.ip is None else place.ip.firmware,
            host=None if place.ip is None else place.ip.host,
        )

    def _settings(self, place: ChannelPlace) -> list[StreamSetting]:
        """Return the settings of a channel's streams, in order."""
        numbers = [place.stream_id(name) for name in STREAM_TYPES]
        settings = [self.streams[number] for number in numbers if number in self.streams]
        if place.base == 1 and not settings:
            # Old cameras number their streams from 1.
            small = STREAM_TYPES.values()
            settings = [self.streams[number] for number in small if number in self.streams]
        main = self.streams.get(place.stream_id(StreamName.MAIN))
        return [
            setting
            for setting in settings
            if setting.enabled and (self.streams_listed or not setting.echoes(main))
        ]

    def _streams(self, place: ChannelPlace, settings: list[StreamSetting]) -> Iterator[Stream]:
        if settings:
            yield from (setting.stream for setting in settings)
        elif not self.streams_listed:
            # No list and not asked for one by one yet: recorders have a main and a sub stream.
            for name in ASSUMED_STREAMS:
                if place.stream_id(name) not in self.streams_refused:
                    yield Stream(name=name)

    def _status(self, place: ChannelPlace, *, answered: bool) -> ChannelStatus | None:
        """Return whether a channel is connected, by the first evidence there is."""
        if place.ip is not None and (status := (self.statuses or {}).get(place.ip.id)):
            return status
        if place.input is not None and place.input.has_video is not None:
            word = None if place.input.has_video else "noVideo"
            return ChannelStatus(online=place.input.has_video, word=word)
        working = (self.working or {}).get(place.base)
        if working is not None and working.online is not None:
            return ChannelStatus(online=working.online)
        if answered or (place.ip is None and self._is_camera):
            return ChannelStatus(online=True)
        main_refused = place.stream_id(StreamName.MAIN) in self.streams_refused
        if place.ip is not None and not place.ip.reached and (main_refused or self.streams_listed):
            return ChannelStatus(online=False)
        return None

    @staticmethod
    def _alive(
        place: ChannelPlace,
        name: StreamName,
        online: bool | None,
        working: WorkingChannel | None,
    ) -> bool | None:
        """Return whether pictures arrive; a rate of bits is that of the main stream."""
        if place.input is not None and place.input.has_video is not None:
            return place.input.has_video
        if working is None or not online:
            return None
        return working.sends_pictures if name is StreamName.MAIN else working.signal

    @staticmethod
    def _name(place: ChannelPlace, settings: list[StreamSetting]) -> str:
        listed = place.ip or place.input
        if listed is not None and listed.name:
            return listed.name
        if place.ip is None:
            title = next((setting.title for setting in settings if setting.title), None)
            # Recorders put the stream's id there.
            if title is not None and not title.isdecimal():
                return title
        return f"Channel {place.number}"
