"""How firmwares differ in answering to who looks for them (section 13 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum


class Frame(StrEnum):
    """What stands before the JSON of a discovery answer."""

    PLAIN = "32 bytes"
    LONG = "more bytes than the first of them says"
    BARE = "nothing"


@dataclass(frozen=True, kw_only=True)
class DiscoveryTraits:
    """How it tells that it is there.

    Attributes:
        discovered: whether it answers at all.
        discovery_frame: what stands before the JSON.
        discovery_tail: what stands behind it.
        discovery_copies: so many answers to each question.
        discovery_broken: whether the JSON is cut off.
        discovery_by_group: whether it answers to the group instead of to the asker.
        discovery_any: whether any datagram counts as a question, as for the oldest firmware.
        sdk_port: of the maker's own protocol.
        initialized: the bits that say whether it has been set up.
    """

    discovered: bool = True
    discovery_frame: Frame = Frame.PLAIN
    discovery_tail: bytes = b"\n\0"
    discovery_copies: int = 1
    discovery_broken: bool = False
    discovery_by_group: bool = False
    discovery_any: bool = False
    sdk_port: int = 37777
    initialized: int = 1166
