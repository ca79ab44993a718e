"""What devices that speak ONVIF are put together from."""

from datetime import timedelta
from typing import Final

from simulator.core.accounts import LoginPolicy
from simulator.footage.formats import StreamFormat, VideoCodec

SUB_H265: Final = StreamFormat(
    codec=VideoCodec.H265, width=640, height=360, fps=10, gop_seconds=2, bitrate_kbps=384
)


def login(realm: str, *, tries: int = 5, lock: timedelta = timedelta(minutes=5)) -> LoginPolicy:
    """Give how accounts are guarded: so many refusals lock an address for so long."""
    return LoginPolicy(realm=realm, tries=tries, lock=lock)
