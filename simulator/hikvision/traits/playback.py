"""How firmwares differ in RTSP (sections 9 and 12 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class LiveForm(StrEnum):
    """How the address of a live stream is written; letters count in either case."""

    STREAM_ID = "/Streaming/Channels/101"
    CHANNEL = "/Streaming/Channels/1"
    """Old cameras, which know no streams."""
    AV_STREAM = "/h264/ch1/main/av_stream"
    PSIA = "/PSIA/Streaming/channels/101"


class TrackForm(StrEnum):
    """How the address of a recording is written; letters count in either case."""

    PLAIN = "/Streaming/tracks/101?…"
    SLASH = "/Streaming/tracks/101/?…"
    PSIA = "/PSIA/Streaming/tracks/101?…"


@dataclass(frozen=True, kw_only=True)
class PlaybackTraits:
    """How live streams and recordings are watched.

    Attributes:
        live_forms: how addresses of live streams may be written.
        track_forms: how addresses of recordings may be written.
        track_form_status: by what another form is refused.
        av_stream_first: number by which an av_stream address calls the first channel; IP channels
            of old recorders begin at 33.
        named_tracks: whether the tracks of recordings are called `video` and `audio`, not 1 and 2.
    """

    live_forms: frozenset[LiveForm] = frozenset({LiveForm.STREAM_ID})
    track_forms: frozenset[TrackForm] = frozenset({TrackForm.PLAIN, TrackForm.SLASH})
    track_form_status: int = HTTPStatus.NOT_FOUND
    av_stream_first: int = 1
    named_tracks: bool = True
