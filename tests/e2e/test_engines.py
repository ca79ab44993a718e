"""H.265 in three browsers: two decode it, one does not; all play it and jump in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from custom_components.nvr.media_identifier import (
    ClipFolderIdentifier,
    ClipIdentifier,
    DayIdentifier,
    MediaIdentifier,
    browser_url,
    parse_identifier,
)
from demo.browser import Browser
from demo.config_directory import TIME_ZONE
from demo.entry import Entry
from demo.frontend import Frontend
from demo.installation import Installation
from demo.recorders import RecorderChannel, SimulatedRecorder
from demo.steps.clip import Wish, save_clip, wishes_around_change
from demo.steps.playback import listed_recordings, title_beginnings, watch_recording
from demo.steps.saved import watch_saved_clip
from demo.vendors import HIKVISION, VENDORS

from .engine import Engine, EngineError
from .firefox import Firefox
from .webkit import WebKit

pytestmark = pytest.mark.asyncio(loop_scope="session")

H265 = "H.265"
# Titles, and what recorders tell, are whole seconds.
TOLERANCE = timedelta(seconds=1.1)
# What is played is the same whoever made the recorder it comes from.
ONE_MAKER = pytest.mark.parametrize(
    "vendor",
    [
        name if name == HIKVISION.name else pytest.param(name, marks=pytest.mark.long)
        for name in VENDORS
    ],
    indirect=True,
)
PARTS = "() => performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)"


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=[Firefox, WebKit], ids=lambda kind: kind.name
)
async def engine(
    request: pytest.FixtureRequest, installation: Installation
) -> AsyncIterator[Engine]:
    """Give one browser after the other, logged in."""
    kind: type[Firefox | WebKit] = request.param
    async with kind.open(Path(installation.folder) / kind.name) as opened:
        await opened.log_in(installation.api)
        yield opened


@pytest.fixture
def channel(first: SimulatedRecorder) -> RecorderChannel:
    """Give the channel that is recorded in H.265."""
    return next(each for each in first.channels.values() if each.codec == H265)


@pytest.fixture(scope="module")
def saved() -> dict[str, tuple[Wish, ClipIdentifier]]:
    """Give the clips in H.265, by recorder."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def wish(
    installation: Installation,
    first_entry: Entry,
    first: SimulatedRecorder,
    saved: dict[str, tuple[Wish, ClipIdentifier]],
) -> tuple[Wish, ClipIdentifier]:
    """Save a clip in H.265, once from each recorder."""
    if first.name in saved:
        return saved[first.name]
    wishes = await wishes_around_change(first_entry, first)
    wish = next(one for one in wishes if one.channel.codec == H265)
    answer = await save_clip(installation.api, wish)
    identifier = parse_identifier(answer["media_content_id"].removeprefix("media-source://nvr/"))
    assert isinstance(identifier, ClipIdentifier)
    saved[first.name] = wish, identifier
    return saved[first.name]


async def play(engine: Engine, api_url: str, folder: MediaIdentifier, start: datetime) -> None:
    """Open a folder of the media browser, click what begins at an instant, and stop at a picture."""
    beginnings = "|".join(map(re.escape, title_beginnings(start, timedelta(seconds=1))))
    for tries_left in (2, 1, 0):
        try:
            await engine.go(api_url + browser_url(folder))
            await engine.click(".child", rf"^\s*(?:{beginnings})\b")
            await engine.sight()
        except EngineError:
            # WebKitGTK's driver at times never answers again; people open the browser again then.
            if not tries_left:
                raise
            await engine.begin_again()
        else:
            await engine.pause()
            return


@ONE_MAKER
async def test_recording_plays_where_h265_is_decoded_as_it_was_recorded(
    installation: Installation,
    engine: Engine,
    first_entry: Entry,
    first: SimulatedRecorder,
    channel: RecorderChannel,
) -> None:
    now = datetime.now(UTC)
    window = now - timedelta(hours=3), now
    spans = await listed_recordings(installation.api, first_entry, first, channel, window)
    span = [each for each in spans if not each.open][-1]
    day = span.start.astimezone(ZoneInfo(TIME_ZONE)).date()
    folder = DayIdentifier(first_entry.entry_id, channel.number, day)
    await play(engine, installation.api.url, folder, span.start)
    length = (span.end - span.start).total_seconds()
    for place in (0.0, 0.6, 0.15):
        sight = await engine.seek(length * place)
        assert sight.pattern.channel == channel.number
        assert abs(sight.instant - span.start - timedelta(seconds=sight.position)) <= TOLERANCE
    assert not any("converted" in path for path in await engine.run(PARTS))


@ONE_MAKER
async def test_clip_plays_where_h265_is_decoded_as_it_was_recorded(
    installation: Installation, engine: Engine, wish: tuple[Wish, ClipIdentifier]
) -> None:
    wanted, clip = wish
    frame = timedelta(seconds=wanted.channel.frame_s)
    folder = ClipFolderIdentifier(clip.path.recorder, clip.path.channel, clip.path.day)
    await play(engine, installation.api.url, folder, wanted.start)
    length = (wanted.end - wanted.start).total_seconds()
    for place in (0.02 / length, 0.7, 0.2):
        sight = await engine.seek(length * place)
        assert sight.pattern.channel == wanted.channel.number
        passed = timedelta(seconds=sight.position)
        assert abs(sight.instant - wanted.start - passed) <= 2 * frame
    assert not any("converted" in path for path in await engine.run(PARTS))


async def test_recording_plays_where_h265_is_not_decoded(
    installation: Installation,
    frontend: Frontend,
    browser: Browser,
    first_entry: Entry,
    first: SimulatedRecorder,
    channel: RecorderChannel,
) -> None:
    seen_before = len(browser.seen)
    played = await watch_recording(installation.api, frontend, first_entry, first, channel)
    assert played.playing_faults == ()
    assert played.jump_faults == ()
    parts = [address for address in browser.seen[seen_before:] if ".m4s" in address]
    assert parts
    assert all("/converted/" in address for address in parts)


async def test_clip_plays_where_h265_is_not_decoded(
    frontend: Frontend, first_entry: Entry, wish: tuple[Wish, ClipIdentifier]
) -> None:
    wanted, _ = wish
    seen = await watch_saved_clip(frontend, first_entry, wanted)
    assert seen.channel == wanted.channel.number
    assert seen.start_error_s <= wanted.channel.frame_s
    assert seen.end_error_s <= wanted.channel.frame_s
