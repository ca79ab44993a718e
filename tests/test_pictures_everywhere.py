"""The picture of an instant from every kind of device that the simulator knows and that gives footage on."""

from datetime import datetime, timedelta
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.footage.pattern import decode_image
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, main_camera

pytestmark = pytest.mark.long

# A picture of the slowest stream, and what the clock of a recorder is known to.
EXACT = timedelta(milliseconds=140)
# Where neither footage nor playback tells the time, a group of pictures is as near as one comes.
ROUGH = timedelta(seconds=5)
NAMES = sorted(
    name for name, build in PERSONALITIES.items() if build(Options()).face.told.gives_footage
)


@pytest.mark.parametrize("name", NAMES)
async def test_a_picture_shows_its_instant(hass: HomeAssistant, name: str) -> None:
    async with RecorderBox(PERSONALITIES[name](Options(password=PASSWORD))) as box:
        camera = main_camera(hass, await add(hass, box))
        end = dt_util.utcnow() - timedelta(hours=2)
        found = await act(
            hass,
            "search_recordings",
            entity_id=camera,
            start=end - timedelta(hours=3),
            end=end,
        )
        recordings = found[camera]["recordings"]
        recording = recordings[len(recordings) // 2]
        start = datetime.fromisoformat(recording["start"])
        instant = start + 0.6 * timedelta(seconds=recording["duration"])
        answer = (await act(hass, "get_picture", entity_id=camera, instant=instant))[camera]
    shown = decode_image(Path(answer["path"]).read_bytes())
    assert shown.channel == 1
    assert abs(instant - shown.instant) <= (EXACT if answer["exact"] else ROUGH)
