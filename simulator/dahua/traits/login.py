"""How firmwares differ in RPC2 and its log-in (section 4 of the protocol notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Encryption(StrEnum):
    """How the password goes over the wire."""

    DEFAULT = "Default"
    OLD_DIGEST = "OldDigest"
    BASIC = "Basic"


class Detail(StrEnum):
    """What is told of a log-in that failed."""

    ALONE = "its code"
    TRIES = "its code, and the tries that are left"
    WHICH = "whether user or password is wrong, and the tries that are left"


@dataclass(frozen=True, kw_only=True)
class LoginTraits:
    """How a client logs in by RPC2.

    Attributes:
        rpc: whether there is RPC2.
        challenge_code: the code of the first step's error.
        encryption: how the password goes over the wire.
        second_session: whether the session changes when the log-in is through.
        integer_sessions: whether sessions are numbers.
        session_life: a session of which nothing is heard for so long has ended.
        keep_alive_s: the interval that is told for signs of life.
        invalid_session: the code of a session that isn't known or has ended.
        bound_to_address: whether a session is good from one address alone.
        rising_ids: whether the ids of a session's requests have to rise.
        login_detail: what is told of a log-in that failed.
        listed_services: whether `system.listService` is there.
    """

    rpc: bool = True
    challenge_code: int = 268_632_079
    encryption: Encryption = Encryption.DEFAULT
    second_session: bool = False
    integer_sessions: bool = False
    session_life: timedelta = timedelta(seconds=120)
    keep_alive_s: int = 60
    invalid_session: int = 287_637_505
    bound_to_address: bool = True
    rising_ids: bool = False
    login_detail: Detail = Detail.TRIES
    listed_services: bool = True
