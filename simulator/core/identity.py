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


@dataclass(frozen=True, kw_only=True)
class Maker:
    """How a maker labels its boxes.

    Attributes:
        octet: of MAC addresses, another for each maker.
        serial: form of serial numbers, of `model`, `built`, `code` and `number`.
        hardware: version of it, as the maker writes that.
    """

    octet: int
    serial: str
    hardware: str

    def labels(
        self,
        *,
        number: int,
        title: str,
        model: str,
        version: str,
        built: date,
        address: str,
        code: str = "",
    ) -> Identity:
        """Give the labels of a device; `number` tells its serial and its MAC from those of others.

        Args:
            number: of the personality, below 100.
            title: what its owner calls it.
            model: as the maker writes it.
            version: of the firmware, likewise.
            built: when that was built.
            address: what the box believes its own address to be.
            code: the letters of its kind within the serial, where the maker has such.
        """
        return Identity(
            name=title,
            model=model,
            serial=self.serial.format(model=model, built=built, code=code, number=number),
            mac=f"02:00:5e:{self.octet:02x}:00:{number:02x}",
            firmware=version,
            firmware_date=built,
            hardware=self.hardware,
            address=address,
        )
