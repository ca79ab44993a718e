"""Discovery: the answer to who asks the network for this maker's devices (section 17 of the notes)."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from simulator.core.discovery import Answer, Multicast, responding

from .device import Device
from .face import HikvisionFace

GROUP: Final = "239.255.255.250"
PORT: Final = 37020
_LONGEST_PROBE: Final = 2048
_INQUIRIES: Final = frozenset({"inquiry", "inquiry_v32"})
_DEVICE_TYPE: Final = 138_240
_SDK_PORT: Final = 8000


NETWORK: Final = Multicast(group=GROUP, port=PORT)


def discoverable(
    face: HikvisionFace, network: Multicast = NETWORK
) -> AbstractAsyncContextManager[None]:
    """Let a recorder answer to discovery for the duration of the block.

    Raises:
        OSError: the group can't be joined on that interface.
    """

    def respond(data: bytes) -> Iterable[Answer]:
        probe = _probe(data)
        if probe is not None:
            answer = _match(face.device, probe, network.interface)
            yield Answer(data=answer, to_group=True, to_asker=True)

    return responding(network, respond)


def _probe(data: bytes) -> Element | None:
    """Read a question, None if it is anything else: the answers of others, or an order."""
    try:
        root: Element = defusedxml.ElementTree.fromstring(data[:_LONGEST_PROBE], forbid_dtd=True)
    except ParseError, DefusedXmlException, ValueError:
        return None
    if root.tag != "Probe" or root.findtext("Types", "") not in _INQUIRIES:
        return None
    return root


def _match(device: Device, probe: Element, self_address: str) -> bytes:
    identity = device.recorder.identity
    ip_channels = len(device.network_channels)
    fields = {
        "Uuid": probe.findtext("Uuid", ""),
        "Types": "inquiry",
        "DeviceType": _DEVICE_TYPE,
        "DeviceDescription": identity.model,
        "DeviceSN": identity.serial,
        "CommandPort": _SDK_PORT,
        "HttpPort": device.ports.http,
        "MAC": identity.mac.replace(":", "-"),
        # Where it is reached, whatever it takes for its own address.
        "IPv4Address": self_address,
        "IPv4SubnetMask": "255.255.255.0",
        "IPv4Gateway": "0.0.0.0",
        "IPv6Address": "::",
        "IPv6Gateway": "::",
        "IPv6MaskLen": 64,
        "DHCP": "flase",
        "AnalogChannelNum": len(device.recorder.channels) - ip_channels,
        "DigitalChannelNum": ip_channels,
        "SoftwareVersion": f"{identity.firmware}build {identity.firmware_date:%y%m%d}",
        "DSPVersion": f"V5.0build {identity.firmware_date:%y%m%d}",
        "BootTime": f"{device.recorder.clock.wall(device.recorder.started):%Y-%m-%d %H:%M:%S}",
        "Encrypt": "true",
        "ResetAbility": "false",
        "DiskNumber": len(device.recorder.disks),
        "Activated": "true",
        "PasswordResetAbility": "true",
    }
    root = Element("ProbeMatch")
    for name, value in fields.items():
        SubElement(root, name).text = str(value)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body
