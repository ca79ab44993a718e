"""Which area a camera's name speaks of."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
import pytest

from custom_components.nvr.areas import suggest_area


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Kitchen", "Kitchen"),
        ("kitchen_cam 2", "Kitchen"),
        ("Living room left", "Living Room"),
        # The longest name is meant, and an alias is a name, too.
        ("Living room kitchen", "Living Room"),
        ("Carport north", "Garage"),
        # Part of a word is none.
        ("Kitchenette", "Kitchenette"),
        ("Front door", "Front door"),
        ("IPCamera 03", None),
        ("Camera 1", None),
        ("CH7", None),
        ("D3", None),
        ("Kamera-Hof", "Kamera-Hof"),
        ("", None),
    ],
)
def test_area_by_name(
    hass: HomeAssistant, area_registry: ar.AreaRegistry, name: str, area: str | None
) -> None:
    area_registry.async_create("Kitchen")
    area_registry.async_create("Living Room")
    area_registry.async_create("Garage", aliases={"Carport"})
    assert suggest_area(hass, name) == area
