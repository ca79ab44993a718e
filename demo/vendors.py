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
        setup_requests: the set-up of a recorder that the form has added costs no more than this.
        form_requests: the form and that set-up cost no more than this,
        form_channel_requests: and so much for each channel: a picture, and what there is no list of.
        serial: how serial numbers look, with a place for a number.
        downloads: the paths by which it gives footage, as a pattern for file names, without queries; None
            where that is played over RTSP.
        searches: those by which it says what it has.
        pictures: those by which it gives a picture of now; None where nothing else is asked for by GET.
        short: personalities that record no longer than they do by themselves: they tell all at once that they have,
            or in no order, and for months of it are busy for longer than their log-ins are good.
    """

    name: str
    first: str
    second: str
    others: tuple[str, ...]
    setup_requests: int
    form_requests: int
    form_channel_requests: int
    serial: str
    downloads: str | None
    searches: str
    pictures: str | None
    short: tuple[str, ...] = ()

    def form_limit(self, channels: int) -> int:
        """Return how many requests the form and the set-up after it may cost, with a picture of each channel."""
        return self.form_requests + self.form_channel_requests * channels

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
    form_requests=40,
    form_channel_requests=1,
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
    form_requests=60,
    form_channel_requests=2,
    serial="SIM{:012}",
    downloads="*loadfile*",
    # Those over RPC2 all have the same path.
    searches="*mediafilefind*",
    pictures="*snapshot*",
)
ONVIF: Final = Vendor(
    name="onvif",
    first="onvif/nvr",
    second="onvif/digest",
    others=("onvif/camera", "onvif/containers", "onvif/clips"),
    setup_requests=20,
    form_requests=60,
    # The addresses of two streams and of a still, and that.
    form_channel_requests=4,
    serial="NVR5208-G-SIM{:06}",
    downloads=None,
    searches="*searchresults*",
    pictures=None,
    short=("onvif/clips", "onvif/hostile"),
)
VENDORS: Final[Mapping[str, Vendor]] = {vendor.name: vendor for vendor in (HIKVISION, DAHUA, ONVIF)}
"""All of them."""


def vendor_of(personality: str) -> Vendor:
    """Return the maker of a personality.

    Raises:
        KeyError: nothing is known of it.
    """
    return VENDORS[personality.partition("/")[0]]
