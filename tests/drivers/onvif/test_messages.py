"""Envelopes and faults, as devices write them."""

import pytest

from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.models import Right
from custom_components.nvr.drivers.onvif.envelope import read_answer
from custom_components.nvr.drivers.onvif.faults import NotAuthorizedError, RejectedError

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DTD = '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>'


def _read(body: str, status: int = 200) -> str | None:
    return read_answer(status, body.encode(), "GetX", Right.SETTINGS).tag


def _envelope(inside: str) -> str:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{inside}</s:Body></s:Envelope>'


def _fault(*codes: str) -> str:
    inner = ""
    for code in reversed(codes[1:]):
        inner = f"<s:Subcode><s:Value>{code}</s:Value>{inner}</s:Subcode>"
    return _envelope(f"<s:Fault><s:Code><s:Value>{codes[0]}</s:Value>{inner}</s:Code></s:Fault>")


@pytest.mark.parametrize(
    "body",
    [
        _envelope('<t:GetXResponse xmlns:t="urn:t"/>'),
        _envelope("<GetXResponse/>"),
        f'<?xml version="1.0" encoding="utf-16"?>{_envelope("<GetXResponse/>")}',
        f'<Envelope xmlns="{SOAP}"><Header/><Body><GetXResponse xmlns="urn:t"/></Body></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body><GetXResponse/></Body><Header/></Envelope>',
        _envelope("<tds:GetXResponse/>"),
    ],
)
def test_the_same_answer_in_any_envelope(body: str) -> None:
    assert (_read(body) or "").endswith("GetXResponse")


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        (("s:Sender", "ter:NotAuthorized"), NotAuthorizedError),
        (("s:Sender", "wsse:FailedAuthentication"), NotAuthorizedError),
        (("s:Sender", "ter:OperationProhibited"), NotPermittedError),
        (("s:Receiver", "ter:ActionNotSupported"), NotSupportedError),
        # devices/onvif/faults
        (("s:Sender", "ter:ActionNotSupported", "ter:NotImplemented"), NotSupportedError),
        (("SOAP-ENV:Sender", "ter:InvalidArgVal", "ter:NoRecording"), NoFootageError),
        # devices/onvif/hikvision-camera
        (("env:Sender", "ter:InvalidArgVal", "ter:InvalidParameter"), RejectedError),
        (("s:Receiver", "ter:Action", "ter:ResourceProblem"), DeviceBusyError),
        (("s:Receiver",), DeviceFaultError),
        (("Sender", "InvalidArgVal"), RejectedError),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_faults_are_told_by_their_codes(
    codes: tuple[str, ...], error: type[DriverError], status: int
) -> None:
    with pytest.raises(error) as caught:
        _read(_fault(*codes), status)
    if error is RejectedError:
        assert isinstance(caught.value, RejectedError)
        assert caught.value.codes == tuple(code.rpartition(":")[2] for code in codes)


def test_a_fault_of_the_older_soap() -> None:
    with pytest.raises(RejectedError):
        _read(_envelope("<s:Fault><faultcode>SOAP-ENV:Client</faultcode></s:Fault>"))
    with pytest.raises(DeviceFaultError):
        _read(_envelope("<s:Fault/>"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NotAuthorizedError),
        (403, NotPermittedError),
        (404, NotSupportedError),
        (405, NotSupportedError),
        (429, DeviceBusyError),
        (503, DeviceBusyError),
        (500, DeviceFaultError),
        (400, RejectedError),
        (200, InvalidAnswerError),
    ],
)
@pytest.mark.parametrize("body", ["", _envelope(""), "<html><body>No</body></html>", "<html>No"])
def test_where_there_is_no_message_the_status_tells(
    status: int, error: type[DriverError], body: str
) -> None:
    if status == 200 and body.endswith("</html>"):
        error = UnknownDeviceError
    with pytest.raises(error):
        _read(body, status)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<html><body/></html>", UnknownDeviceError),
        ("not found", InvalidAnswerError),
        (_envelope("<GetYResponse/>"), InvalidAnswerError),
        (_envelope("<GetX/>"), InvalidAnswerError),
        (_envelope("<GetXResponse>"), InvalidAnswerError),
        (DTD + _envelope("<GetXResponse>&c;</GetXResponse>"), InvalidAnswerError),
        (_envelope("<GetXResponse/>" + "<a>" * 100 + "</a>" * 100), InvalidAnswerError),
        (
            f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>{_envelope("<GetXResponse>&f;</GetXResponse>")}',
            InvalidAnswerError,
        ),
    ],
)
def test_what_is_no_answer(body: str, error: type[DriverError]) -> None:
    with pytest.raises(error):
        _read(body)
