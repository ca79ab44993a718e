"""How deep a graph of requests is, and how many logins are in it."""

from http import HTTPStatus

from benchmarks.recorder_orders import AskedRequest
from benchmarks.request_graph import depth, logins, renewals


def asked(
    began: float, ended: float | None, status: int = HTTPStatus.OK, *, stale: bool = False
) -> AskedRequest:
    return AskedRequest(began, ended, "GET", "/ISAPI/System/deviceInfo", status, stale)


def test_requests_one_after_the_other_add_up() -> None:
    assert depth([asked(0, 1), asked(1, 2), asked(2.5, 3)]) == 3


def test_requests_at_the_same_time_count_once() -> None:
    assert depth([asked(0, 1), asked(1, 2), asked(1, 2.1), asked(2.1, 3), asked(2.2, 3.2)]) == 3


def test_a_long_request_stands_beside_several_short_ones() -> None:
    assert depth([asked(0, 10), asked(1, 2), asked(3, 4), asked(5, 6)]) == 3


def test_what_is_still_being_answered_holds_nobody_up() -> None:
    assert depth([asked(0, None), asked(1, 2)]) == 1
    assert depth([]) == 0


def test_a_renewed_nonce_is_no_login() -> None:
    found = [
        asked(0, 1, HTTPStatus.UNAUTHORIZED),
        asked(1, 2),
        asked(3, 4, HTTPStatus.UNAUTHORIZED, stale=True),
        asked(4, 5),
    ]
    assert (logins(found), renewals(found)) == (1, 1)
