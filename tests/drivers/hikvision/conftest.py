"""Clocks: time that passes when told to, and devices whose seconds are enough."""

from datetime import timedelta

import pytest

from custom_components.nvr.drivers.hikvision import clock as clock_module
from custom_components.nvr.drivers.hikvision.rota import Rota


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that the rota goes by."""
    clock = Clock()
    monkeypatch.setattr(Rota.__init__, "__kwdefaults__", {"now": clock})
    return clock


@pytest.fixture
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be content with whole seconds; test_clock shows how hundredths are found."""
    monkeypatch.setattr(clock_module, "FINE_ENOUGH", timedelta(seconds=1))
