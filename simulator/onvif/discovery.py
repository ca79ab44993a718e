"""WS-Discovery: the answer to who asks the network for devices (section 4 of the notes)."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit
import uuid
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
import defusedxml.ElementTree

from simulator.core.discovery import Answer, Multicast, responding

from .addresses import discovered_address
from .device import Device
from .face import OnvifFace
from .namespaces import DISCOVERY, DISCOVERY_ADDRESSING, SOAP, Service
from .network import scopes_of
from .system import endpoint_of

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
NETWORK: Final = Multicast(group=GROUP, port=PORT, direct=True)
NETWORK_TYPES: Final = "http://www.onvif.org/ver10/network/wsdl"
_LONGEST_PROBE: Final = 4096
_ANONYMOUS: Final = f"{DISCOVERY_ADDRESSING}/role/anonymous"
_STRICT: Final = "strcmp0"


def discoverable(
    face: OnvifFace, network: Multicast = NETWORK
) -> AbstractAsyncContextManager[None]:
    """Let a device answer to discovery for the duration of the block.

    Raises:
        OSError: the group can't be joined on that interface.
    """

    def respond(data: bytes) -> Iterable[Answer]:
        device = face.device
        message = _probe(data) if device.firmware.discovered else None
        if message is None or not _meant(device, message):
            return
        answer = _written(device, _text(message, "MessageID"), network.interface)
        for _ in range(device.firmware.discovery_copies):
            yield Answer(data=answer, to_group=False, to_asker=True)

    direct = network.direct and not face.device.firmware.discovery_by_group
    return responding(replace(network, direct=direct), respond)


def _probe(data: bytes) -> Element | None:
    """Read a question, None if it is anything else: answers of others, greetings, noise."""
    if len(data) > _LONGEST_PROBE:
        return None
    try:
        root: Element = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except ParseError, DefusedXmlException, ValueError:
        return None
    if root.find(f"{{{SOAP}}}Body/{{{DISCOVERY}}}Probe") is None:
        return None
    return root


def _meant(device: Device, message: Element) -> bool:
    """Say whether a question asks for such a device: all of its types, and all of its scopes."""
    own = {each.partition(":")[2] for each in device.firmware.types}
    asked = {each.rpartition(":")[2] for each in _text(message, "Types").split()}
    if not asked and device.firmware.discovery_needs_type:
        return False
    wanted = message.find(f".//{{{DISCOVERY}}}Scopes")
    strict = wanted is not None and wanted.get("MatchBy", "").endswith(_STRICT)
    scopes = _text(message, "Scopes").split()
    told = scopes_of(device)
    return asked <= own and all(
        any(_fits(each, scope, strict=strict) for each in told) for scope in scopes
    )


def _fits(told: str, asked: str, *, strict: bool) -> bool:
    """Say whether a scope is, or lies below, the one that is asked for: step by step of its path."""
    if strict:
        return told == asked
    ours, theirs = urlsplit(told), urlsplit(asked)
    if (ours.scheme.lower(), ours.netloc.lower()) != (theirs.scheme.lower(), theirs.netloc.lower()):
        return False
    steps = theirs.path.strip("/").split("/") if theirs.path.strip("/") else []
    return ours.path.strip("/").split("/")[: len(steps)] == steps


def _text(message: Element, name: str) -> str:
    """Give the text of the first element of a local name, empty if there is none."""
    found = (each for each in message.iter() if each.tag.rpartition("}")[2] == name)
    return (next((each.text or "" for each in found), "")).strip()


def _written(device: Device, question: str, host: str) -> bytes:
    firmware = device.firmware
    good = discovered_address(device, host)
    addresses = [f"http://{each}/onvif/device_service" for each in firmware.discovery_addresses]
    relates = f"<a:RelatesTo>{escape(question)}</a:RelatesTo>" if firmware.discovery_relates else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{DISCOVERY_ADDRESSING}" xmlns:d="{DISCOVERY}"'
        f' xmlns:dn="{NETWORK_TYPES}" xmlns:tds="{Service.DEVICE.value}"><s:Header>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>{relates}"
        f"<a:To>{_ANONYMOUS}</a:To><a:Action>{DISCOVERY}/ProbeMatches</a:Action>"
        '<d:AppSequence InstanceId="1" MessageNumber="1"/></s:Header><s:Body><d:ProbeMatches>'
        f"<d:ProbeMatch><a:EndpointReference><a:Address>{endpoint_of(device)}</a:Address>"
        f"</a:EndpointReference><d:Types>{' '.join(firmware.types)}</d:Types>"
        f"<d:Scopes>{escape(' '.join(scopes_of(device)))}</d:Scopes>"
        f"<d:XAddrs>{escape(' '.join([*addresses, good]))}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body>"
        "</s:Envelope>"
    )
    data = text.encode()
    return data[: len(data) // 2] if firmware.discovery_broken else data
