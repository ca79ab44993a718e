"""What is read of SADP, and what is asked."""

import pytest

from custom_components.nvr.discovery import sadp
from custom_components.nvr.discovery.models import Answer, DeviceKind, Protocol
from custom_components.nvr.drivers import xml

SOURCE = "192.0.2.64"


def match(**changes: str | None) -> bytes:
    """Return an answer with the fields that section 17 of the notes tells, some of them changed."""
    fields: dict[str, str | None] = {
        "Uuid": "13A888A9-F1B1-4020-AE9F-05607682D23B",
        "Types": "inquiry",
        "DeviceType": "10554",
        "DeviceDescription": "DS-7608NI-K2/8P",
        "DeviceSN": "DS-7608NI-K2/8P0820190101CCRRC12345678WCVU",
        "CommandPort": "8000",
        "HttpPort": "80",
        "MAC": "4c-bd-8f-01-02-03",
        "IPv4Address": SOURCE,
        "DHCP": "flase",
        "AnalogChannelNum": "0",
        "DigitalChannelNum": "8",
        "SoftwareVersion": "V4.22.005build 191010",
        "Activated": "true",
        **changes,
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text is not None)
    return f'<?xml version="1.0" encoding="UTF-8"?><ProbeMatch>{inner}</ProbeMatch>'.encode()


def test_an_answer_says_who_is_there() -> None:
    assert sadp.read(match(), SOURCE) == Answer(
        protocol=Protocol.SADP,
        host=SOURCE,
        named_host=SOURCE,
        port=80,
        model="DS-7608NI-K2/8P",
        firmware="V4.22.005build 191010",
        serial="DS-7608NI-K2/8P0820190101CCRRC12345678WCVU",
        mac="4c:bd:8f:01:02:03",
        kind=DeviceKind.RECORDER,
    )


@pytest.mark.parametrize(
    ("model", "analogue", "digital", "kind"),
    [
        ("DS-7608NI-K2/8P", "0", "8", DeviceKind.RECORDER),
        ("iDS-7204HUHI-M1/E", "4", "2", DeviceKind.RECORDER),
        ("OEM-4", "4", None, DeviceKind.RECORDER),
        ("DS-2CD2386G2-IU", "1", "0", DeviceKind.CAMERA),
        ("DS-2CD2386G2-IU", None, None, DeviceKind.CAMERA),
        # Several lenses in one camera.
        ("DS-2SE4C425MWG-E/26", "0", "2", DeviceKind.CAMERA),
        ("OEM-1", "1", "0", DeviceKind.CAMERA),
        ("DS-KV6113", "0", "0", None),
        ("OEM-X", None, None, None),
    ],
)
def test_channels_tell_recorders_from_cameras(
    model: str, analogue: str | None, digital: str | None, kind: DeviceKind | None
) -> None:
    answer = sadp.read(
        match(DeviceDescription=model, AnalogChannelNum=analogue, DigitalChannelNum=digital), SOURCE
    )
    assert answer is not None
    assert answer.kind is kind


@pytest.mark.parametrize(
    ("told", "needs_setup"), [("false", True), ("flase", True), ("true", False), (None, False)]
)
def test_a_device_without_a_password_says_so(told: str | None, needs_setup: bool) -> None:
    answer = sadp.read(match(Activated=told), SOURCE)
    assert answer is not None
    assert answer.needs_setup is needs_setup


@pytest.mark.parametrize(
    "data",
    [
        sadp.inquiry(),
        b"<Probe><Uuid>1</Uuid><Types>inquiry</Types></Probe>",
        match(Types="update"),
        match(DeviceDescription=None, DeviceSN=None, MAC=None),
        match(DeviceDescription="", DeviceSN="0000", MAC="00-00-00-00-00-00"),
        b"",
        b"\xff" * 64,
        b"<ProbeMatch>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><ProbeMatch><DeviceSN>&b;</DeviceSN></ProbeMatch>',
    ],
    # Questions have another number each time.
    ids=lambda data: f"{len(data)}-bytes",
)
def test_all_else_is_no_answer(data: bytes) -> None:
    assert sadp.read(data, SOURCE) is None


def test_odd_values_say_nothing() -> None:
    answer = sadp.read(
        match(HttpPort="99999", IPv4Address="0.0.0.0", MAC="none", DeviceSN="A\u202eB\x1b"), SOURCE
    )
    assert answer is not None
    assert (answer.port, answer.named_host, answer.mac) == (None, None, None)
    assert answer.serial == "AB"


def test_only_an_inquiry_is_asked() -> None:
    root = xml.parse(sadp.inquiry())
    assert xml.local(root) == "Probe"
    assert xml.text(root, "Types") == "inquiry"
    assert {xml.local(child) for child in root} == {"Uuid", "Types"}
    assert sadp.inquiry() != sadp.inquiry()
