"""Pictures of what recordings begin with."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.drivers.errors import CannotConnectError, NoFootageError
from custom_components.nvr.footage.errors import (
    FootageError,
    NoVideoError,
)
from custom_components.nvr.footage.picture import Picture
from custom_components.nvr.media_identifier import RecordingIdentifier
from custom_components.nvr.playback_view import playlist_url
from custom_components.nvr.shared import async_get_shared
from custom_components.nvr.thumbnail_view import thumbnail_url
from custom_components.nvr.thumbnails import PLAYING_SECONDS
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakePlayback
from tests.view_fixtures import Client


@pytest.fixture(autouse=True)
def fakes() -> Iterator[None]:
    """Play nothing real."""
    FakePlayback.made, FakePlayback.error = [], None
    with patch("custom_components.nvr.playback_sessions.Playback", FakePlayback):
        yield


class TestThumbnails:
    """Pictures of recordings."""

    @pytest.fixture
    def make_picture(self) -> Iterator[Any]:
        """Make pictures without footage."""
        with patch(
            "custom_components.nvr.thumbnails.make_picture",
            return_value=Picture(b"jpeg", dt_util.utcnow()),
        ) as make_picture:
            yield make_picture

    async def test_made_once_and_kept(
        self, client: Client, identifier: RecordingIdentifier, make_picture: Any
    ) -> None:
        for _ in range(2):
            answer = await client.get(thumbnail_url(identifier))
            assert answer.status == HTTPStatus.OK
            assert answer.content_type == "image/jpeg"
            assert await answer.read() == b"jpeg"
        assert make_picture.call_count == 1
        assert make_picture.call_args.args[2] == identifier.start

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (NoVideoError("dark"), HTTPStatus.NOT_FOUND),
            (NoFootageError("gone"), HTTPStatus.NOT_FOUND),
            (FootageError("broken"), HTTPStatus.SERVICE_UNAVAILABLE),
            (CannotConnectError("unplugged"), HTTPStatus.SERVICE_UNAVAILABLE),
        ],
    )
    async def test_failures(
        self,
        client: Client,
        identifier: RecordingIdentifier,
        make_picture: Any,
        error: Exception,
        status: HTTPStatus,
    ) -> None:
        make_picture.side_effect = error
        assert (await client.get(thumbnail_url(identifier))).status == status

    async def test_a_recording_that_is_no_more(
        self, client: Client, identifier: RecordingIdentifier, driver: FakeDriver
    ) -> None:
        driver.recordings = []
        assert (await client.get(thumbnail_url(identifier))).status == HTTPStatus.NOT_FOUND

    async def test_those_who_ask_at_once_share_and_those_who_leave_cancel(
        self,
        hass: HomeAssistant,
        loaded_entry: Any,
        identifier: RecordingIdentifier,
        make_picture: Any,
    ) -> None:
        begun, gate = asyncio.Event(), asyncio.Event()
        cancelled = 0

        async def make(*_: Any, **__: Any) -> Picture:
            nonlocal cancelled
            begun.set()
            try:
                await gate.wait()
            except asyncio.CancelledError:
                cancelled += 1
                raise
            return Picture(b"jpeg", dt_util.utcnow())

        make_picture.side_effect = make
        thumbnails = async_get_shared(hass).thumbnails
        first, second = [
            asyncio.create_task(thumbnails.picture(loaded_entry, identifier)) for _ in range(2)
        ]
        await begun.wait()
        while thumbnails._waiting[identifier] < 2:
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        assert cancelled == 0
        second.cancel()
        await asyncio.wait([second])
        begun.clear()
        third = asyncio.create_task(thumbnails.picture(loaded_entry, identifier))
        await begun.wait()
        assert cancelled == 1
        gate.set()
        assert await third == b"jpeg"

    async def test_players_come_first(
        self,
        client: Client,
        identifier: RecordingIdentifier,
        make_picture: Any,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        begun = asyncio.Event()

        async def make(*_: Any, **__: Any) -> Picture:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        make_picture.side_effect = make
        waiting = asyncio.create_task(client.get(thumbnail_url(identifier)))
        await begun.wait()
        assert (await client.get(playlist_url(identifier))).status == HTTPStatus.OK
        # The browser's connection is free again at once, and no other is taken.
        for answer in (await waiting, await client.get(thumbnail_url(identifier))):
            assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        make_picture.side_effect = None
        freezer.tick(PLAYING_SECONDS + 1)
        assert (await client.get(thumbnail_url(identifier))).status == HTTPStatus.OK
