"""A dashboard of the recorders' cameras."""

from collections.abc import Iterable
from typing import Any, Final

from demo.api import Api
from demo.entry import Entry

URL_PATH: Final = "nvr-cameras"
TITLE: Final = "Cameras"
ICON: Final = "mdi:cctv"
COLUMNS = 4


async def make_dashboard(api: Api, entries: Iterable[Entry]) -> str:
    """Make a dashboard with a section for each recorder and return its path."""
    await api.ask(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=TITLE,
        icon=ICON,
        show_in_sidebar=True,
        require_admin=False,
        mode="storage",
    )
    views = [_view(entry) for entry in entries]
    await api.ask("lovelace/config/save", url_path=URL_PATH, config={"views": views})
    return f"/{URL_PATH}/{views[0]['path']}"


def _view(entry: Entry) -> dict[str, Any]:
    cards = [_picture(camera.entity_id) for camera in entry.cameras.values()]
    return {
        "title": entry.title,
        "path": entry.title.lower(),
        "type": "sections",
        "max_columns": COLUMNS,
        "sections": [{"type": "grid", "cards": [card]} for card in cards],
    }


def _picture(camera: str) -> dict[str, Any]:
    return {
        "type": "picture-entity",
        "entity": camera,
        "camera_view": "auto",
        "show_state": False,
        "grid_options": {"columns": 12},
    }
