"""Discovery: the answer to who asks the network for this maker's devices (section 17 of the notes)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import socket
import struct
from typing import Final, override
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from .device import Device
from .face import HikvisionFace

GROUP: Final = "239.255.255.250"
PORT: Final = 37020
_LONGEST_PROBE: Final = 2048
_INQUIRIES: Final = frozenset({"inquiry", "inquiry_v32"})
_DEVICE_TYPE: Final = 138_240
_SDK_PORT: Final = 8000


@dataclass(frozen=True, kw_only=True)
class Multicast:
    """Where discovery is spoken.

    Attributes:
        interface: address of the network interface; nothing leaves it.
        group: multicast address.
        port: of the group; answers go to it as well.
    """

    interface: str = "127.0.0.1"
    group: str = GROUP
    port: int = PORT


@asynccontextmanager
async def discoverable(
    face: HikvisionFace, network: Multicast | None = None
) -> AsyncIterator[None]:
    """Let a recorder answer to discovery for the duration of the block.

    Raises:
        OSError: the group can't be joined on that interface.
    """
    network = network or Multicast()
    sock = _joined(network)
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Responder(face.device, network), sock=sock
        )
    except BaseException:
        sock.close()
        raise
    try:
        yield
    finally:
        transport.close()


def _joined(network: Multicast) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        interface = socket.inet_aton(network.interface)
        membership = struct.pack("4s4s", socket.inet_aton(network.group), interface)
        sock.bind((network.group, network.port))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class _Responder(asyncio.DatagramProtocol):
    def __init__(self, device: Device, network: Multicast) -> None:
        self._device = device
        self._network = network
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        probe = _probe(data)
        if probe is None or self._transport is None:
            return
        answer = _match(self._device, probe, self._network.interface)
        self._transport.sendto(answer, (self._network.group, self._network.port))
        if addr[1] != self._network.port:
            self._transport.sendto(answer, addr)


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
    ip_channels = len(device.ip_channels)
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
