"""WS-Discovery, by which ONVIF devices are found (section 4 of the ONVIF notes).

The library `wsdiscovery` writes the questions. Asking and reading are done here, because of what it
does otherwise (its version 2.1.2; section 12 of the notes): it asks over all interfaces but the
loopback, not over those that Home Assistant is to use; it doesn't say where an answer came from, which
is the one thing in an answer that is sure; its thread ends at the first answer whose numbers are none,
and remembers every message without a bound; and it drops what devices are known to send, as wrong
declarations of encodings and undeclared prefixes.
"""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID
from xml.etree.ElementTree import Element

from wsdiscovery.actions import constructProbe
from wsdiscovery.message import createSOAPMessage
from wsdiscovery.qname import QName
from yarl import URL

from ..drivers import xml
from ..drivers.errors import InvalidAnswerError
from ..drivers.figures import normal_mac
from ..drivers.onvif.identity import scopes_by_category
from .models import Answer, Protocol
from .texts import ipv4_address, mac_address, port_number, word

GROUP = "239.255.255.250"
PORT = 3702
_NETWORK = "http://www.onvif.org/ver10/network/wsdl"
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_ONVIF_TYPES = {"networkvideotransmitter", "networkvideostorage", "device"}
_ONVIF_SCOPE = "onvif://"
# Proxies answer for others, and say more than one match.
MAX_MATCHES = 16
MAX_ADDRESSES = 16
MAX_TYPES = 32
_UUID_OF_A_MAC = 1
_GROUP_ADDRESS_BIT = 1 << 40


def probes() -> tuple[bytes, ...]:
    """Return the questions who is there: some devices answer to the one type, some to the other."""
    return (
        _probe(QName(_NETWORK, "NetworkVideoTransmitter", "dn")),
        _probe(QName(_DEVICE, "Device", "tds")),
    )


def read(data: bytes, source: str) -> Iterator[Answer]:
    """Give what came from an address; nothing where it is no answer, or none of an ONVIF device."""
    try:
        root = xml.parse(data)
    except InvalidAnswerError:
        return
    for match in islice(xml.items(root, "ProbeMatch"), MAX_MATCHES):
        if (answer := _answer(match, source)) is not None:
            yield answer


def _probe(kind: QName) -> bytes:
    message: str = createSOAPMessage(constructProbe([kind], []))
    return message.encode()


def _answer(match: Element, source: str) -> Answer | None:
    scopes = (xml.text(match, "Scopes") or "").split()
    if not _is_onvif(match, scopes):
        return None
    address = _service(match, source)
    told = scopes_by_category(scopes)
    endpoint = word(xml.text(match, "EndpointReference", "Address"))
    mac = mac_address(told.get("mac")) or mac_address(told.get("macaddress"))
    return Answer(
        protocol=Protocol.WS_DISCOVERY,
        host=source,
        named_host=None if address is None else ipv4_address(address.host),
        port=None if address is None else port_number(address.explicit_port),
        https=None if address is None else address.scheme == "https",
        name=word(told.get("name")),
        model=word(told.get("hardware")),
        mac=mac or _mac_of_endpoint(endpoint),
        endpoint=None if endpoint is None else endpoint.casefold(),
    )


def _is_onvif(match: Element, scopes: list[str]) -> bool:
    """Return whether it is an ONVIF device: printers answer, too, whatever type is asked for."""
    types = (xml.text(match, "Types") or "").split()[:MAX_TYPES]
    known = any(name.rpartition(":")[2].casefold() in _ONVIF_TYPES for name in types)
    return known and (
        any("video" in name.casefold() for name in types)
        or any(scope.casefold().startswith(_ONVIF_SCOPE) for scope in scopes)
    )


def _service(match: Element, source: str) -> URL | None:
    """Return where its device service is: at the address that it answered from, if it names one there.

    Of the addresses that it names some are of networks that nobody here reaches.
    """
    named = [
        url
        for text in (xml.text(match, "XAddrs") or "").split()[:MAX_ADDRESSES]
        if (url := _url(text))
    ]
    # IPv4 before IPv6, which is mostly that of the link; plain before TLS, which devices with both do worse.
    named.sort(key=lambda url: (url.host != source, ":" in (url.host or ""), url.scheme == "https"))
    return named[0] if named else None


def _url(text: str) -> URL | None:
    try:
        url = URL(text)
        # Read only now, and by it may be found that it is none: "xn--a" is the name of no host.
        _ = url.explicit_port
        known = url.scheme in {"http", "https"} and url.host
    except ValueError:
        return None
    return url if known else None


def _mac_of_endpoint(endpoint: str | None) -> str | None:
    """Return the MAC address in an endpoint: many devices make theirs of time and MAC address."""
    try:
        uuid = UUID((endpoint or "").rpartition("uuid:")[2])
    except ValueError:
        return None
    if uuid.version != _UUID_OF_A_MAC or uuid.node & _GROUP_ADDRESS_BIT:
        return None
    return normal_mac(f"{uuid.node:012x}")
