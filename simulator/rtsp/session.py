"""One client's session: its tracks, where it stands, and the task that sends the frames."""

import asyncio
from collections.abc import Iterator
import contextlib
from datetime import datetime, timedelta
import secrets

from simulator.core.time_source import Now
from simulator.footage.rtp import Packetizer
from simulator.footage.source import AudioFrame, VideoFrame

from .presentation import Presentation

VIDEO, AUDIO = 0, 1
MAX_WAIT_S = 1.0
"""How long to sleep at most before the clock is looked at again."""


class Session:
    """Plays a presentation to one client."""

    def __init__(self, presentation: Presentation, *, now: Now, stops_at_end: bool) -> None:
        """Initialize."""
        self.id = secrets.token_hex(8)
        self.presentation = presentation
        self.position: datetime | None = None
        self.pace = 1.0
        self._now = now
        self._stops_at_end = stops_at_end
        self._tracks: dict[int, tuple[int, Packetizer]] = {}
        self._player: asyncio.Task[None] | None = None

    def set_up(self, kind: int, channel: int) -> Packetizer:
        """Add a track that is sent on an interleaved channel."""
        source = self.presentation.source
        packetizer = Packetizer.for_audio(source) if kind == AUDIO else Packetizer.for_video(source)
        self._tracks[kind] = channel, packetizer
        return packetizer

    async def prepare(self, start: datetime | timedelta | None, pace: float) -> None:
        """Stand at `start`: an instant, a distance from the beginning, or None to go on."""
        await self.pause()
        self.pace = pace
        if self.presentation.spans is None:
            # A camera sends what it has since the last key frame at once, so that a picture shows.
            self.position = self.presentation.source.key_frame_at_or_before(self._now())
        elif isinstance(start, timedelta):
            self.position = self.presentation.position(start)
        elif start is not None or self.position is None:
            self.position = start or self.presentation.spans[0][0]

    def rtp_info(self, uri: str) -> str:
        """Give the RTP-Info header of a PLAY answer."""
        return ",".join(
            f"url={uri}/{self.presentation.tracks[kind]};seq={packetizer.sequence}"
            for kind, (_, packetizer) in self._tracks.items()
        )

    def run(self, writer: asyncio.StreamWriter) -> None:
        """Start sending."""
        self._player = asyncio.create_task(self._play(writer))

    async def pause(self) -> None:
        """Stop sending and keep the place."""
        player, self._player = self._player, None
        if player is None:
            return
        player.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await player

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        played_before = timedelta()
        for start, stop in self._spans():
            # Frames before the asked instant, back to its key frame, go out at once.
            for frame in self._frames(start, stop):
                due = begun + (played_before + frame.instant - start).total_seconds() / self.pace
                while (wait := due - loop.time()) > 0:
                    await asyncio.sleep(min(wait, MAX_WAIT_S))
                self.position = frame.instant
                await self._send(frame, writer)
            if stop is not None:
                played_before += stop - start
        writer.close()

    def _spans(self) -> Iterator[tuple[datetime, datetime | None]]:
        assert self.position is not None
        if self.presentation.live:
            yield self.position, None
            return
        spans = self.presentation.spans_from(self.position)
        if self._stops_at_end:
            yield from spans
            return
        yield from spans[:-1]
        # Many devices play on into what follows and never say that the asked end is reached.
        if spans:
            yield spans[-1][0], None

    def _frames(self, start: datetime, stop: datetime | None) -> Iterator[VideoFrame | AudioFrame]:
        source = self.presentation.source
        return source.frames(start, stop) if AUDIO in self._tracks else source.video(start, stop)

    async def _send(self, frame: VideoFrame | AudioFrame, writer: asyncio.StreamWriter) -> None:
        track = self._tracks.get(VIDEO if isinstance(frame, VideoFrame) else AUDIO)
        if track is None:
            return
        channel, packetizer = track
        for packet in packetizer.packets(frame):
            writer.write(b"$" + bytes((channel,)) + len(packet).to_bytes(2) + packet)
        await writer.drain()
