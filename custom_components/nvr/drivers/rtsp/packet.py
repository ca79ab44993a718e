"""What an RTSP client has to know of the packets it carries: their time, and who says goodbye (RFC 3550)."""

from datetime import UTC, datetime, timedelta

RTP_HEAD_BYTES = 12
# What pictures have, also where a description forgets to say so.
VIDEO_RATE = 90_000
_VERSION = 2
_RTCP_REPORT = 200
_RTCP_BYE = 203
_REPORT_BYTES = 28
# NTP counts from 1900.
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_WRAP = 1 << 32


def is_rtp(data: bytes, at: int = 0) -> bool:
    """Return whether what begins there looks like a packet of RTP."""
    return len(data) >= at + RTP_HEAD_BYTES and data[at] >> 6 == _VERSION


def timestamp_of(data: bytes, at: int = 0) -> int:
    """Return the time stamp of a packet of RTP that begins there, in ticks of its clock rate."""
    return int.from_bytes(data[at + 4 : at + 8])


def says_goodbye(payload: bytes) -> bool:
    """Return whether a compound packet of RTCP holds a BYE."""
    at = 0
    while at + 4 <= len(payload) and payload[at] >> 6 == _VERSION:
        if payload[at + 1] == _RTCP_BYE:
            return True
        at += 4 + 4 * int.from_bytes(payload[at + 2 : at + 4])
    return False


def reported_time(payload: bytes) -> datetime | None:
    """Return the time that a sender report at the start of a packet of RTCP tells, as if it were UTC; else None."""
    if len(payload) < _REPORT_BYTES or payload[0] >> 6 != _VERSION or payload[1] != _RTCP_REPORT:
        return None
    return ntp_time(payload[8:16])


def ntp_time(stamp: bytes) -> datetime | None:
    """Return the time of a stamp of NTP in 64 bits, as if it were UTC; None where it is not set."""
    seconds, fraction = int.from_bytes(stamp[:4]), int.from_bytes(stamp[4:8])
    if not seconds:
        return None
    return _NTP_EPOCH + timedelta(seconds=seconds, microseconds=round(fraction * 1e6 / _WRAP))


def ticks_between(earlier: int, later: int) -> int:
    """Return how far a time stamp lies after another, negative where it lies before it."""
    ticks = (later - earlier) % _WRAP
    return ticks - _WRAP if ticks >= _WRAP // 2 else ticks
