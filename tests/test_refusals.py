"""Refused logins: one more try after a pause, then none."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.nvr.drivers.errors import AccountLockedError, AuthenticationError
from custom_components.nvr.refusals import Refusals, forget_refusals, refusals_of


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        """Initialize."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (AuthenticationError("refused"), 60),
        (AccountLockedError("locked"), 60),
        (AccountLockedError("locked", seconds_left=5), 60),
        (AccountLockedError("locked", seconds_left=1800), 1800),
        (AccountLockedError("locked", seconds_left=10**9), 86400),
    ],
)
def test_pause_and_one_more_try(clock: Clock, error: AuthenticationError, pause: int) -> None:
    refusals = Refusals(clock)
    assert refusals.pending is None
    refusals.note(error)
    assert refusals.pending is error
    clock.now += pause - 1
    # A driver that says it again without asking doesn't count.
    refusals.note(AuthenticationError("again"))
    assert refusals.pending is error
    assert not refusals.final

    clock.now += 1
    assert refusals.pending is None
    refusals.note(AuthenticationError("asked again"))
    assert refusals.final
    assert refusals.pending is None


def test_success_forgets(clock: Clock) -> None:
    refusals = Refusals(clock)
    refusals.note(AuthenticationError("refused"))
    clock.now += 60
    refusals.note(AuthenticationError("refused"))
    refusals.clear()
    assert not refusals.final
    refusals.note(AuthenticationError("refused"))
    assert not refusals.final


async def test_each_entry_has_its_own(hass: HomeAssistant) -> None:
    refusals = refusals_of(hass, "a")
    assert refusals_of(hass, "a") is refusals
    assert refusals_of(hass, "b") is not refusals
    forget_refusals(hass, "a")
    forget_refusals(hass, "a")
    assert refusals_of(hass, "a") is not refusals
