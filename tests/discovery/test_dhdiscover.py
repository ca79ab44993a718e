"""What is read of DHDiscover, and what is asked."""

from dataclasses import replace
import json
from pathlib import Path
import struct

import pytest

from custom_components.nvr.discovery import dhdiscover
from custom_components.nvr.discovery.models import Answer, DeviceKind, Protocol

SOURCE = "192.0.2.140"
DEVICES = Path(__file__).resolve().parents[3] / "shared/devices/dahua"

DEVICE_INFO: dict[str, object] = {
    "DeviceClass": "NVR",
    "DeviceType": "DHI-NVR5216-16P-EI",
    "HttpPort": 80,
    "IPv4Address": {"IPAddress": SOURCE, "SubnetMask": "255.255.255.0", "DhcpEnable": True},
    "Init": 1162,
    "MachineName": "Villa",
    "Port": 37777,
    "RemoteVideoInputChannels": 16,
    "SerialNo": "8A0B1C2PAZ00001",
    "Vendor": "Dahua",
    "Version": "4.003.0000000.5.R",
    "VideoInputChannels": 0,
}


def framed(body: bytes, *, size: int = 32) -> bytes:
    """Return a message behind a header of so many bytes."""
    return (
        struct.pack("<I4s8xIIII", 32, b"DHIP", len(body), 0, len(body), 0).ljust(size, b"\0")[:size]
        + body
    )


def notice(**changes: object) -> bytes:
    """Return an answer whose device information is changed, without a header; None takes away."""
    info = {name: value for name, value in {**DEVICE_INFO, **changes}.items() if value is not None}
    message = {
        "mac": "3c:ef:8c:01:02:03",
        "method": "client.notifyDevInfo",
        "params": {"deviceInfo": info},
    }
    return json.dumps(message).encode()


EXPECTED = Answer(
    protocol=Protocol.DHDISCOVER,
    host=SOURCE,
    named_host=SOURCE,
    port=80,
    name="Villa",
    model="DHI-NVR5216-16P-EI",
    firmware="4.003.0000000.5.R",
    serial="8A0B1C2PAZ00001",
    mac="3c:ef:8c:01:02:03",
    kind=DeviceKind.RECORDER,
)


@pytest.mark.parametrize(
    "data",
    [
        framed(notice()),
        framed(notice() + b"\n\x00"),
        framed(notice(), size=40),
        framed(notice(), size=24),
        notice(),
        # A length of 0x7b, which is a brace.
        framed(notice()).replace(struct.pack("<I", len(notice())), b"\x7b\x03\0\0"),
        framed(notice()) + framed(notice()),
    ],
)
def test_an_answer_says_who_is_there_whatever_its_frame(data: bytes) -> None:
    assert dhdiscover.read(data, SOURCE) == EXPECTED


def test_what_broke_off_still_says_what_came_before() -> None:
    whole = framed(notice())
    cut = whole[: whole.index(b'"MachineName"')]
    assert dhdiscover.read(cut + b"\n\x00", SOURCE) == replace(
        EXPECTED, named_host=None, name=None, serial=None, firmware=None
    )


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no recorded devices on this machine")
@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (
            "ipc-hdw5421s",
            Answer(
                protocol=Protocol.DHDISCOVER,
                host=SOURCE,
                named_host=SOURCE,
                port=80,
                model="IPC-HDW5421S",
                firmware="2.400.0.8",
                serial="1F006E4PAX00075",
                mac="4c:11:bf:c2:0b:9d",
                kind=DeviceKind.CAMERA,
            ),
        ),
        (
            "lorex-w461asc",
            Answer(
                protocol=Protocol.DHDISCOVER,
                host=SOURCE,
                named_host="192.168.86.81",
                port=80,
                model="W461ASC",
                firmware="2.800.030000000.3.R",
                mac="00:1f:54:a9:2e:58",
                kind=DeviceKind.CAMERA,
            ),
        ),
    ],
)
def test_real_devices_are_understood(device: str, expected: Answer) -> None:
    body = (DEVICES / device / "dhdiscover.reply.json").read_bytes()
    assert dhdiscover.read(framed(body), SOURCE) == expected


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        ({"DeviceClass": "XVR"}, DeviceKind.RECORDER),
        ({"DeviceClass": "NVR", "RemoteVideoInputChannels": 0}, DeviceKind.RECORDER),
        ({"DeviceClass": "HCVR", "RemoteVideoInputChannels": None}, DeviceKind.RECORDER),
        ({"DeviceClass": None}, DeviceKind.RECORDER),
        ({"DeviceClass": "IPC", "RemoteVideoInputChannels": None}, DeviceKind.CAMERA),
        (
            {"DeviceClass": "VTO", "VideoInputChannels": 1, "RemoteVideoInputChannels": 0},
            DeviceKind.CAMERA,
        ),
        ({"DeviceClass": 7, "VideoInputChannels": None, "RemoteVideoInputChannels": "x"}, None),
    ],
)
def test_class_and_channels_tell_recorders_from_cameras(
    info: dict[str, object], kind: DeviceKind | None
) -> None:
    answer = dhdiscover.read(notice(**info), SOURCE)
    assert answer is not None
    assert answer.kind is kind


@pytest.mark.parametrize(
    ("init", "needs_setup"), [(1162, False), (1161, True), (1, True), (None, False), ("1", False)]
)
def test_a_device_without_a_password_says_so(init: object, needs_setup: bool) -> None:
    answer = dhdiscover.read(notice(Init=init), SOURCE)
    assert answer is not None
    assert answer.needs_setup is needs_setup


@pytest.mark.parametrize(
    "data",
    [
        dhdiscover.search(),
        # An indoor monitor sees nothing.
        notice(DeviceClass="VTH", VideoInputChannels=0, RemoteVideoInputChannels=0),
        notice(DeviceType=None, SerialNo="0000").replace(b"3c:ef:8c:01:02:03", b""),
        b"",
        b"DHIP",
        b"{" * 10_000,
        b'{"a":' * 5_000,
        b'{"method": "client.notifyDevInfo", "params": []}',
        b'{"method": "client.notifyDevInfo", "params": {"deviceInfo": 1}}',
        b'["client.notifyDevInfo"]',
        b'{"method": ' + b"9" * 5_000 + b"}",
    ],
)
def test_all_else_is_no_answer(data: bytes) -> None:
    assert dhdiscover.read(data, SOURCE) is None


def test_odd_values_say_nothing() -> None:
    answer = dhdiscover.read(
        notice(HttpPort=True, IPv4Address=[], MachineName="\ud800", Version={}, SerialNo=1), SOURCE
    )
    assert answer == replace(
        EXPECTED, named_host=None, port=None, name=None, firmware=None, serial=None
    )


def test_only_a_search_is_asked() -> None:
    header, body = dhdiscover.search()[:32], dhdiscover.search()[32:]
    assert header == bytes.fromhex(
        f"20000000 44484950 0000000000000000 {len(body):02x}000000 00000000"
        f" {len(body):02x}000000 00000000"
    )
    assert json.loads(body) == {"method": "DHDiscover.search", "params": {"mac": "", "uni": 1}}
