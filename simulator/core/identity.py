"""Who a simulated recorder says that it is."""

from dataclasses import dataclass
from datetime import date


@dataclass(kw_only=True)
class Identity:
    """The labels of one box.

    Attributes:
        name: what its owner calls it.
        model: as printed on the box.
        serial: the maker's full serial number.
        mac: lower-case, with colons.
        firmware: version, as the maker writes it.
        firmware_date: the day on which that version was built.
        hardware: the maker's hardware version.
        address: what the box believes its own address to be. Seen from elsewhere it is often wrong.
    """

    name: str
    model: str
    serial: str
    mac: str
    firmware: str
    firmware_date: date
    hardware: str
    address: str
