"""The vendors we know, and how to tell them apart."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from aiohttp import ClientSession

from .dahua.driver import DahuaDriver
from .dahua.recognition import is_dahua
from .dahua.recorded_report import understand as understand_dahua
from .driver import Driver, Memory
from .errors import UnknownDeviceError
from .guard import LoginGuard
from .hikvision.driver import HikvisionDriver
from .hikvision.recognition import is_hikvision, may_be_hikvision
from .hikvision.recorded_report import understand as understand_hikvision
from .models import Connection, RecorderState
from .onvif.driver import OnvifDriver
from .onvif.recognition import is_onvif
from .onvif.recorded_report import understand as understand_onvif
from .report import FoundRecording, Understood

type _Maker = Callable[[Connection, ClientSession, Memory, LoginGuard], Driver]
type _Reader = Callable[[Path], Awaitable[Understood]]
type _Recogniser = Callable[[Connection, ClientSession], Awaitable[bool]]

_MAKERS: dict[str, _Maker] = {
    "hikvision": HikvisionDriver,
    "dahua": DahuaDriver,
    "onvif": OnvifDriver,
}
# The surer first: some are known by no more than that they ask for a login. Makers' own languages go before the one
# that many of their devices speak, too.
_RECOGNISERS: tuple[tuple[str, _Recogniser], ...] = (
    ("dahua", is_dahua),
    ("hikvision", is_hikvision),
    ("onvif", is_onvif),
    ("hikvision", may_be_hikvision),
)
_READERS: dict[str, _Reader] = {
    "hikvision": understand_hikvision,
    "dahua": understand_dahua,
    "onvif": understand_onvif,
}

VENDORS = tuple(_MAKERS)
"""Keys of the drivers, the deepest first."""

_NAMES = {"hikvision": "Hikvision", "dahua": "Dahua", "onvif": "ONVIF"}


def vendor_name(vendor: str) -> str:
    """Return what people call a vendor, or the protocol that many share."""
    return _NAMES.get(vendor, vendor)


def make_driver(
    vendor: str,
    connection: Connection,
    session: ClientSession,
    memory: Memory,
    guard: LoginGuard | None = None,
) -> Driver:
    """Return a driver for a recorder; nothing is sent yet.

    ``session`` stays the caller's and decides on TLS. ``memory`` is what an earlier driver of this
    recorder kept, ``guard`` the one that has judged these credentials so far: none for new ones.
    Raises UnknownDeviceError for a vendor that is not in ``VENDORS``.
    """
    if (maker := _MAKERS.get(vendor)) is None:
        raise UnknownDeviceError(f"no driver for {vendor!r}")
    return maker(connection, session, memory, guard or LoginGuard())


async def recognise(connection: Connection, session: ClientSession) -> str:
    """Return which vendor's device answers at an address. No credentials are sent.

    Raises UnknownDeviceError, CannotConnectError.
    """
    for vendor, is_one in _RECOGNISERS:
        if await is_one(connection, session):
            return vendor
    raise UnknownDeviceError("what answers there is no recorder that we know")


async def understand(
    folder: Path, vendor: str | None = None
) -> tuple[RecorderState, tuple[FoundRecording, ...] | None]:
    """Return what the recorded answers in a folder say, by the vendor of whom most is understood.

    The recordings are None where no search was recorded. What no vendor's device can have said names no manufacturer.

    Raises OSError where the folder can't be read, UnknownDeviceError for an unknown vendor.
    """
    if vendor is not None and vendor not in _READERS:
        raise UnknownDeviceError(f"no driver for {vendor!r}")
    found = [await read(folder) for name, read in _READERS.items() if vendor in (None, name)]
    best = max(found, key=lambda understood: understood.answers)
    if vendor is None and not best.answers:
        nobody = replace(best.state.recorder, manufacturer="")
        return replace(best.state, recorder=nobody), best.recordings
    return best.state, best.recordings
