"""What HACS asks of a repository that can be seen without the network."""

import json
from pathlib import Path
import struct

from homeassistant.const import __version__
import voluptuous as vol

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ICON_SIZES = {"icon.png": 256, "icon@2x.png": 512, "dark_icon.png": 256, "dark_icon@2x.png": 512}
SCHEMA = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Optional("content_in_root"): bool,
        vol.Optional("country"): vol.Any(str, [str]),
        vol.Optional("filename"): str,
        vol.Optional("hacs"): str,
        vol.Optional("hide_default_branch"): bool,
        vol.Optional("homeassistant"): str,
        vol.Optional("persistent_directory"): str,
        vol.Optional("render_readme"): bool,
        vol.Optional("zip_release"): bool,
    }
)


def check_repository(root: Path) -> list[str]:
    """Check `hacs.json` and what has to lie beside it."""
    found = [
        f"{name} is missing"
        for name in ("hacs.json", "LICENSE", "README.md")
        if not (root / name).is_file()
    ]
    integrations = sorted(
        path.parent.name for path in root.glob("custom_components/*/manifest.json")
    )
    if len(integrations) != 1:
        found.append(f"custom_components holds {integrations}, and has to hold one integration")
    if not (root / "hacs.json").is_file():
        return found
    settings = json.loads((root / "hacs.json").read_text(encoding="utf-8"))
    try:
        SCHEMA(settings)
    except vol.Invalid as err:
        return [*found, f"hacs.json: {err}"]
    if settings.get("zip_release") and not settings.get("filename"):
        found.append("hacs.json: zip_release without filename")
    oldest = str(settings.get("homeassistant", "0"))
    if _release(oldest) > _release(__version__):
        found.append(f"hacs.json: wants Home Assistant {oldest}, tested is {__version__}")
    return found


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def check_brand(path: Path) -> list[str]:
    """Check the pictures in an integration's `brand` folder."""
    brand = path / "brand"
    if not (brand / "icon.png").is_file():
        return ["brand/icon.png is missing"]
    found = []
    for picture in sorted(brand.iterdir()):
        data = picture.read_bytes()
        if not data.startswith(PNG_SIGNATURE):
            found.append(f"brand/{picture.name} is no PNG")
            continue
        size = struct.unpack(">II", data[16:24])
        side = ICON_SIZES.get(picture.name)
        if side is not None and size != (side, side):
            found.append(f"brand/{picture.name} is {size[0]} x {size[1]}, not {side} x {side}")
    return found
