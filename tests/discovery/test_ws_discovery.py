"""What is read of WS-Discovery, and what is asked."""

from dataclasses import replace

import pytest

from custom_components.nvr.discovery import ws_discovery
from custom_components.nvr.discovery.models import Answer, Protocol
from custom_components.nvr.drivers import xml

SOURCE = "192.0.2.10"
SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/Profile/G"
    " onvif://www.onvif.org/hardware/CS-H8c onvif://www.onvif.org/name/Front%20door"
    " onvif://www.onvif.org/MAC/0c:a6:4c:01:02:03"
)
ENDPOINT = "urn:uuid:2419D68A-2DD2-21B2-A205-0CA64C010203"


def match(
    *,
    endpoint: str = ENDPOINT,
    types: str = "dn:NetworkVideoTransmitter tds:Device",
    scopes: str = SCOPES,
    addresses: str = "http://192.0.2.10/onvif/device_service",
) -> str:
    """Return what one device says."""
    return (
        f"<d:ProbeMatch><a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference>"
        f"<d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
    )


def matches(*inner: str, namespaces: bool = True) -> bytes:
    """Return a message."""
    declared = (
        ' xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
        if namespaces
        else ""
    )
    return (
        f"<s:Envelope{declared}><s:Header><a:RelatesTo>uuid:1</a:RelatesTo></s:Header>"
        f"<s:Body><d:ProbeMatches>{''.join(inner)}</d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


EXPECTED = Answer(
    protocol=Protocol.WS_DISCOVERY,
    host=SOURCE,
    named_host=SOURCE,
    https=False,
    name="Front door",
    model="CS-H8c",
    mac="0c:a6:4c:01:02:03",
    endpoint=ENDPOINT.casefold(),
)


@pytest.mark.parametrize(
    "data",
    [
        matches(match()),
        matches(match(), namespaces=False),
        # A real device's declaration: the bytes are UTF-8 all the same.
        b'<?xml version="1.0" encoding="utf-16"?>' + matches(match()),
        matches(match()) + b"\x00\r\n",
    ],
)
def test_an_answer_says_who_is_there(data: bytes) -> None:
    assert list(ws_discovery.read(data, SOURCE)) == [EXPECTED]


@pytest.mark.parametrize(
    ("addresses", "named", "port", "https"),
    [
        ("http://192.0.2.10:8080/onvif", SOURCE, 8080, False),
        ("https://192.0.2.10/onvif http://192.0.2.10:80/onvif", SOURCE, 80, False),
        ("https://192.0.2.10:8443/onvif", SOURCE, 8443, True),
        ("http://169.254.1.2/onvif http://192.0.2.10:2020/onvif", SOURCE, 2020, False),
        # Somebody else's address is not believed; the port is worth a try.
        ("http://198.51.100.1:8899/onvif", "198.51.100.1", 8899, False),
        ("http://[fe80::1]/onvif", None, None, False),
        ("http://[fe80::1%25eth0]:81/onvif http://192.0.2.10:80/onvif", SOURCE, 80, False),
        ("http://[fe80::1]:81/ http://[fd00::1]:82/ http://192.0.2.9:83/", "192.0.2.9", 83, False),
        ("http://[fd00::1]:8080/onvif", None, 8080, False),
        ("http://[fe80::1 http://h:99999/ ftp://192.0.2.10/ nonsense", None, None, None),
        ("http://xn--a/onvif", None, None, None),
        ("", None, None, None),
    ],
)
def test_the_address_is_the_one_that_answered(
    addresses: str, named: str | None, port: int | None, https: bool | None
) -> None:
    [answer] = ws_discovery.read(matches(match(addresses=addresses)), SOURCE)
    assert answer == replace(EXPECTED, named_host=named, port=port, https=https)


@pytest.mark.parametrize(
    ("endpoint", "mac"),
    [
        # Made of time and MAC address.
        ("urn:uuid:4d454930-0000-1000-8000-bcbac2010203", "bc:ba:c2:01:02:03"),
        ("uuid:4d454930-0000-1000-8000-bcbac2010203", "bc:ba:c2:01:02:03"),
        # A number in its place that was drawn.
        ("urn:uuid:4d454930-0000-1000-8000-bdbac2010203", None),
        ("urn:uuid:4d454930-0000-4000-8000-bcbac2010203", None),
        ("http://192.0.2.10/", None),
    ],
)
def test_an_endpoint_may_hold_the_mac_address(endpoint: str, mac: str | None) -> None:
    [answer] = ws_discovery.read(matches(match(endpoint=endpoint, scopes="onvif://a/b")), SOURCE)
    assert (answer.endpoint, answer.mac) == (endpoint, mac)


@pytest.mark.parametrize(
    "data",
    [
        *ws_discovery.probes(),
        matches(),
        # A printer, and a computer.
        matches(match(types="wsdp:Device wprt:PrintDeviceType", scopes="")),
        matches(match(types="", scopes=SCOPES)),
        b"",
        b"\x00" * 100,
        b"<s:Envelope>",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + matches(match(scopes="&b;")),
    ],
    # Questions have another number each time.
    ids=lambda data: f"{len(data)}-bytes",
)
def test_all_else_is_no_answer(data: bytes) -> None:
    assert list(ws_discovery.read(data, SOURCE)) == []


def test_nobody_answers_for_a_crowd() -> None:
    data = matches(*(match(endpoint=f"urn:{number}") for number in range(100)))
    assert len(list(ws_discovery.read(data, SOURCE))) == ws_discovery.MAX_MATCHES


def test_only_probes_are_asked() -> None:
    bodies = []
    for message in ws_discovery.probes():
        root = xml.parse(message)
        header, body = xml.find(root, "Header"), xml.find(root, "Body")
        assert header is not None
        assert body is not None
        assert xml.text(header, "Action") == (
            "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"
        )
        assert (xml.text(header, "MessageID") or "").startswith("urn:uuid:")
        assert [xml.local(child) for child in body] == ["Probe"]
        bodies.append(xml.text(body, "Probe", "Types"))
    assert bodies == ["dn:NetworkVideoTransmitter", "tds:Device"]
