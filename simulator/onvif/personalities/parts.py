"""What devices that speak ONVIF are put together from."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from simulator.core.accounts import LoginPolicy
from simulator.core.channels import Camera, Channel
from simulator.core.disks import MEBIBYTE, Disk
from simulator.core.parts import Plans, network_channels
from simulator.footage.formats import StreamFormat, VideoCodec

SUB_H265: Final = StreamFormat(
    codec=VideoCodec.H265, width=640, height=360, fps=10, gop_seconds=2, bitrate_kbps=384
)
THIRD: Final = StreamFormat(
    codec=VideoCodec.H264, width=640, height=352, fps=5, gop_seconds=4, bitrate_kbps=128
)
_CARD_MIB: Final = 121_746
_FREE_MIB: Final = 900


def login(realm: str, *, tries: int = 5, lock: timedelta = timedelta(minutes=5)) -> LoginPolicy:
    """Give how accounts are guarded: so many refusals lock an address for so long."""
    return LoginPolicy(realm=realm, tries=tries, lock=lock)


def card() -> list[Disk]:
    """Give the one disk of a camera."""
    return [Disk(number=1, capacity_bytes=_CARD_MIB * MEBIBYTE, free_bytes=_FREE_MIB * MEBIBYTE)]


def ip_channels(plans: Plans, streams: Mapping[int, StreamFormat]) -> list[Channel]:
    """Give channels of cameras in a recorder's own network."""

    def camera(number: int) -> Camera:
        serial = f"IPC{number:06}"
        return Camera(model="IPC", serial=serial, firmware="", address=f"192.0.2.{130 + number}")

    return network_channels(plans, streams, camera=camera)
