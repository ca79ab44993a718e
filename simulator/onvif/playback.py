"""What the device's RTSP addresses stand for (sections 6 and 9 of the notes)."""

from http import HTTPStatus

from simulator.rtsp.presentation import Presentation, RtspRefusal

from .device import Device
from .profiles import Profile


def resolve(device: Device, target: str) -> Presentation:
    """Give what an RTSP path with its query stands for.

    Raises:
        RtspRefusal: there is no such stream.
    """
    for profile in device.profiles:
        if profile.of(profile.tokens.live) == target and profile.channel.has_pictures:
            return _live(device, profile)
    raise RtspRefusal(HTTPStatus.NOT_FOUND)


def _live(device: Device, profile: Profile) -> Presentation:
    channel = profile.channel
    return Presentation(
        source=device.recorder.source(channel.number, profile.stream),
        title=f"Media Server {device.recorder.identity.firmware}",
        stamp=device.recorder.clock.stamp,
        available=lambda: channel.has_pictures,
    )
