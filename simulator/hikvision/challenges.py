"""How a device asks who someone is, and turns away (section 2 of the protocol notes)."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from simulator.core.accounts import Outcome, Verdict

from .device import XML_TYPE, Device, html_page
from .traits.box import ChallengeBody, LockReport
from .xml import Document, Value, render

_FAILED: Final = {Outcome.REFUSED, Outcome.LOCKED}


def challenge(device: Device, verdict: Verdict) -> web.Response:
    """Turn a request away, with a challenge for each scheme by which it may sign."""
    response = _body(device, verdict)
    if response.status != HTTPStatus.UNAUTHORIZED:
        return response
    for text in device.recorder.accounts.challenges(stale=verdict.outcome is Outcome.STALE):
        response.headers.add("WWW-Authenticate", text)
    return response


def _body(device: Device, verdict: Verdict) -> web.Response:
    firmware = device.firmware
    locked = verdict.outcome is Outcome.LOCKED
    if locked and firmware.lock_report is LockReport.FORBIDDEN:
        return _status(device, HTTPStatus.FORBIDDEN, {})
    if locked and firmware.lock_report is LockReport.AUTHENTICATION_FAILED:
        failed: Document = {
            "lockStatus": "lock",
            "retryTimes": 0,
            "resLockTime": verdict.unlock_in_s,
        }
        return _status(device, HTTPStatus.UNAUTHORIZED, {"AuthenticationFailed": failed})
    match firmware.challenge_body:
        case ChallengeBody.HTML:
            return html_page(HTTPStatus.UNAUTHORIZED)
        case ChallengeBody.RESPONSE_STATUS:
            return _status(device, HTTPStatus.UNAUTHORIZED, {})
        case ChallengeBody.USER_CHECK:
            return _user_check(device, verdict)


def _status(device: Device, http: HTTPStatus, more: Document) -> web.Response:
    content: Document = {
        "requestURL": None,
        "statusCode": 4,
        "statusString": "Invalid Operation",
        "subStatusCode": "invalidOperation",
        **more,
    }
    body = render("ResponseStatus", content, device.firmware)
    return web.Response(status=http, body=body, headers={"Content-Type": XML_TYPE})


def _user_check(device: Device, verdict: Verdict) -> web.Response:
    firmware = device.firmware
    content: dict[str, Value] = {"statusValue": 401, "statusString": "Unauthorized"}
    locked = verdict.outcome is Outcome.LOCKED
    tells = firmware.lock_report is LockReport.LOCK_STATUS if locked else firmware.tells_tries
    if tells and verdict.outcome in _FAILED:
        content |= {
            "lockStatus": "lock" if locked else "unlock",
            "unlockTime": verdict.unlock_in_s,
            "retryLoginTime": verdict.tries_left,
        }
    body = render("userCheck", content, firmware)
    return web.Response(
        status=HTTPStatus.UNAUTHORIZED, body=body, headers={"Content-Type": XML_TYPE}
    )
