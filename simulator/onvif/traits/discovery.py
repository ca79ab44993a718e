"""Traits of discovery (section 4 of the notes)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DiscoveryTraits:
    """How it is found.

    Attributes:
        discovered: whether it answers at all.
        types: what it says that it is.
        discovery_copies: so many answers come to one question.
        discovery_needs_type: whether a question without a type of its own gets none.
        discovery_by_group: whether it answers to questions to the group alone.
        discovery_relates: whether an answer says which question it belongs to.
        discovery_addresses: hosts of addresses that nobody reaches, told before the good one.
        discovery_broken: whether answers break off.
    """

    discovered: bool = True
    types: tuple[str, ...] = ("dn:NetworkVideoTransmitter", "tds:Device")
    discovery_copies: int = 1
    discovery_needs_type: bool = False
    discovery_by_group: bool = False
    discovery_relates: bool = True
    discovery_addresses: tuple[str, ...] = ()
    discovery_broken: bool = False
