"""Which requests of a recorder an operation is about."""

from typing import Final

from demo.vendors import Vendor
from faults.plan import Operation

ANY: Final = "*"


def paths_of(operation: Operation, vendor: Vendor) -> tuple[str, ...]:
    """Return patterns for the paths that may be hit; what is named twice is hit twice as often."""
    match operation:
        case Operation.CLIP | Operation.PLAY | Operation.SAVED_PICTURE:
            return vendor.downloads, vendor.downloads, vendor.searches
        case Operation.SEARCH:
            return (vendor.searches,)
        case Operation.POLL:
            return (ANY,)
        case Operation.PICTURE:
            return vendor.pictures, ANY
