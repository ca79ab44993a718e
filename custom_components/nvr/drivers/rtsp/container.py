"""Footage over RTSP as one stream of bytes: a head that describes the tracks, and the packets as they arrived.

``NVRRTP1`` and a line end, the length of the description in four bytes, the description as JSON, and then what
came over the connection: ``$``, channel, length in two bytes, packet.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
import json

from .headers import Info
from .message import Frame
from .packet import VIDEO_RATE
from .session import PlayedTrack

MAGIC = b"NVRRTP1\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def container_head(
    tracks: Iterable[PlayedTrack],
    infos: Mapping[int, Info],
    start: datetime | None,
    ahead: timedelta = timedelta(),
) -> bytes:
    """Return the bytes that go before the packets.

    ``start`` is the instant (UTC) to which the tracks' ``rtptime`` belongs, None where nobody says. ``ahead`` is by
    how much the times in the extensions of packets are later than true UTC, by the device's clock.
    """
    described = [_described(one, infos.get(one.channel)) for one in tracks]
    values = {
        "tracks": described,
        "start": None if start is None else (start - _EPOCH) // _MICROSECOND,
        "ahead": ahead // _MICROSECOND,
    }
    body = json.dumps(values).encode()
    return MAGIC + len(body).to_bytes(4) + body


def container_body(frames: Iterable[Frame]) -> bytes:
    """Return packets as they go into the container."""
    return b"".join(frame.raw for frame in frames)


def _described(played: PlayedTrack, info: Info | None) -> Mapping[str, object]:
    track = played.track
    return {
        "channel": played.channel,
        "rtcp": played.rtcp_channel,
        "media": track.media,
        "encoding": track.encoding,
        "clock_rate": track.clock_rate or (VIDEO_RATE if track.media == "video" else 0),
        "channels": track.channels,
        "payload_type": track.payload_type,
        "fmtp": dict(track.fmtp),
        "rtptime": None if info is None else info.time,
        "seq": None if info is None else info.sequence,
    }
