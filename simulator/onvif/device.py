"""What all modules of the face share: the recorder, its firmware, and what things are called."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from simulator.core import device
from simulator.core.channels import Channel, ChannelState

from .errors import Refusal
from .firmware import Firmware
from .login import Nonces
from .profiles import Profile
from .searches import Searches
from .subscriptions import Subscriptions
from .times import read_instant, written
from .traits.media import Offline


@dataclass
class Device(device.Device[Firmware]):
    """One simulated device that speaks ONVIF.

    Attributes:
        nonces: those of tokens that were taken.
        asked: how often each operation was asked for.
        searches: those that are open.
        subscriptions: to events, those that last.
    """

    nonces: Nonces = field(default_factory=Nonces)
    asked: Counter[str] = field(default_factory=Counter)
    searches: Searches = field(default_factory=Searches)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)

    def __post_init__(self) -> None:
        """Begin with nothing open, and again at each boot."""
        self.recorder.rebooted.append(self.forget)

    def forget(self) -> None:
        """Forget what was open: the device boots."""
        self.nonces.clear()
        self.searches.clear()
        self.subscriptions.clear()

    @property
    def channels(self) -> list[Channel]:
        """The inputs that it lists."""
        unlisted = self.firmware.offline is Offline.UNLISTED
        known = self.recorder.channels.values()
        return [each for each in known if not (unlisted and each.state is ChannelState.OFFLINE)]

    @property
    def profiles(self) -> list[Profile]:
        """One for each stream of each input, by channel."""
        streams = [
            (each, stream) for each in self.recorder.channels.values() for stream in each.streams
        ]
        tokens = self.firmware.tokens
        listed = {each.number for each in self.channels}
        return [
            Profile(channel=channel, stream=stream, number=number, tokens=tokens)
            for number, (channel, stream) in enumerate(streams, 1)
            if channel.number in listed
        ]

    def profile(self, token: str | None) -> Profile:
        """Give a profile by its token.

        Raises:
            Refusal: there is none.
        """
        for each in self.profiles:
            if each.token == token:
                return each
        raise Refusal.invalid("NoProfile", "The requested profile token does not exist")

    def main_profile(self, channel: Channel) -> Profile:
        """Give the first profile of an input that is listed."""
        return next(each for each in self.profiles if each.channel is channel)

    @property
    def utc(self) -> datetime:
        """What the device takes for UTC now: naive digits."""
        return self.recorder.clock.shown(self.recorder.now()).replace(tzinfo=None)

    def instant(self, text: str | None) -> datetime | None:
        """Read an instant of recordings or events as the device means it: true UTC; None if it is none."""
        digits = read_instant(text)
        try:
            return None if digits is None else self.recorder.clock.from_stamp(digits)
        except OverflowError:
            return None

    def written(self, instant: datetime) -> str:
        """Give the text by which the device calls a true instant in recordings and events."""
        return written(self.recorder.clock.stamp(instant), self.firmware.time_text)
