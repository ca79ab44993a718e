"""Measures how late Home Assistant's event loop is, from inside; only benches install it."""

import asyncio
from time import monotonic

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.helpers.typing import ConfigType

INTERVAL_S = 0.005
MILLISECONDS = 1000


class LagView(HomeAssistantView):
    """Hands out by how many milliseconds each wake-up was late since the last time it was asked."""

    url = "/api/loop_probe"
    name = "api:loop_probe"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lags: list[float] = []

    async def get(self, request: web.Request) -> web.Response:
        """Answer with the lags."""
        lags, self.lags = self.lags, []
        return self.json(lags)

    async def watch(self) -> None:
        """Wake up again and again."""
        while True:
            due = monotonic() + INTERVAL_S
            await asyncio.sleep(INTERVAL_S)
            self.lags.append((monotonic() - due) * MILLISECONDS)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Begin to measure."""
    view = LagView()
    hass.http.register_view(view)
    hass.async_create_background_task(view.watch(), "loop probe")
    return True
