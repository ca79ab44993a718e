"""Which requests of a recorder an operation is about."""

from dataclasses import dataclass
from typing import Final

from demo.vendors import Vendor
from faults.plan import PLAYED, Fault, Operation

ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Requests that may be hit, by a pattern for the path and the verb.

    Attributes:
        bulk: whether it is these that bring most of the bytes.
    """

    path: str = ANY
    method: str | None = None
    bulk: bool = False


# Each is the first on some connection, from which on bytes are counted.
_PLAYING: Final = tuple(Aim(method=method, bulk=True) for method in ("DESCRIBE", "SETUP", "PLAY"))
_PICTURE: Final = Aim(method="GET", bulk=True)


def aims_of(operation: Operation, fault: Fault, vendor: Vendor) -> tuple[Aim, ...]:
    """Return what may be hit; what is named twice is hit twice as often."""
    searches = Aim(path=vendor.searches)
    if fault in PLAYED:
        return _PLAYING
    match operation:
        case Operation.CLIP | Operation.PLAY | Operation.SAVED_PICTURE:
            if vendor.downloads is None:
                return *_PLAYING, _PLAYING[-1], searches
            downloads = Aim(path=vendor.downloads, bulk=True)
            return downloads, downloads, searches
        case Operation.SEARCH:
            return (Aim(path=vendor.searches, bulk=True),)
        case Operation.POLL:
            return (Aim(bulk=True),)
        case Operation.PICTURE:
            if vendor.pictures is None:
                return _PICTURE, Aim()
            return Aim(path=vendor.pictures, bulk=True), Aim()
