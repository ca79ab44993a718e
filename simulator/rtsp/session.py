"""One client's session: its tracks, where it stands, and the task that sends the frames."""

import asyncio
from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
import itertools
import secrets

from simulator.core.time_source import Now
from simulator.footage.rtp import VIDEO_RATE, Packetizer
from simulator.footage.source import AudioFrame, VideoFrame

from .extension import extended
from .noise import Noise
from .outlet import Outlet
from .presentation import Presentation, RtspRefusal
from .ranges import Asked
from .replay import Replay
from .replay_timeline import ReplayTimeline
from .reports import clock_of, goodbye, sender_report
from .sdp import METADATA_TYPE
from .timeline import PlayedTimeline, Shot
from .traits import End, Gap, Reports, RtspTraits

VIDEO, AUDIO, METADATA = 0, 1, 2
MAX_WAIT_S = 1.0
"""How long to sleep at most before the clock is looked at again."""
REPORTED_EVERY = timedelta(seconds=5)
_RANDOM_BITS = 32
_METADATA = b'<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"/>'


@dataclass(slots=True)
class Track:
    """One track that a client wants to have.

    Attributes:
        packetizer: makes its packets.
        channel: interleaved channel of the packets.
        rtcp: that of the reports.
        reported: played time of the last report; None before the first one.
    """

    packetizer: Packetizer
    channel: int
    rtcp: int
    reported: timedelta | None = None


class Session:
    """Plays a presentation to one client."""

    def __init__(
        self, presentation: Presentation, traits: RtspTraits, *, uri: str, now: Now
    ) -> None:
        """Begin.

        Args:
            presentation: what is played.
            traits: of the server.
            uri: by which the client asked for it.
            now: true time.
        """
        self.id = secrets.token_hex(8)
        self.presentation = presentation
        self.traits = traits
        self.uri = uri
        self.position: datetime | None = None
        self.stop: datetime | None = None
        self.scale = 1.0
        self._now = now
        self._begun = self._touched = now()
        self._tracks: dict[int, Track] = {}
        self._shots: Iterator[Shot] = iter(())
        self._replay: Replay | None = None
        self._resumes = False
        self._player: asyncio.Task[None] | None = None

    @property
    def expired(self) -> bool:
        """Whether nothing was asked for so long that the session is over."""
        return self._now() - self._touched > self.traits.session_timeout

    @property
    def _races(self) -> bool:
        """Whether frames are sent as fast as they are read."""
        return self._replay is not None and not self._replay.paced

    def touch(self) -> None:
        """Count the time-out from now."""
        self._touched = self._now()

    def set_up(self, kind: int, channels: tuple[int, int], *, fills: bool = False) -> int:
        """Add a track that is sent on a pair of interleaved channels; give its identity.

        Args:
            kind: of the track.
            channels: of its packets, and of its reports.
            fills: whether pictures are filled up to the bit rate.

        Raises:
            RtspRefusal: there is no such track.
        """
        source = self.presentation.source
        if kind == AUDIO and source.format.audio is None:
            raise RtspRefusal(404)
        if kind == METADATA:
            packetizer = Packetizer(METADATA_TYPE, VIDEO_RATE, lambda _frame: iter((_METADATA,)))
        elif kind == AUDIO:
            packetizer = Packetizer.for_audio(source)
        else:
            packetizer = Packetizer.for_video(source, fills=fills)
        packetizer.offset = secrets.randbits(_RANDOM_BITS)
        self._tracks[kind] = Track(packetizer, *channels)
        return packetizer.ssrc

    async def prepare(self, asked: Asked, scale: float, replay: Replay | None = None) -> None:
        """Stand where a PLAY begins, and be ready to run."""
        await self.pause()
        self.scale = scale
        goes_on = asked.start is None and self.position is not None and not self.presentation.live
        start = self.position = self._start(asked.start)
        self.stop = self.stop if goes_on and replay is not None else asked.stop
        self._replay = replay
        sent_until = start if goes_on and scale > 0 and self._resumes else None
        hangs = self.presentation.gap and self.traits.gap is Gap.HANGS
        self._shots = iter(()) if hangs else self._play_from(start, sent_until)

    def _play_from(self, start: datetime, sent_until: datetime | None) -> Iterator[Shot]:
        sound = AUDIO in self._tracks
        if self._replay is not None:
            replayed = ReplayTimeline(
                presentation=self.presentation,
                traits=self.traits,
                replay=self._replay,
                start=start,
                stop=self.stop,
                scale=self.scale,
                sound=sound,
                sent_until=sent_until,
            )
            return iter(replayed)
        timeline = PlayedTimeline(
            presentation=self.presentation,
            traits=self.traits,
            start=start,
            stop=self.stop,
            scale=self.scale,
            sound=sound,
            sent_until=sent_until,
        )
        return iter(timeline)

    def _start(self, asked: datetime | None) -> datetime:
        presentation = self.presentation
        if presentation.live:
            # A camera sends what it has since the last key frame at once, so that a picture shows.
            return presentation.source.key_frame_at_or_before(self._now())
        bounds = presentation.bounds
        if asked is not None or bounds is None:
            return asked or self._now()
        if self.position is not None:
            return self.position
        return bounds[0] if self.scale > 0 else bounds[1]

    @property
    def begins(self) -> datetime | None:
        """When the first frame of what is to be played was filmed; None if there is none."""
        first = self._first()
        return None if first is None else first.frame.instant

    def rtp_info(self, uri: str) -> str:
        """Give the RTP-Info header of a PLAY answer."""
        first = self._first()
        if first is None:
            return ""
        return ",".join(
            f"url={uri}/{self.presentation.tracks[kind]};seq={track.packetizer.sequence};"
            f"rtptime={track.packetizer.timestamp(first.shown)}"
            for kind, track in self._tracks.items()
        )

    def _first(self) -> Shot | None:
        """Look at the first shot without taking it."""
        first = next(self._shots, None)
        if first is not None:
            self._shots = itertools.chain((first,), self._shots)
        return first

    def run(self, outlet: Outlet, pace: float) -> None:
        """Start sending, so many times faster than the client asked for."""
        self._player = asyncio.create_task(self._play(outlet, pace))

    async def pause(self) -> None:
        """Stop sending and keep the place."""
        player, self._player = self._player, None
        if player is None:
            return
        player.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await player

    async def _play(self, outlet: Outlet, pace: float) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        rtcp = next((track.rtcp for track in self._tracks.values()), 1)
        noise = Noise(self.traits.junk, rtcp, self.uri)
        for track in self._tracks.values():
            track.reported = None
        for shot in self._shots:
            # Frames before the asked instant, back to its key frame, go out at once.
            due = begun + shot.elapsed.total_seconds() / pace
            while (wait := due - loop.time()) > 0 and not self.expired:
                await asyncio.sleep(min(wait, MAX_WAIT_S))
            if self.expired or not self.presentation.available():
                outlet.close()
                return
            if self._races:
                # Nothing else holds it back where the client reads as fast as it is sent.
                await asyncio.sleep(0)
            if junk := noise.before_frame():
                await outlet.send(junk)
            await self._send(shot, outlet)
            self.position, self._resumes = shot.frame.instant, True
        await self._end(outlet)

    async def _end(self, outlet: Outlet) -> None:
        hangs = self.presentation.gap and self.traits.gap is Gap.HANGS
        if self.traits.end is End.CLOSES and not hangs:
            outlet.close()
            return
        if self.traits.end is End.SAYS_BYE and not hangs:
            for track in self._tracks.values():
                await outlet.send_frames(track.rtcp, [goodbye(track.packetizer)])
        while not self.expired:
            await asyncio.sleep(MAX_WAIT_S)
        outlet.close()

    async def _send(self, shot: Shot, outlet: Outlet) -> None:
        frame = shot.frame
        kinds = [AUDIO] if isinstance(frame, AudioFrame) else [VIDEO]
        if isinstance(frame, VideoFrame) and frame.key:
            kinds.insert(0, METADATA)
        for kind in kinds:
            track = self._tracks.get(kind)
            if track is None:
                continue
            await self._report(track, shot, outlet)
            packets = list(track.packetizer.packets(frame, shot.shown))
            if self._replay is not None and shot.mark is not None:
                clock = clock_of(self.presentation.stamp(frame.instant))
                extension = self._replay.traits.extension
                packets = list(extended(packets, shot.mark, clock, extension))
            await outlet.send_frames(track.channel, packets)

    async def _report(self, track: Track, shot: Shot, outlet: Outlet) -> None:
        reports = self.traits.reports
        if reports is Reports.NONE or self._races:
            return
        if track.reported is not None and shot.elapsed - track.reported < REPORTED_EVERY:
            return
        track.reported = shot.elapsed
        match reports:
            case Reports.WALL:
                clock = clock_of(self.presentation.stamp(shot.frame.instant))
            case Reports.NOW:
                clock = clock_of(self.presentation.stamp(self._now()))
            case Reports.UPTIME:
                clock = self._now() - self._begun
        report = sender_report(track.packetizer, shot.shown, clock)
        await outlet.send_frames(track.rtcp, [report])
