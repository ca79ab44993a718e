"""How firmwares differ in what they tell of channels (section 6 of the protocol notes)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Slot(StrEnum):
    """What is in a slot for a camera in the network."""

    EMPTY = "nothing"
    """Not enabled, with a placeholder for an address."""
    STALE = "a camera that was removed"
    """Enabled still; pictures are refused."""
    DISABLED = "a camera that is switched off"


class RemoteKey(StrEnum):
    """What the rows of RemoteDevice are called."""

    UUID = "uuid:System_CONFIG_NETCAMERA_INFO_{index}"
    INDEX = "[{index}]"
    ABSENT = "there is no such table"


class StateForm(StrEnum):
    """How the state of the cameras is asked for by CGI."""

    INDEXED = "uniqueChannels[0]=-1"
    PLAIN = "uniqueChannels=-1"


class Resolution(StrEnum):
    """How the size of pictures is told in Encode."""

    SIZE = "1920x1080"
    TOKEN = "1080P"
    ABSENT = "by width and height alone"


@dataclass(frozen=True, kw_only=True)
class ChannelTraits:
    """What is told of channels.

    Attributes:
        capacity: so many rows the tables have; None for as many as there are channels.
        default_title: what channels are called that nobody has named; `{number}` is to be filled in.
        slots: what is in the slots without a channel, by index; empty ones if nothing is said.
        remote_key: what the rows of RemoteDevice are called.
        onvif: numbers of channels that are attached by ONVIF.
        onvif_served: whether pictures of those are given on.
        state_forms: how the state of the cameras is asked for by CGI.
        state_by_rpc: whether it can be asked for by RPC2.
        lost_word: what a camera is that can't be reached.
        empty_states: whether slots without a camera have a state.
        analog_states: whether the box's own inputs have one.
        resolution: how the size of pictures is told.
        smart_codec: whether there is a table SmartEncode.
        remote_options: whether VideoInOptions tells of cameras in the network, too.
        extra_streams: so many sub streams a channel can have.
    """

    capacity: int | None = None
    default_title: str = "Channel{number}"
    slots: dict[int, Slot] = field(default_factory=dict)
    remote_key: RemoteKey = RemoteKey.UUID
    onvif: frozenset[int] = frozenset()
    onvif_served: bool = True
    state_forms: frozenset[StateForm] = frozenset(StateForm)
    state_by_rpc: bool = True
    lost_word: str = "Disconnected"
    empty_states: bool = True
    analog_states: bool = False
    resolution: Resolution = Resolution.SIZE
    smart_codec: bool = True
    remote_options: bool = False
    extra_streams: int = 2
