"""True time for simulated recorders, whatever they speak."""

import pytest

from simulator.core.time_source import TimeSource

from .instants import NOW


@pytest.fixture
def time() -> TimeSource:
    """Stand still."""
    source = TimeSource(running=False)
    source.move_to(NOW)
    return source
