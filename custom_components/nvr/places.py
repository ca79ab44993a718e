"""Places in a recorder's state that entities can stand for: recorder, channel, stream, disk."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

from .drivers.models import (
    Channel,
    Disk,
    RecorderState,
    RecordingExtent,
    Stream,
    StreamName,
)


class Place[T](ABC):
    """Where in a recorder's state something stands; ``channel`` is set where a channel owns it."""

    channel: int | None

    @property
    @abstractmethod
    def key(self) -> str:
        """Its part of the unique ids of entities."""

    @abstractmethod
    def find(self, state: RecorderState) -> T | None:
        """Return what stands there, None when nothing does."""

    @property
    def usual(self) -> bool:
        """Whether most people want to see what is told of this place."""
        return True

    @property
    def prefix(self) -> str:
        """What stands before the translation keys of entities here."""
        return ""

    @property
    def placeholders(self) -> Mapping[str, str]:
        """What fills the placeholders of the names of entities here."""
        return {}


class RecorderPlace(Place[RecorderState]):
    """The recorder itself."""

    channel = None

    @property
    @override
    def key(self) -> str:
        return ""

    @override
    def find(self, state: RecorderState) -> RecorderState:
        return state


@dataclass(frozen=True)
class ChannelPlace(Place[Channel]):
    """A channel."""

    channel: int

    @property
    @override
    def key(self) -> str:
        return str(self.channel)

    @override
    def find(self, state: RecorderState) -> Channel | None:
        return state.channel(self.channel)


@dataclass(frozen=True)
class ExtentPlace(Place[RecordingExtent]):
    """What is recorded of a channel. Nothing known yet is an extent too."""

    channel: int

    @property
    @override
    def key(self) -> str:
        return str(self.channel)

    @override
    def find(self, state: RecorderState) -> RecordingExtent | None:
        if state.channel(self.channel) is None:
            return None
        return state.extents.get(self.channel, RecordingExtent())


@dataclass(frozen=True)
class StreamPlace(Place[Stream]):
    """One stream of a channel."""

    channel: int
    stream: StreamName

    @property
    @override
    def key(self) -> str:
        return f"{self.channel}_{self.stream}"

    @override
    def find(self, state: RecorderState) -> Stream | None:
        channel = state.channel(self.channel)
        return None if channel is None else channel.stream(self.stream)

    @property
    @override
    def usual(self) -> bool:
        return self.stream is StreamName.MAIN

    @property
    @override
    def prefix(self) -> str:
        return f"{self.stream}_"


@dataclass(frozen=True)
class DiskPlace(Place[Disk]):
    """A disk."""

    disk: int
    channel = None

    @property
    @override
    def key(self) -> str:
        return f"disk{self.disk}"

    @override
    def find(self, state: RecorderState) -> Disk | None:
        return next((disk for disk in state.disks if disk.number == self.disk), None)

    @property
    @override
    def placeholders(self) -> Mapping[str, str]:
        return {"disk": str(self.disk)}


def channel_places(state: RecorderState) -> tuple[ChannelPlace, ...]:
    """Return the places of all channels."""
    return tuple(ChannelPlace(channel.number) for channel in state.channels)


def extent_places(state: RecorderState) -> tuple[ExtentPlace, ...]:
    """Return the places of what is recorded of all channels."""
    return tuple(ExtentPlace(channel.number) for channel in state.channels)


def stream_places(state: RecorderState) -> tuple[StreamPlace, ...]:
    """Return the places of all streams of all channels."""
    return tuple(
        StreamPlace(channel.number, stream.name)
        for channel in state.channels
        for stream in channel.streams
    )


def disk_places(state: RecorderState) -> tuple[DiskPlace, ...]:
    """Return the places of all disks."""
    return tuple(DiskPlace(disk.number) for disk in state.disks)
