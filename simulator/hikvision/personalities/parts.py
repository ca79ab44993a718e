"""The cameras behind Hikvision's recorders."""

from collections.abc import Mapping

from simulator.core.channels import Camera, Channel
from simulator.core.parts import Plans, network_channels
from simulator.footage.formats import StreamFormat


def ip_channels(
    plans: Plans, streams: Mapping[int, StreamFormat], *, network: str, first: int = 1
) -> list[Channel]:
    """Give channels of cameras in the network, numbered from `first` on."""

    def camera(number: int) -> Camera:
        return Camera(
            model="DS-2CD2386G2-IU",
            serial=f"DS-2CD2386G2-IU20220301AAWRSIM{number:06}",
            firmware="V5.7.15 build 240201",
            address=f"{network}{100 + number}",
        )

    return network_channels(plans, streams, camera=camera, first=first)
