"""RTCP sender reports and goodbyes (RFC 3550, 6.4.1 and 6.6)."""

from datetime import UTC, datetime, timedelta

from simulator.footage.rtp import Packetizer

_VERSION = 0x80
_SENDER_REPORT, _DESCRIPTION, _BYE = 200, 202, 203
_ONE_SOURCE = 1
_NAME_ITEM = 1
_NAME = b"recorder"
_WORD = 4
_COUNTS = 1 << 32
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_NTP_FRACTION = 1 << 32


def sender_report(packetizer: Packetizer, shown: datetime, clock: timedelta) -> bytes:
    """Write a report with the name of the sender behind it, as RFC 3550 wants it.

    Args:
        packetizer: the track.
        shown: the instant whose RTP time stamp is told.
        clock: what the reported clock shows at that instant, since 1900.
    """
    packets, octets = packetizer.sent
    counted = (packetizer.timestamp(shown), packets % _COUNTS, octets % _COUNTS)
    body = packetizer.ssrc.to_bytes(4) + ntp(clock)
    body += b"".join(number.to_bytes(4) for number in counted)
    return _packet(0, _SENDER_REPORT, body) + _packet(
        _ONE_SOURCE, _DESCRIPTION, packetizer.ssrc.to_bytes(4) + _name()
    )


def goodbye(packetizer: Packetizer) -> bytes:
    """Write that a track is over."""
    return _packet(_ONE_SOURCE, _BYE, packetizer.ssrc.to_bytes(4))


def clock_of(digits: datetime) -> timedelta:
    """Give what a clock shows that is set to naive digits, since 1900."""
    return digits.replace(tzinfo=UTC) - _NTP_EPOCH


def ntp(clock: timedelta) -> bytes:
    """Write what a clock shows as an NTP time stamp of 64 bits.

    Fractions are rounded up: who cuts off what is smaller than a nanosecond finds the very microsecond again.
    """
    seconds, rest = divmod(clock, timedelta(seconds=1))
    fraction = -(-rest.microseconds * _NTP_FRACTION // 1_000_000)
    return (seconds % _COUNTS).to_bytes(4) + fraction.to_bytes(4)


def _name() -> bytes:
    item = bytes((_NAME_ITEM, len(_NAME))) + _NAME
    return item + bytes(_WORD - len(item) % _WORD)


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return bytes((_VERSION | count, kind)) + (len(body) // _WORD).to_bytes(2) + body
