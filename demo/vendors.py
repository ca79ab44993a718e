"""What a proof has to know of a maker, beside what drivers and simulated recorders tell themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A maker whose recorders are simulated.

    Attributes:
        name: as driver and simulator call it.
        first: the personality that people add first: of today, with all that they come with.
        second: another one, as different as recorders in one house can be.
        others: more of them, that a run with many recorders takes as well.
        setup_requests: adding a recorder costs no more than this.
        serial: how serial numbers look, with a place for a number.
        downloads: the paths by which it gives footage, as a pattern for file names, without queries.
        searches: those by which it says what it has.
        pictures: those by which it gives a picture of now.
    """

    name: str
    first: str
    second: str
    others: tuple[str, ...]
    setup_requests: int
    serial: str
    downloads: str
    searches: str
    pictures: str

    @property
    def shown(self) -> tuple[str, str]:
        """The personalities of a demo."""
        return self.first, self.second

    @property
    def many(self) -> tuple[str, ...]:
        """Those that take turns where there are many recorders."""
        return *self.shown, *self.others


HIKVISION: Final = Vendor(
    name="hikvision",
    first="hikvision/current",
    second="hikvision/old",
    others=("hikvision/oem", "hikvision/dvr", "hikvision/camera"),
    setup_requests=12,
    serial="SIMULATED{:012}WCVU",
    downloads="*download*",
    searches="*search*",
    pictures="*picture*",
)
DAHUA: Final = Vendor(
    name="dahua",
    first="dahua/nvr",
    second="dahua/xvr",
    others=("dahua/camera", "dahua/oem", "dahua/current"),
    setup_requests=16,
    serial="SIM{:012}",
    downloads="*loadfile*",
    # Those over RPC2 all have the same path.
    searches="*mediafilefind*",
    pictures="*snapshot*",
)
ONVIF: Final = Vendor(
    name="onvif",
    first="onvif/nvr",
    second="onvif/hostile",
    others=("onvif/camera", "onvif/containers", "onvif/clips"),
    # Where a stream is watched is asked one by one, at the first set-up alone: two for each channel.
    setup_requests=20 + 2 * 64,
    serial="NVR5208-G-SIM{:06}",
    downloads="*playback*",
    searches="*searchresults*",
    pictures="*snapshot*",
)
VENDORS: Final[Mapping[str, Vendor]] = {vendor.name: vendor for vendor in (HIKVISION, DAHUA)}
"""Those that people can add."""
_KNOWN: Final = {**VENDORS, ONVIF.name: ONVIF}


def vendor_of(personality: str) -> Vendor:
    """Return the maker of a personality.

    Raises:
        KeyError: nothing is known of it.
    """
    return _KNOWN[personality.partition("/")[0]]
