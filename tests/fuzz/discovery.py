"""The readers of what anybody in the network may answer to a scan, and of a crowd of answers."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
import json
from typing import Final

from hypothesis import strategies as st

from custom_components.nvr.discovery import dhdiscover, sadp, ws_discovery
from custom_components.nvr.discovery.merge import merge
from custom_components.nvr.discovery.models import Answer
from scripts.provision.layout import ROOT
from tests.fuzz.reader import Reader

DEVICES: Final = ROOT.parent / "shared" / "devices" / "dahua"
_SOURCES: Final = ("192.0.2.64", "192.0.2.108", "192.168.254.2")
_BETWEEN: Final = b"\x1e"
_SADP: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?><ProbeMatch><Types>inquiry</Types>'
    b"<DeviceDescription>DS-7608NI-K2</DeviceDescription><DeviceSN>DS-7608NI-K2-1</DeviceSN>"
    b"<HttpPort>80</HttpPort><MAC>4c-bd-8f-01-02-03</MAC><IPv4Address>192.0.2.64</IPv4Address>"
    b"<AnalogChannelNum>0</AnalogChannelNum><DigitalChannelNum>8</DigitalChannelNum>"
    b"<SoftwareVersion>V4.22</SoftwareVersion><Activated>true</Activated></ProbeMatch>"
)
_DHDISCOVER: Final = (
    b"\x20\0\0\0DHIP"
    + bytes(24)
    + b'{"mac": "3c:ef:8c:01:02:03", "method": "client.notifyDevInfo",'
    b' "params": {"deviceInfo": {"DeviceClass": "NVR", "DeviceType": "NVR5216", "HttpPort": 80,'
    b' "IPv4Address": {"IPAddress": "192.0.2.108"}, "Init": 1162, "MachineName": "Villa",'
    b' "RemoteVideoInputChannels": 16, "SerialNo": "8A0B1C2PAZ00001", "Version": "4.003"}}}\n\0'
)
_WS_DISCOVERY: Final = (
    b'<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    b"<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>"
    b"urn:uuid:4d454930-0000-1000-8000-bcbac2010203</a:Address></a:EndpointReference>"
    b"<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>onvif://www.onvif.org/name/A"
    b" onvif://www.onvif.org/hardware/B%20C onvif://www.onvif.org/MAC/0c:a6:4c:01:02:03</d:Scopes>"
    b"<d:XAddrs>http://192.0.2.64:8000/onvif/device_service http://[fe80::1]/</d:XAddrs>"
    b"</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
)
_WORDS: Final = (
    b"<", b">", b"/>", b"&", b"&#0;", b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"{", b"}", b'{"', b'"', b":", b",", b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 30, b"\\ud800", b"\x7b\x03",
    "٣".encode(), "²".encode(), b"\xef\xbb\xbf", b"\x00", b"\xff\xfe", b"DHIP", b"client.notifyDevInfo", b"deviceInfo",
    b"0.0.0.0", b"255.255.255.255", b"00:00:00:00:00:00", b"ff-ff-ff-ff-ff-ff", b"http://[::1", b"http://h:99999/",
    b"http://\xe2\x80\xae/", b"urn:uuid:", b"%ff", b"ProbeMatch", b"hello", b"false", b"IPC", b"VTH", _BETWEEN,
)  # fmt: skip


@cache
def _real() -> list[bytes]:
    return [file.read_bytes() for file in sorted(DEVICES.glob("*/dhdiscover.*.json"))]


def _crowd(data: bytes) -> None:
    """Let many answer at once, from few addresses."""
    answers: list[Answer] = []
    for number, datagram in enumerate(data.split(_BETWEEN)[:128]):
        source = _SOURCES[number % len(_SOURCES)]
        answers += ws_discovery.read(datagram, source)
        for read in (sadp.read, dhdiscover.read):
            if (answer := read(datagram, source)) is not None:
                answers.append(answer)
    for found in merge(answers):
        assert found.name
        assert found.key
        # It is written to Home Assistant's storage, and shown.
        json.dumps([found.name, found.key, found.model, found.firmware, found.endpoint]).encode()
        f"{found.name}{found.model}{found.firmware}{found.key}".encode()


def _all(read: Callable[[bytes, str], Iterable[Answer]]) -> Callable[[bytes], None]:
    def reads(data: bytes) -> None:
        for answer in read(data, _SOURCES[0]):
            assert answer.host == _SOURCES[0]

    return reads


def _discovery(
    name: str, read: Callable[[bytes], object], corpus: Callable[[], Sequence[bytes]]
) -> Reader:
    return Reader(
        name=f"discovery-{name}",
        read=read,
        corpus=corpus,
        shapes=st.lists(
            st.sampled_from([_SADP, _DHDISCOVER, _WS_DISCOVERY, *_WORDS]), max_size=8
        ).map(b"".join),
        words=_WORDS,
    )


DISCOVERY: Final = (
    _discovery("sadp", lambda data: sadp.read(data, _SOURCES[0]), lambda: [_SADP]),
    _discovery(
        "dhdiscover",
        lambda data: dhdiscover.read(data, _SOURCES[0]),
        lambda: [_DHDISCOVER, *_real()],
    ),
    _discovery("ws-discovery", _all(ws_discovery.read), lambda: [_WS_DISCOVERY]),
    _discovery(
        "crowd",
        _crowd,
        lambda: [_BETWEEN.join([_SADP, _DHDISCOVER, _WS_DISCOVERY, *_real(), _SADP])],
    ),
)
