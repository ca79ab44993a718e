"""What an RTSP client has to know of the packets it carries: their time, and who says goodbye (RFC 3550)."""

RTP_HEAD_BYTES = 12
_VERSION = 2
_RTCP_BYE = 203
_WRAP = 1 << 32


def is_rtp(payload: bytes) -> bool:
    """Return whether this looks like a packet of RTP."""
    return len(payload) >= RTP_HEAD_BYTES and payload[0] >> 6 == _VERSION


def payload_type_of(payload: bytes) -> int:
    """Return the payload type of a packet of RTP."""
    return payload[1] & 0x7F


def timestamp_of(payload: bytes) -> int:
    """Return the time stamp of a packet of RTP, in ticks of its clock rate."""
    return int.from_bytes(payload[4:8])


def says_goodbye(payload: bytes) -> bool:
    """Return whether a compound packet of RTCP holds a BYE."""
    at = 0
    while at + 4 <= len(payload) and payload[at] >> 6 == _VERSION:
        if payload[at + 1] == _RTCP_BYE:
            return True
        at += 4 + 4 * int.from_bytes(payload[at + 2 : at + 4])
    return False


def ticks_between(earlier: int, later: int) -> int:
    """Return how far a time stamp lies after another, negative where it lies before it."""
    ticks = (later - earlier) % _WRAP
    return ticks - _WRAP if ticks >= _WRAP // 2 else ticks
