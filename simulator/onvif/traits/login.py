"""Traits of the log-in (section 3 of the notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus


class Proof(StrEnum):
    """How messages may be signed."""

    TOKEN = "WS-UsernameToken"
    DIGEST = "HTTP digest"


@dataclass(frozen=True, kw_only=True)
class LoginTraits:
    """How it is found out who sends a message.

    Attributes:
        proofs: what is taken; with nothing, everybody is the administrator. Pictures and RTSP are always
            guarded as the `LoginPolicy` says.
        created_window: so far may a token's time be from the device's own.
        remembers_nonces: whether a token is good once.
        zulu_only: whether a token's time must end in `Z`.
        refusal_status: of the error by which a token is refused.
        guards_time: whether the time is told to users alone.
    """

    proofs: frozenset[Proof] = frozenset(Proof)
    created_window: timedelta = timedelta(seconds=60)
    remembers_nonces: bool = True
    zulu_only: bool = False
    refusal_status: HTTPStatus = HTTPStatus.BAD_REQUEST
    guards_time: bool = False
