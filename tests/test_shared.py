"""What reads footage is there as long as a recorder needs it, however slowly another one leaves."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.playback_sessions import PlaybackSessions
from custom_components.nvr.shared import (
    DATA_SHARED,
    Shared,
    async_join_shared,
    async_leave_shared,
    async_release_shared,
)


@pytest.fixture(autouse=True)
async def library(hass: HomeAssistant) -> AsyncIterator[None]:
    assert await async_setup_component(hass, DOMAIN, {})
    yield
    await async_release_shared(hass)


class Held:
    """A step that ends only when the test wants it to."""

    def __init__(self) -> None:
        """Initialize."""
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, *_: object) -> None:
        """Wait."""
        self.begun.set()
        await self.go_on.wait()


async def test_who_leaves_late_takes_nothing_from_who_came_meanwhile(hass: HomeAssistant) -> None:
    before, after, held = object(), object(), Held()
    shared = await async_join_shared(hass, before)
    with patch.object(PlaybackSessions, "close_entry", held):
        leaving = hass.async_create_task(async_leave_shared(hass, shared, "entry", before))
        await held.begun.wait()
        assert await async_join_shared(hass, after) is shared
        held.go_on.set()
        await leaving
    assert hass.data[DATA_SHARED] is shared
    assert shared.users == {after}


async def test_who_comes_waits_until_the_last_one_has_cleaned_up(hass: HomeAssistant) -> None:
    before, after, held = object(), object(), Held()
    shared = await async_join_shared(hass, before)
    with patch.object(Shared, "close", held):
        leaving = hass.async_create_task(async_leave_shared(hass, shared, "entry", before))
        await held.begun.wait()
        joining = hass.async_create_task(async_join_shared(hass, after))
        await asyncio.sleep(0)
        assert not joining.done()
        held.go_on.set()
        await leaving
        assert await joining is not shared
    assert hass.data[DATA_SHARED].users == {after}
    await shared.close()
