"""GStreamer's server replays as the drivers are going to meet it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.provision.programs import gstreamer_is_there
from simulator.footage.formats import VideoCodec
from simulator.footage.source import FootageSource
from tests.simulator.rtsp.client import Client
from tests.simulator.rtsp.stage import FORMAT
from tests.simulator.rtsp.viewer import CLEAN, END, SECOND, TERMINAL, Viewer, clock

from .gstreamer import ReplayServer, replaying

pytestmark = pytest.mark.skipif(not gstreamer_is_there(), reason="GStreamer is not installed")
_CHALLENGE = 'Digest realm="none", nonce="none"'


@dataclass(frozen=True)
class Served:
    """What a client has to know of a server."""

    server: Any
    accounts: Any


@pytest.fixture(params=list(VideoCodec))
async def server(
    request: pytest.FixtureRequest, tmp_path: Path, socket_enabled: None
) -> AsyncIterator[ReplayServer]:
    """Let it replay 20 seconds, once per codec."""
    form = replace(FORMAT, codec=request.param, audio=None)
    source = FootageSource(channel=1, stream=1, format=form, zone=UTC)
    first = source.key_frame_at_or_before(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))
    async with replaying(tmp_path, source, (first, first + 20 * SECOND)) as made:
        yield made


async def test_it_replays_a_span(server: ReplayServer) -> None:
    first = server.spans[0][0]
    start, stop = first + 3.25 * SECOND, first + 6 * SECOND
    accounts = SimpleNamespace(challenge=lambda: _CHALLENGE)
    client = Client(Served(SimpleNamespace(port=server.port), accounts), server.password, "viewer")
    await client.connect()
    await client.ask("DESCRIBE", server.path)
    viewer = Viewer(client, server.path, ("stream=0", ""))
    assert await viewer.set_up() == 200
    status, told = await viewer.play(clock(start, stop), Rate_Control="no", Immediate="yes")
    assert (status, told["Rate-Control"]) == (200, "no")
    packets = await viewer.until(TERMINAL)
    await client.close()
    shown = [mark.instant for packet, mark in packets if packet.last]
    expected = [frame.instant for frame in server.source.video(start, stop)]
    assert [round((at - first) / timedelta(milliseconds=1)) for at in shown] == [
        round((at - first) / timedelta(milliseconds=1)) for at in expected
    ]
    assert packets[0][1].flags & CLEAN
    # It tells the end in any packet of the last frame.
    last = [mark.flags for _, mark in packets if mark.instant == packets[-1][1].instant]
    assert END | TERMINAL in last
