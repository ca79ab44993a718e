"""What refusals mean (sections 2 and 4 of the notes)."""

import pytest

from custom_components.nvr.drivers.dahua.faults import (
    MAX_COUNT,
    NoDataError,
    ObjectLostError,
    RefusedRequestError,
    cgi_fault,
    login_fault,
    read_refusal,
    rpc_fault,
)
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    NotInitialisedError,
    NotPermittedError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Right


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"Error\r\nBad Request!\r\n", RefusedRequestError),
        (400, b"Error\r\nNot Implemented!\r\n", RefusedRequestError),
        (200, b"Error\r\nErrorID=2, Detail=Invalid Request!\r\n", RefusedRequestError),
        (200, b"Error: Error -1 getting param in name=Nope", RefusedRequestError),
        (200, b"Error: No Events", NoDataError),
        (200, b"Error\r\n", DeviceFaultError),
        (500, b"Error\r\n", DeviceFaultError),
        (403, b"Authority:check failure.", NotPermittedError),
        (200, b"Error\r\nInvalid Authority!", NotPermittedError),
        # Whatever the status is, and without the line in front.
        (200, b"Authority:check failure.\r\n", NotPermittedError),
        (200, b"Invalid Authority!\r\n", NotPermittedError),
        (200, b"Bad Request!\r\n", RefusedRequestError),
        (200, b"Not Implemented!", RefusedRequestError),
        (200, b"ErrorID=2, Detail=Invalid Request!", RefusedRequestError),
        (503, b"", DeviceBusyError),
        (200, b"Error\r\nResource is limited, open video failed!", DeviceBusyError),
        (404, b"", RefusedRequestError),
        (200, b"<html>login</html>", RefusedRequestError),
    ],
)
def test_refusals_of_cgi(status: int, body: bytes, kind: type[DriverError]) -> None:
    fault = cgi_fault(status, body, "x.y", Right.PLAYBACK)
    assert type(fault) is kind
    if isinstance(fault, NotPermittedError):
        assert fault.right is Right.PLAYBACK


@pytest.mark.parametrize("body", [b"OK\r\n", b"name=Error\r\n", b"errors=3\r\n", b"error=0", b""])
def test_what_is_no_refusal(body: bytes) -> None:
    assert cgi_fault(200, body, "x.y", Right.SETTINGS) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (268894210, RefusedRequestError),
        (268632064, RefusedRequestError),
        (268959743, DeviceFaultError),
        (285409284, NoDataError),
        (285278249, NotPermittedError),
        (-267976703, ObjectLostError),
        (268632075, DeviceBusyError),
        (None, DeviceFaultError),
        (12345, RefusedRequestError),
    ],
)
def test_codes_of_rpc2(code: int | None, kind: type[DriverError]) -> None:
    assert type(rpc_fault(code, "x", "x.y", Right.LIVE)) is kind


def test_a_refused_login_says_what_is_left() -> None:
    error = login_fault(
        {
            "error": {"code": 268632071},
            "params": {"error": "PasswordNotValid", "remainLoginTimes": 2},
        }
    )
    assert type(error) is AuthenticationError
    assert error.tries_left == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": 268632081}, "params": {"remainLockSecond": 900}},
        {"params": {"error": "HasBeenLocked", "remainLockSecond": 900}},
        {"error": {"code": 268632085}, "params": {"remainLoginTimes": 0, "remainLockSecond": 900}},
    ],
)
def test_a_lock_says_how_long(answer: dict[str, object]) -> None:
    error = login_fault(answer)  # type: ignore[arg-type] # a tree, by its parts
    assert isinstance(error, AccountLockedError)
    assert error.seconds_left == 900


def test_a_lock_of_many_digits_is_long_enough() -> None:
    error = login_fault({"error": {"code": 268632081}, "params": {"remainLockSecond": 10**17}})
    assert isinstance(error, AccountLockedError)
    assert error.seconds_left == MAX_COUNT
    LoginGuard(proven=True).refuse(error)


@pytest.mark.parametrize(
    ("code", "kind"), [(268632086, NotInitialisedError), (268632074, DeviceBusyError)]
)
def test_other_refusals_say_nothing_of_the_password(code: int, kind: type[DriverError]) -> None:
    assert type(login_fault({"error": {"code": code}})) is kind


def test_the_body_of_a_refusal_may_say_something() -> None:
    assert read_refusal(b"<html>401</html>") is None
    assert read_refusal(b"{}") is None
    locked = read_refusal(b'{"params": {"error": "HasBeenLocked", "remainLockSecond": 60}}')
    assert isinstance(locked, AccountLockedError)
