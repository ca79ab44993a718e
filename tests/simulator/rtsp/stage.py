"""A server that plays without a recorder: one live address, and two recorded spans."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from simulator.core.accounts import Accounts, LoginPolicy, Right, User
from simulator.core.time_source import TimeSource
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.source import FootageSource
from simulator.rtsp.presentation import Presentation, RtspRefusal
from simulator.rtsp.server import RtspServer

PASSWORD = "p@ss:w/rd?#%&"
FORMAT = StreamFormat(
    codec=VideoCodec.H264,
    width=640,
    height=360,
    fps=10,
    gop_seconds=1,
    bitrate_kbps=1024,
    audio=AudioCodec.ALAW,
)
TEN_SECONDS = timedelta(seconds=10)


@dataclass
class Stage:
    """A server with a live address and two recorded spans.

    `camera` holds whether its camera is there.
    """

    server: RtspServer
    accounts: Accounts
    time: TimeSource
    source: FootageSource
    first: datetime
    second: datetime
    resolved: list[str]
    camera: list[bool]

    def address(self, path: str, password: str = PASSWORD) -> str:
        """Give an address with credentials."""
        return f"rtsp://admin:{quote(password, safe='')}@127.0.0.1:{self.server.port}{path}"


RECORDED = "/tracks/301?starttime=x&endtime=y"
IN_A_GAP = "/tracks/301?starttime=gap&endtime=y"


def make_stage(
    codec: VideoCodec = VideoCodec.H264, audio: AudioCodec | None = AudioCodec.ALAW
) -> Stage:
    """Put a server up that doesn't listen yet."""
    now = TimeSource()
    accounts = Accounts(
        now=now,
        users=[
            User(name="admin", password=PASSWORD),
            User(name="guard", password=PASSWORD, rights=frozenset({Right.LIVE})),
        ],
        policy=LoginPolicy(tries=3),
    )
    source = FootageSource(
        channel=3, stream=2, format=replace(FORMAT, codec=codec, audio=audio), zone=UTC
    )
    first = source.key_frame_at_or_before(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))
    second = first + timedelta(hours=1)
    spans = (first, first + TEN_SECONDS), (second, second + TEN_SECONDS)
    resolved: list[str] = []
    camera = [True]

    def resolve(path: str) -> Presentation:
        resolved.append(path)
        if path.startswith("/live"):
            return Presentation(source=source, available=lambda: camera[0])
        if path.startswith("/tracks/301?starttime="):
            return Presentation(
                source=source,
                spans=spans[1:] if "gap" in path else spans,
                gap="gap" in path,
                tracks=("trackID=video", "trackID=audio", "trackID=metadata"),
                tokens=("VIDEO001", "AUDIO001", "META001") if "tokens" in path else None,
                following=lambda at: [(at, at + TEN_SECONDS)] if at == spans[1][1] else [],
            )
        raise RtspRefusal(404, "Not Found")

    server = RtspServer(resolve, accounts, now=now)
    return Stage(server, accounts, now, source, first, second, resolved, camera)
