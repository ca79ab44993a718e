"""DHDiscover: the answer to who asks the network for this maker's devices (section 13 of the notes)."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
import json
import struct
from typing import Final

from simulator.core.discovery import Answer, Multicast, responding

from .device import Device
from .face import DahuaFace
from .traits.discovery import Frame

GROUP: Final = "239.255.255.251"
PORT: Final = 37810
NETWORK: Final = Multicast(group=GROUP, port=PORT, direct=True)
HEAD_SIZE: Final = 32
_TAG: Final = b"DHIP"
# Length of the head, tag, two numbers that are 0, length of the JSON twice with a 0 behind each.
_HEAD: Final = struct.Struct("<I4sQIIII")
_SEARCH: Final = "DHDiscover.search"
_LONGEST_PROBE: Final = 2048
_MORE_HEAD: Final = b"\0" * 8
# Discovery tells it also where it can't be asked otherwise.
_CLASS: Final = "NVR"


def discoverable(
    face: DahuaFace, network: Multicast = NETWORK
) -> AbstractAsyncContextManager[None]:
    """Let a recorder answer to discovery for the duration of the block.

    Raises:
        OSError: the group can't be joined on that interface.
    """

    def respond(data: bytes) -> Iterable[Answer]:
        device = face.device
        firmware = device.firmware
        if not firmware.discovered or not (firmware.discovery_any or _asks(data)):
            return
        answer = _written(device, network.interface)
        group = firmware.discovery_by_group
        for _ in range(firmware.discovery_copies):
            yield Answer(data=answer, to_group=group, to_asker=not group)

    return responding(network, respond)


def framed(content: bytes) -> bytes:
    """Put the head before a question or an answer."""
    size = len(content)
    return _HEAD.pack(HEAD_SIZE, _TAG, 0, size, 0, size, 0) + content


def _asks(data: bytes) -> bool:
    """Say whether a datagram is a question: bare JSON is none."""
    if len(data) > _LONGEST_PROBE or data[4 : 4 + len(_TAG)] != _TAG:
        return False
    try:
        content = json.loads(data[HEAD_SIZE:].strip(b"\0\n"))
    except ValueError, RecursionError:
        return False
    return isinstance(content, dict) and content.get("method") == _SEARCH


def _written(device: Device, address: str) -> bytes:
    firmware = device.firmware
    info = _info(device, address)
    content = {
        "mac": device.recorder.identity.mac,
        "method": "client.notifyDevInfo",
        "params": {"deviceInfo": info},
    }
    body = json.dumps(content).encode()
    if firmware.discovery_broken:
        body = body[: len(body) // 2]
    body += firmware.discovery_tail
    match firmware.discovery_frame:
        case Frame.PLAIN:
            return framed(body)
        case Frame.LONG:
            head = framed(body)[:HEAD_SIZE]
            return head + _MORE_HEAD + body
        case Frame.BARE:
            return body


def _info(device: Device, address: str) -> dict[str, str | int | dict[str, str | bool]]:
    identity, firmware = device.recorder.identity, device.firmware
    network = len(device.network_channels)
    return {
        "AlarmInputChannels": 0,
        "AlarmOutputChannels": 0,
        "DeviceClass": firmware.device_class or _CLASS,
        "DeviceType": identity.model,
        "Find": "BD",
        "FindVersion": 1,
        "HttpPort": device.ports.http,
        # Where it is reached, whatever it takes for its own address.
        "IPv4Address": {
            "DefaultGateway": "0.0.0.0",
            "DhcpEnable": False,
            "IPAddress": address,
            "SubnetMask": "255.255.255.0",
        },
        "Init": firmware.initialized,
        "MachineName": identity.name,
        "Manufacturer": "Private",
        "Port": firmware.sdk_port,
        "RemoteVideoInputChannels": network,
        "SerialNo": identity.serial,
        "UnLoginFuncMask": 1,
        "Vendor": firmware.vendor,
        "Version": identity.firmware,
        "VideoInputChannels": len(device.recorder.channels) - network,
        "VideoOutputChannels": 1,
    }
