"""What is written into pictures: the channels' names (section 6 of the notes)."""

from collections.abc import Iterable

from simulator.core.accounts import Right

from .device import Device
from .errors import Refusal
from .namespaces import Service
from .operation import Call, Operation
from .profiles import Profile
from .xml import Document, Name, text_of


def operations() -> Iterable[Operation]:
    """Give the operations."""
    for service in (Service.MEDIA, Service.MEDIA2):
        yield Operation(service, "GetOSDs", titles, Right.LIVE)


async def titles(device: Device, call: Call) -> Document:
    """List the names, of all inputs or of the one whose configuration is asked for."""
    if not device.firmware.titles:
        raise Refusal.unsupported(sender=device.firmware.absent_as_sender)
    wanted = text_of(call.body, "ConfigurationToken")
    mains = [device.main_profile(each) for each in device.channels]
    prefix = "trt" if call.namespace == Service.MEDIA else "tr2"
    found = [_title(each) for each in mains if wanted in {None, each.source_config}]
    return {f"{prefix}:OSDs": found}


def _title(main: Profile) -> Document:
    return {
        "@token": f"OSD_{main.source_config}",
        "VideoSourceConfigurationToken": main.source_config,
        "Type": "Text",
        "Position": {"Type": "LowerLeft"},
        "TextString": {
            "Type": "Plain",
            "PlainText": Name(main.channel.name),
        },
    }
