"""Refusals and identity, as recorders word them."""

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.hikvision.faults import Fault, fault_of, read_refusal
from custom_components.nvr.drivers.hikvision.identity import normal_mac, read_recorder
from custom_components.nvr.drivers.models import Right


@pytest.mark.parametrize(
    ("http", "body", "error"),
    [
        (403, "<ResponseStatus><subStatusCode>lowPrivilege</subStatusCode></ResponseStatus>", NotPermittedError),
        (403, "<ResponseStatus><statusCode>4</statusCode></ResponseStatus>", NotSupportedError),
        (200, "<ResponseStatus><statusCode>2</statusCode></ResponseStatus>", DeviceBusyError),
        (500, "<ResponseStatus><statusCode>3</statusCode></ResponseStatus>", DeviceBusyError),
        (200, "<ResponseStatus><statusCode>4</statusCode><subStatusCode>taskNoRecFile</subStatusCode></ResponseStatus>", NoFootageError),
        (403, '{"statusCode": 4, "subStatusCode": "notActivated"}', CannotConnectError),
        (404, "", NotSupportedError),
        (500, "<html/>", NotSupportedError),
        (503, "", DeviceBusyError),
        (200, "<html><body>login</body></html>", NotSupportedError),
        (400, "<userCheck/>", NotSupportedError),
    ],
)  # fmt: skip
def test_refusals_become_errors(http: int, body: str, error: type[DriverError]) -> None:
    fault = fault_of(http, body.encode())
    assert fault is not None
    raised = fault.error("/path", Right.PLAYBACK)
    assert type(raised).__mro__.index(error) >= 0
    if isinstance(raised, NotPermittedError):
        assert raised.right is Right.PLAYBACK


@pytest.mark.parametrize(
    "body",
    [
        "<DeviceInfo/>",
        "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>",
        "<ResponseStatus><statusCode>7</statusCode></ResponseStatus>",
        "<ResponseStatus/>",
        "\xff\xd8",
    ],
)
def test_what_is_no_refusal(body: str) -> None:
    assert fault_of(200, body.encode("latin-1")) is None


def test_objections_to_the_form_are_told_from_others() -> None:
    assert Fault(400).is_malformed
    assert Fault(200, 6).is_malformed
    assert not Fault(403, 4).is_malformed


def test_refusals_of_a_login() -> None:
    assert read_refusal(b"<html>") is None
    assert read_refusal(b"<userCheck><statusValue>401</statusValue></userCheck>") is None
    tries = read_refusal(
        b"<userCheck><lockStatus>unlock</lockStatus><retryLoginTime>4</retryLoginTime></userCheck>"
    )
    assert tries is not None
    assert tries.tries_left == 4
    locked = read_refusal(
        b"<userCheck><lockStatus>lock</lockStatus><unlockTime>600</unlockTime></userCheck>"
    )
    assert isinstance(locked, AccountLockedError)
    assert locked.seconds_left == 600


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("E0:44:CF:0B:A7:98", "e0:44:cf:0b:a7:98"),
        ("e044-cf0b-a798", "e0:44:cf:0b:a7:98"),
        ("e044cf0ba798", "e0:44:cf:0b:a7:98"),
        ("00:00:00:00:00:00", None),
        ("e0:44", None),
        (None, None),
    ],
)
def test_mac_addresses(text: str | None, mac: str | None) -> None:
    assert normal_mac(text) == mac


@pytest.mark.parametrize(
    ("inner", "serial"),
    [
        ("<serialNumber>ABC</serialNumber><macAddress>020000000001</macAddress>", "ABC"),
        ("<serialNumber>0000</serialNumber><macAddress>020000000001</macAddress>", ""),
        ("<macAddress>020000000001</macAddress><deviceID>uuid</deviceID>", ""),
        ("<serialNumber/><deviceID>uuid</deviceID>", "uuid"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_stands_in_for_an_empty_serial(inner: str, serial: str) -> None:
    recorder = read_recorder(xml.parse(f"<DeviceInfo>{inner}</DeviceInfo>".encode()))
    assert recorder.serial == serial


@pytest.mark.parametrize(
    ("text", "manufacturer"), [("hikvision", "Hikvision"), ("", "Hikvision"), ("ABUS", "ABUS")]
)
def test_manufacturers(text: str, manufacturer: str) -> None:
    root = xml.parse(
        f"<x><DeviceInfo><manufacturer>{text}</manufacturer></DeviceInfo></x>".encode()
    )
    assert read_recorder(root).manufacturer == manufacturer
