"""The inputs of the device, for Media1 and Media2 (section 6 of the notes)."""

from collections.abc import Iterable

from simulator.core.accounts import Right
from simulator.core.channels import Channel
from simulator.footage.formats import MILLISECONDS

from .device import Device
from .namespaces import Service
from .operation import Call, Operation
from .profiles import Profile
from .xml import Document, Name


def operations() -> Iterable[Operation]:
    """Give the operations."""
    yield Operation(Service.MEDIA, "GetVideoSources", sources, Right.LIVE)
    for service in (Service.MEDIA, Service.MEDIA2):
        yield Operation(service, "GetVideoSourceConfigurations", configurations, Right.LIVE)


async def sources(device: Device, _call: Call) -> Document:
    """List the inputs."""
    return {"trt:VideoSources": [_source(device, each) for each in device.channels]}


def _source(device: Device, channel: Channel) -> Document:
    main = device.main_profile(channel)
    return {
        "@token": main.source,
        "Framerate": MILLISECONDS / main.format.interval_ms,
        "Resolution": {"Width": main.format.width, "Height": main.format.height},
    }


async def configurations(device: Device, call: Call) -> Document:
    """List how the inputs are set up."""
    mains = [device.main_profile(each) for each in device.channels]
    prefix = "trt" if call.namespace == Service.MEDIA else "tr2"
    return {f"{prefix}:Configurations": [configuration(each) for each in mains]}


def configuration(profile: Profile) -> Document:
    """Tell how an input is set up."""
    main = profile.channel.streams[min(profile.channel.streams)]
    return {
        "@token": profile.source_config,
        "Name": Name(profile.of(profile.tokens.source_name)),
        "UseCount": len(profile.channel.streams),
        "SourceToken": profile.source,
        "Bounds": {"@x": 0, "@y": 0, "@width": main.width, "@height": main.height},
    }
