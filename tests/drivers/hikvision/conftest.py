"""Time that passes when told to."""

import pytest

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
