"""Trying out simulated recorders of each vendor."""

from unittest.mock import AsyncMock

from homeassistant.core import HomeAssistant
import pytest

from custom_components.nvr import trial
from custom_components.nvr.drivers import probing
from custom_components.nvr.drivers.models import Connection, Right
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from tests.boxes import PASSWORD


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("name", ["hikvision/old", "dahua/old", "onvif/nvr"])
async def test_nobody_waits_for_the_fine_clock(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    probed = AsyncMock()
    monkeypatch.setattr(probing, "probe_drift", probed)
    monkeypatch.setattr(trial, "PICTURES_LIMIT", 1)
    async with RecorderBox(PERSONALITIES[name](Options(password=PASSWORD))) as box:
        connection = Connection(
            host=box.host, port=box.http_port, username="admin", password=PASSWORD
        )
        found = await trial.async_try_out(hass, connection, lambda _: None)
    assert found.rights == dict.fromkeys(Right, True)
    assert len(found.pictures) == 1
    assert not probed.called
