"""Which guard judges an entry's credentials, and for how long."""

from homeassistant.core import HomeAssistant

from custom_components.nvr.drivers.errors import AuthenticationError
from custom_components.nvr.guards import forget_guard, guard_of


async def test_each_entry_has_its_own(hass: HomeAssistant) -> None:
    guard = guard_of(hass, "a")
    assert guard_of(hass, "a") is guard
    assert guard_of(hass, "b") is not guard
    forget_guard(hass, "a")
    forget_guard(hass, "a")
    assert guard_of(hass, "a") is not guard


async def test_credentials_of_an_entry_count_as_proven(hass: HomeAssistant) -> None:
    """They get one more try, unlike ones that never worked."""
    guard = guard_of(hass, "a")
    guard.refuse(AuthenticationError("booting"))
    assert guard.refused
    assert not guard.final
