"""How firmwares differ in what they tell of the box (sections 2, 5, 6, 7 and 16 of the notes)."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class LockReport(StrEnum):
    """How it is told that an address is locked out."""

    PLAIN = "as a wrong password"
    LOCK_STATUS = "lockStatus in the body of the 401"
    AUTHENTICATION_FAILED = "a ResponseStatus with AuthenticationFailed"
    FORBIDDEN = "403"


class ChallengeBody(StrEnum):
    """What comes with a challenge."""

    USER_CHECK = "userCheck"
    RESPONSE_STATUS = "ResponseStatus"
    HTML = "HTML"


class RebootAnswer(StrEnum):
    """What comes back for the wish to reboot."""

    OK = "ok"
    REQUIRED = "statusCode 7"
    CUT = "the connection ends"


@dataclass(frozen=True, kw_only=True)
class BoxTraits:
    """What the box tells of itself.

    Attributes:
        device_type: what deviceInfo calls it.
        tells_tries: whether a refused login says how many tries are left.
        lock_report: how it is told that an address is locked out.
        challenge_body: what comes with a challenge.
        newer_capabilities: whether it tells what only newer firmware has.
        time_mode: by what its clock is said to be set.
        working_status: whether the state of all channels can be had as JSON.
        status_absent: whether it has no System/status.
        newline_numbers: whether numbers of System/status come after a line break (DS-8632N-I8).
        idle_disks: whether a disk that is well and not written to is called `idle`.
        ports_hidden: whether the ports are told to nobody.
        input_list: whether its own video inputs are listed; a recorder of IP cameras has none.
        proxy_list: whether IP channels are listed; a camera has none.
        empty_ip_slots: so many slots are announced though no camera is in them.
        stream_list: whether all streams can be had at once.
        missing_stream: how a stream that a channel doesn't have is refused.
        reboot_answer: what comes back for the wish to reboot.
        contacts: whether there are alarm inputs; those of cameras are told by the proxy alone.
        whole_settings: whether settings are refused unless all that was told comes back.
        keeps_settings: whether settings are kept; they are called done in any case.
    """

    device_type: str = "NVR"
    tells_tries: bool = True
    lock_report: LockReport = LockReport.LOCK_STATUS
    challenge_body: ChallengeBody = ChallengeBody.USER_CHECK
    newer_capabilities: bool = True
    time_mode: str = "NTP"
    working_status: bool = True
    status_absent: bool = False
    newline_numbers: bool = False
    idle_disks: bool = False
    ports_hidden: bool = False
    input_list: bool = False
    proxy_list: bool = True
    empty_ip_slots: int = 0
    stream_list: bool = True
    missing_stream: HTTPStatus = HTTPStatus.FORBIDDEN
    reboot_answer: RebootAnswer = RebootAnswer.OK
    contacts: bool = False
    whole_settings: bool = False
    keeps_settings: bool = True
