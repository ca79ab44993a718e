"""WS-Discovery, within this machine (section 4 of the notes)."""

import asyncio
from dataclasses import replace
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.discovery import Multicast
from simulator.onvif.discovery import GROUP, NETWORK, PORT, discoverable
from simulator.onvif.traits.box import Hosts
from tests.simulator.exchange import asking, free_port

from ..plugged import change
from .client import TDS, Soap, face_of

A = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
D = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
SCOPE = "onvif://www.onvif.org"


def probe(types: str = "dn:NetworkVideoTransmitter", scopes: str = "", match_by: str = "") -> bytes:
    """Ask for devices."""
    rule = f' MatchBy="{match_by}"' if match_by else ""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="{A[1:-1]}" xmlns:d="{D[1:-1]}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" '
        f'xmlns:tds="{TDS}"><s:Header><a:Action>{D[1:-1]}/Probe</a:Action>'
        "<a:MessageID>urn:uuid:7</a:MessageID></s:Header><s:Body><d:Probe>"
        f"<d:Types>{types}</d:Types><d:Scopes{rule}>{scopes}</d:Scopes></d:Probe></s:Body></s:Envelope>"
    ).encode()


@pytest.fixture
def network() -> Multicast:
    """Take a port that nobody has, on the loopback interface."""
    return replace(NETWORK, port=free_port())


def read(datagram: bytes) -> Element:
    """Read an answer."""
    root: Element = defusedxml.ElementTree.fromstring(datagram)
    return root


def text(root: Element, name: str) -> str:
    """Give the text of an element that is there once."""
    (found,) = root.iter(name)
    return found.text or ""


@pytest.mark.parametrize("host", [GROUP, "127.0.0.1"])
async def test_who_asks_is_answered(
    box: RecorderBox, soap: Soap, network: Multicast, host: str
) -> None:
    """The group, and the address of the device itself."""
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(probe(), (host, network.port))
        root = read(await listener.heard.get())
    assert text(root, f"{A}RelatesTo") == "urn:uuid:7"
    assert text(root, f"{A}Action") == f"{D[1:-1]}/ProbeMatches"
    assert text(root, f"{D}Types") == "dn:NetworkVideoTransmitter tds:Device"
    assert text(root, f"{D}XAddrs") == f"http://{box.address}/onvif/device_service"
    told = (await soap.ask(TDS, "GetScopes")).texts("ScopeItem")
    assert text(root, f"{D}Scopes").split() == told
    own = (await soap.bare(TDS, "GetEndpointReference")).text("GUID")
    assert text(root, f"{A}Address") == f"urn:uuid:{own}"


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        (probe("tds:Device"), True),
        (probe("dn:NetworkVideoTransmitter tds:Device"), True),
        (probe(""), True),
        (probe("dn:NetworkVideoDisplay"), False),
        (probe(scopes=f"{SCOPE}/Profile/G"), True),
        (probe(scopes=f"{SCOPE}/Profile"), True),
        (probe(scopes=f"{SCOPE}/Profile {SCOPE}/hardware/NVR5208-G"), True),
        (probe(scopes=f"{SCOPE}/hardware/NVR5208"), False),
        (probe(scopes=f"{SCOPE}/Profile/G", match_by=f"{D[1:-1]}/strcmp0"), True),
        (probe(scopes=f"{SCOPE}/Profile", match_by=f"{D[1:-1]}/strcmp0"), False),
        (probe(scopes="onvif://www.example.org/Profile"), False),
        (probe().replace(b"d:Probe>", b"d:Hello>"), False),
        (b"", False),
        (b"<a/>", False),
        (probe() + b" " * 5000, False),
    ],
)
async def test_who_is_meant(
    box: RecorderBox, network: Multicast, question: bytes, meant: bool
) -> None:
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(question, ("127.0.0.1", network.port))
        last = probe().replace(b"urn:uuid:7", b"urn:uuid:8")
        transport.sendto(last, ("127.0.0.1", network.port))
        first = text(read(await listener.heard.get()), f"{A}RelatesTo")
    assert first == ("urn:uuid:7" if meant else "urn:uuid:8")


async def test_other_manners(box: RecorderBox, network: Multicast) -> None:
    change(
        box,
        types=("tds:Device",),
        discovery_copies=2,
        discovery_relates=False,
        discovery_needs_type=True,
        discovery_addresses=("169.254.7.7",),
        discovery_by_group=True,
    )
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        for question in (probe(), probe(""), probe("tds:Device")):
            transport.sendto(question, (GROUP, network.port))
        first, second = [await listener.heard.get() for _ in range(2)]
        assert listener.heard.empty()
    assert read(second).tag == read(first).tag
    root = read(first)
    assert not [*root.iter(f"{A}RelatesTo")]
    good = f"http://{box.address}/onvif/device_service"
    assert text(root, f"{D}XAddrs") == f"http://169.254.7.7/onvif/device_service {good}"


async def test_an_address_of_another_network(box: RecorderBox, network: Multicast) -> None:
    change(box, hosts=Hosts.OWN)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(probe(), ("127.0.0.1", network.port))
        root = read(await listener.heard.get())
    assert text(root, f"{D}XAddrs") == "http://192.0.2.71/onvif/device_service"


async def test_an_answer_that_is_cut_off(box: RecorderBox, network: Multicast) -> None:
    change(box, discovery_broken=True)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(probe(), ("127.0.0.1", network.port))
        with pytest.raises(ParseError):
            read(await listener.heard.get())


async def test_who_does_not_want_to_be_found(box: RecorderBox, network: Multicast) -> None:
    change(box, discovered=False)
    async with asking(discoverable(face_of(box), network)) as (transport, listener):
        transport.sendto(probe(), ("127.0.0.1", network.port))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await listener.heard.get()


def test_has_the_standard_s_port_unless_told_otherwise() -> None:
    assert (NETWORK.interface, GROUP, PORT) == ("127.0.0.1", "239.255.255.250", 3702)
