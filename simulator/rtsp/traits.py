"""How RTSP servers of recorders differ from each other (sections 9 and 12 of the Hikvision notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypedDict

from .replay import ReplayTraits

NOT_ENOUGH_BANDWIDTH = 453


class Control(StrEnum):
    """How a description names its tracks."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    """By whole addresses, with the query behind the track's name, as cameras do."""


class End(StrEnum):
    """What happens when all that was asked for has been played."""

    CLOSES = "closes"
    """The connection ends without a word."""
    SAYS_BYE = "says bye"
    """Each track says goodbye, and the connection stays open."""
    FALLS_SILENT = "falls silent"
    """Nothing comes any more, and the connection stays open."""
    PLAYS_ON = "plays on"
    """The asked end counts for nothing: what was recorded afterwards follows."""


class Gap(StrEnum):
    """What happens when the asked start lies where nothing was recorded."""

    JUMPS = "jumps"
    """What was recorded next is played."""
    REFUSED = "refused"
    HANGS = "hangs"
    """All is answered as if it were there, and no frame ever comes."""


class Reports(StrEnum):
    """What RTCP sender reports tell."""

    NONE = "none"
    """There are none."""
    WALL = "wall"
    """The device's clock at each time stamp: when the footage was filmed."""
    NOW = "now"
    """The device's clock when the report is sent, also where it plays what was filmed long ago."""
    UPTIME = "uptime"
    """Seconds since the session began: no clock at all."""


class Timestamps(StrEnum):
    """What RTP time stamps count where footage isn't played at its own speed and without a break."""

    FOOTAGE = "footage"
    """The time in which it was filmed: gaps show, and at double speed they run twice as fast."""
    PLAYED = "played"
    """The time in which it is played (RFC 2326, appendix B)."""


class Junk(StrEnum):
    """What is sent between frames though nobody asked for it."""

    EMPTY_FRAMES = "empty frames"
    LINE_BREAKS = "line breaks"
    UNKNOWN_CHANNELS = "unknown channels"
    UNKNOWN_REPORTS = "unknown reports"
    """RTCP packets of a kind that no standard knows."""
    REQUESTS = "requests"
    """The server asks the client: `OPTIONS`."""
    SHORT_FRAMES = "short frames"
    """Too short for the head of a packet. FFmpeg loses its place at them."""


@dataclass(frozen=True, kw_only=True)
class RtspTraits:
    """The traits of one RTSP server; the defaults are the well-behaved ones.

    Attributes:
        stale_once: the second good log-in of each connection that plays a recording is answered with
            a new nonce. Live streams are spared: go2rtc gives up at it.
        locked_closes: whether an address that is locked out is hung up on, not answered 401.
        content_base: whether descriptions say what their tracks' names are relative to.
        control: how tracks are named.
        clock_range: whether recorded footage tells its times by the clock; else by normal play time.
        media_header: whether descriptions hold the maker's `a=Media_header:MEDIAINFO=…`.
        metadata_track: whether there is a third track that no player knows.
        tells_properties: whether SETUP answers say which ranges and speeds there are.
        tells_seek: whether the range of a PLAY answer begins with the first frame that comes, to the
            millisecond; else it repeats what was asked, and the time stamps don't belong to it.
        rtp_info: whether PLAY answers tell the first packets' numbers and time stamps.
        reverse: whether recordings play backwards (key frames alone); else negative speeds are refused.
        timestamps: what they count.
        reports: what sender reports tell.
        junk: what comes between frames.
        end: what happens at the asked end.
        gap: what happens when nothing was recorded at the asked start.
        gap_status: of the refusal, where that is what happens.
        max_sessions: so many at once; None for no limit.
        max_playbacks: so many of recordings at once; None for no limit.
        limit_status: of the refusal beyond them.
        session_timeout: a session ends when so long nothing was asked in it.
        holds_dropped: whether a session whose connection ended without TEARDOWN is held until that
            time is over.
        replay: how recordings are replayed where that is done as ONVIF wants it; None elsewhere.
    """

    stale_once: bool = False
    locked_closes: bool = False
    content_base: bool = True
    control: Control = Control.RELATIVE
    clock_range: bool = True
    media_header: bool = True
    metadata_track: bool = False
    tells_properties: bool = True
    tells_seek: bool = True
    rtp_info: bool = True
    reverse: bool = False
    timestamps: Timestamps = Timestamps.FOOTAGE
    reports: Reports = Reports.WALL
    junk: frozenset[Junk] = frozenset()
    end: End = End.CLOSES
    gap: Gap = Gap.JUMPS
    gap_status: int = HTTPStatus.NOT_FOUND
    max_sessions: int | None = None
    max_playbacks: int | None = None
    limit_status: int = NOT_ENOUGH_BANDWIDTH
    session_timeout: timedelta = timedelta(seconds=60)
    holds_dropped: bool = False
    replay: ReplayTraits | None = None


class Changes(TypedDict, total=False):
    """Those that change while a server runs (`RtspTraits` says what they mean)."""

    stale_once: bool
    locked_closes: bool
    content_base: bool
    control: Control
    clock_range: bool
    media_header: bool
    metadata_track: bool
    tells_properties: bool
    tells_seek: bool
    rtp_info: bool
    reverse: bool
    timestamps: Timestamps
    reports: Reports
    junk: frozenset[Junk]
    end: End
    gap: Gap
    gap_status: int
    max_sessions: int | None
    max_playbacks: int | None
    limit_status: int
    session_timeout: timedelta
    holds_dropped: bool
    replay: ReplayTraits | None
