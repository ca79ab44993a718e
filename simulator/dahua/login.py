"""Log-in by RPC2 (section 4 of the protocol notes)."""

import base64
from collections.abc import Iterable
import hashlib
from typing import Final

from simulator.core.accounts import Outcome, Verdict

from .device import Device
from .errors import Code, RpcDetail, RpcRefusal
from .rpc import Call, Method, Reply
from .sessions import Session
from .traits.login import Detail, Encryption

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def methods() -> Iterable[Method]:
    """Give the methods of those who are logged in."""
    yield Method("global.keepAlive", keep_alive)
    yield Method("global.logout", log_out)


def log_in(device: Device, call: Call) -> tuple[Session, Reply]:
    """Answer a step of a log-in, with the session that it is about.

    Raises:
        LoginRefusalError: the challenge, which is the first step's answer, or a wrong password.
    """
    if call.method != "global.login":
        raise RpcRefusal(Code.UNKNOWN_METHOD)
    name, password = call.text("userName"), call.text("password")
    firmware = device.firmware
    session = device.sessions.find(call.session_id, call.source, firmware.session_life)
    if not password or session is None:
        session = device.sessions.begin(call.source, integer=firmware.integer_sessions)
        raise LoginRefusalError(session, firmware.challenge_code, _challenge(device, session))
    realm = device.recorder.accounts.policy.realm

    random = session.random

    def proves(known: str) -> bool:
        return password == hashed(firmware.encryption, name, known, realm, random)

    verdict = device.recorder.accounts.prove(name, proves, call.source)
    if not verdict.accepted or verdict.user is None:
        raise _failed(device, session, name, verdict)
    slots = firmware.session_slots
    if slots is not None and device.logged_in >= slots:
        raise LoginRefusalError(session, Code.BUSY)
    if firmware.second_session:
        device.sessions.end(session)
        session = device.sessions.begin(call.source, integer=firmware.integer_sessions)
    device.sessions.admit(session, verdict.user)
    return session, Reply({"keepAliveInterval": firmware.keep_alive_s})


class LoginRefusalError(RpcRefusal):
    """A step of a log-in that leads no further, with the session that goes with it."""

    def __init__(self, session: Session, code: int, detail: RpcDetail | None = None) -> None:
        """Refuse a session."""
        super().__init__(code, detail)
        self.session = session


def hashed(encryption: Encryption, name: str, password: str, realm: str, random: str) -> str:
    """Give what a client sends that knows a password."""
    match encryption:
        case Encryption.DEFAULT:
            return _md5(f"{name}:{random}:{_md5(f'{name}:{realm}:{password}')}")
        case Encryption.BASIC:
            return base64.b64encode(f"{name}:{password}".encode()).decode()
        case Encryption.OLD_DIGEST:
            digest = hashlib.md5(password.encode(), usedforsecurity=False).digest()
            pairs = zip(digest[::2], digest[1::2], strict=True)
            return "".join(_ALPHABET[(one + other) % len(_ALPHABET)] for one, other in pairs)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _challenge(device: Device, session: Session) -> RpcDetail:
    return {
        "encryption": device.firmware.encryption,
        "mac": device.recorder.identity.mac.replace(":", "").upper(),
        "random": session.random,
        "realm": device.recorder.accounts.policy.realm,
    }


def _failed(device: Device, session: Session, name: str, verdict: Verdict) -> LoginRefusalError:
    detail = device.firmware.login_detail
    if verdict.outcome is Outcome.LOCKED:
        locked: RpcDetail = {
            "error": "HasBeenLocked",
            "remainLockSecond": verdict.unlock_in_s,
            "remainLoginTimes": 0,
        }
        return LoginRefusalError(session, Code.LOCKED, None if detail is Detail.ALONE else locked)
    if detail is Detail.ALONE:
        return LoginRefusalError(session, Code.WRONG)
    tries: RpcDetail = {"remainLoginTimes": verdict.tries_left, "remainLockSecond": 0}
    if detail is Detail.TRIES:
        return LoginRefusalError(session, Code.WRONG, tries)
    if name in device.recorder.accounts.users:
        tries = {"error": "PasswordNotValid", **tries}
        return LoginRefusalError(session, Code.WRONG_PASSWORD, tries)
    return LoginRefusalError(session, Code.UNKNOWN_USER, {"error": "UserNotValidt", **tries})


async def keep_alive(device: Device, call: Call) -> Reply:
    """Take a sign of life."""
    wanted = call.whole("timeout", device.firmware.keep_alive_s)
    return Reply({"timeout": min(wanted, device.firmware.keep_alive_s)})


async def log_out(device: Device, call: Call) -> Reply:
    """End the session."""
    if call.session is not None:
        device.sessions.end(call.session)
    return Reply()
