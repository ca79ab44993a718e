"""The driver replays from a server that others wrote: GStreamer's, with its classes for ONVIF."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path

import pytest

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.driver import Purpose
from custom_components.nvr.drivers.fetching import Wish
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Connection,
    FootageClock,
    Recording,
    RecordingKind,
    StreamName,
)
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import REPLAY_FORM, DeviceMemory
from custom_components.nvr.drivers.onvif.replay import Replays
from custom_components.nvr.drivers.slot import TransferSlot
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.workers import WorkerPool
from scripts.provision.programs import gstreamer_is_there
from simulator.footage.formats import VideoCodec
from simulator.footage.pattern import decode_image
from simulator.footage.source import FootageSource
from tests.drivers.onvif.answers import ScriptedDevice
from tests.footage.filmed import shown
from tests.simulator.rtsp.stage import FORMAT

from .gstreamer import ReplayServer, replaying

SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")


@dataclass
class Replayed:
    """A server, and what replays from it."""

    server: ReplayServer
    replays: Replays
    memory: DeviceMemory

    def part(self, purpose: Purpose = Purpose.CLIP) -> FootagePart:
        """Return all that it has as one recording."""
        recording = Recording(
            channel=1,
            stream=StreamName.MAIN,
            start=self.server.spans[0][0],
            end=self.server.spans[-1][1],
            kinds=frozenset({RecordingKind.CONTINUOUS}),
            token="R1",
        )

        @asynccontextmanager
        async def fetch(start: datetime, end: datetime) -> AsyncIterator[AsyncIterable[bytes]]:
            wish = Wish(
                recording=recording, start=start, end=end, purpose=purpose, clock=lambda: CLOCK
            )
            async with self.replays.open(wish) as download:
                yield download

        return FootagePart(
            start=recording.start,
            end=recording.end,
            clock=FootageClock(offsets=(timedelta(),), expected=recording.start),
            fetch=fetch,
        )


CLOCK = DeviceClock(zone=UTC, convention=ClockConvention.UTC)


@pytest.fixture(params=list(VideoCodec))
async def replayed(
    request: pytest.FixtureRequest, tmp_path: Path, socket_enabled: None
) -> AsyncIterator[Replayed]:
    """Let it replay 8 seconds, and after a gap 8 more."""
    form = replace(FORMAT, codec=request.param, audio=None)
    source = FootageSource(channel=1, stream=1, format=form, zone=UTC)
    begin = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
    edges = [source.key_frame_at_or_before(begin + at * SECOND) for at in (0, 8, 20, 28)]
    spans = (edges[0], edges[1]), (edges[2], edges[3])
    async with replaying(tmp_path, source, *spans) as server:
        connection = Connection(host="127.0.0.1", username=server.user, password=server.password)
        memory = DeviceMemory({})
        replays = Replays(
            connection,
            memory,
            LoginGuard(proven=True),
            TransferSlot(),
            # It names itself by an address of another network.
            ScriptedDevice(
                GetReplayUri=f"<tse:Uri>rtsp://198.51.100.7:{server.port}/replay</tse:Uri>"
            ),
            SafeAddresses(connection),
            Labels(lambda: CLOCK, memory),
        )
        yield Replayed(server, replays, memory)
        replays.close()


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    # Measured by coverage where the tests are.
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    pool = WorkerPool(environment=measured)
    yield pool
    await pool.close()


async def test_a_clip_is_right_to_the_picture(
    replayed: Replayed, pool: WorkerPool, tmp_path: Path
) -> None:
    source, first = replayed.server.source, replayed.server.spans[0][0]
    start, end = first + 2.73 * SECOND, first + 6.1 * SECOND
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [replayed.part()], start, end, path)
    pictures = [instant for _, instant in shown(path)]
    assert made.exact
    assert not made.missing
    assert pictures[0] == source.frame_at_or_before(start)
    assert pictures[-1] == source.frame_at_or_before(end - timedelta(milliseconds=10))
    assert replayed.memory.text(REPLAY_FORM) == "replay"


async def test_a_gap_is_a_gap_in_the_clip(
    replayed: Replayed, pool: WorkerPool, tmp_path: Path
) -> None:
    (first, stop), (again, last) = replayed.server.spans
    path = tmp_path / "clip.mp4"
    part = replayed.part()
    made = await make_clip(pool, [part], first + SECOND, last - SECOND, path)
    frame = SECOND / replayed.server.source.format.fps
    [(begin, end)] = made.missing
    assert abs(begin - stop) <= frame
    assert abs(end - again) <= frame
    pictures = [instant for _, instant in shown(path)]
    assert pictures[-1] == replayed.server.source.frame_at_or_before(last - SECOND - frame / 4)


async def test_the_end_of_all_is_the_end(
    replayed: Replayed, pool: WorkerPool, tmp_path: Path
) -> None:
    last = replayed.server.spans[1][1]
    path = tmp_path / "clip.mp4"
    made = await make_clip(pool, [replayed.part()], last - 3 * SECOND, last, path)
    pictures = [instant for _, instant in shown(path)]
    # It takes the time of the last picture for the end of all, so that one is never sent.
    frame = SECOND / replayed.server.source.format.fps
    assert pictures[-1] == replayed.server.source.frame_at_or_before(last - 1.5 * frame)
    assert made.exact


async def test_pictures_are_of_their_instants(replayed: Replayed, pool: WorkerPool) -> None:
    source, first = replayed.server.source, replayed.server.spans[0][0]
    for instant, purpose in ((first, Purpose.PICTURE), (first + 3.3 * SECOND, Purpose.PICTURE)):
        picture = await make_picture(pool, replayed.part(purpose), instant)
        assert decode_image(picture.jpeg).instant == picture.instant
        assert picture.instant == source.frame_at_or_before(instant)
