"""Of many values, the one below which a share of them lies."""

from collections.abc import Sequence
from math import ceil


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least a share (0 to 1) of all don't exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("there is nothing to choose from")
    return sorted(values)[max(0, ceil(len(values) * share) - 1)]
