"""The profiles of a device: one for each stream of each input."""

from dataclasses import dataclass

from simulator.core.channels import Channel
from simulator.footage.formats import StreamFormat, VideoCodec

from .tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One stream of a channel, with what the device calls all that belongs to it.

    Attributes:
        channel: whose it is.
        stream: its number, 1 main and 2 sub.
        number: its place among all profiles, from 1.
        tokens: the style of the names.
    """

    channel: Channel
    stream: int
    number: int
    tokens: Tokens

    @property
    def format(self) -> StreamFormat:
        """What it consists of."""
        return self.channel.streams[self.stream]

    @property
    def hidden(self) -> bool:
        """Whether Media1 doesn't know its codec."""
        return self.format.codec is VideoCodec.H265

    @property
    def token(self) -> str:
        """What it is called by."""
        return self.of(self.tokens.profile)

    @property
    def name(self) -> str:
        """Its name."""
        return self.of(self.tokens.profile_name)

    @property
    def source(self) -> str:
        """Token of its input."""
        return self.of(self.tokens.source)

    @property
    def source_config(self) -> str:
        """Token of its input's configuration."""
        return self.of(self.tokens.source_config)

    @property
    def encoder(self) -> str:
        """Token of its encoder."""
        return self.of(self.tokens.encoder)

    def of(self, template: str) -> str:
        """Fill in a template of the style."""
        return self.tokens.of(
            template, channel=self.channel.number, stream=self.stream, number=self.number
        )
