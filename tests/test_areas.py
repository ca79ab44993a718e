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
        # Numbers and words in any writing, whatever stands between them.
        ("Camera-01", None),
        ("Camera - 1", None),
        ("CAM_3", None),
        ("IP-Camera(4)", None),
        ("IPdome 02", None),
        ("Caméra 1", None),
        ("Cámara-02", None),
        ("Câmera 3", None),
        ("Canal 16", None),
        ("Canal10", None),
        ("Canale 2", None),
        ("Telecamera.3", None),
        ("Kanaal 4", None),
        ("Kanał 5", None),
        ("Kênh 6", None),
        ("Ke\u0302nh 6", None),
        ("Máy quay 6", None),
        ("Máy quay06", None),
        ("May-quay 6", None),
        ("Ma\u0301y quay", None),
        ("Máy quay Bếp", "Bếp"),
        ("Bếp máy quay 2", "Bếp"),
        # A washing machine is no camera.
        ("Máy giặt", "Máy giặt"),
        ("通道 7", None),
        ("通道１", None),
        ("摄像机13", None),
        ("チャンネル8", None),
        ("カメラ 9", None),
        ("Canal 3 Cocina", "Cocina"),
        ("厨房 摄像机", "厨房"),
        ("Lab06", "Lab06"),
    ],
)
def test_area_by_name(
    hass: HomeAssistant, area_registry: ar.AreaRegistry, name: str, area: str | None
) -> None:
    area_registry.async_create("Kitchen")
    area_registry.async_create("Living Room")
    area_registry.async_create("Garage", aliases={"Carport"})
    assert suggest_area(hass, name) == area
