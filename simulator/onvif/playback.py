"""What the device's RTSP addresses stand for (sections 6 and 9 of the notes)."""

from http import HTTPStatus

from simulator.rtsp.presentation import Presentation, RtspRefusal

from .containers import Container, container_of
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
    known = container_of(device, target)
    if known is not None:
        return _recorded(device, known)
    raise RtspRefusal(HTTPStatus.NOT_FOUND)


def _recorded(device: Device, known: Container) -> Presentation:
    """Give all that is in a recording by now: the time comes with PLAY."""
    recorder, profile = device.recorder, known.profile
    tokens = profile.tokens
    return Presentation(
        source=recorder.source(known.channel, known.stream),
        spans=known.all_spans(),
        title=_title(device),
        tokens=(
            profile.of(tokens.video_track),
            profile.of(tokens.audio_track),
            profile.of(tokens.meta_track),
        ),
        stamp=recorder.clock.stamp,
        from_stamp=recorder.clock.from_stamp,
        following=lambda instant: known.spans(instant, recorder.now()),
    )


def _live(device: Device, profile: Profile) -> Presentation:
    channel = profile.channel
    return Presentation(
        source=device.recorder.source(channel.number, profile.stream),
        title=_title(device),
        stamp=device.recorder.clock.stamp,
        available=lambda: channel.has_pictures,
    )


def _title(device: Device) -> str:
    return f"Media Server {device.recorder.identity.firmware}"
