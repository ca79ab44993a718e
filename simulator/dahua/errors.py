"""How the device refuses: by CGI (section 2 of the protocol notes) and by RPC2 (section 4)."""

from enum import IntEnum
from http import HTTPStatus
from typing import Self

type RpcDetail = dict[str, str | int]


class Refusal(Exception):
    """A refusal by CGI; the texts of some differ by firmware, which `Device.refuse` knows."""

    def __init__(self, http: HTTPStatus, *lines: str) -> None:
        """Refuse with a status and lines of text."""
        super().__init__(f"{http} {' '.join(lines)}")
        self.http = http
        self.lines = lines

    @classmethod
    def bad_request(cls) -> Self:
        """Path, verb, argument or channel is none that it knows."""
        return cls(HTTPStatus.BAD_REQUEST, "Error", "Bad Request!")

    @classmethod
    def unknown_name(cls, name: str) -> Self:
        """No table of settings has that name."""
        return cls(HTTPStatus.OK, f"Error: Error -1 getting param in name={name}")

    @classmethod
    def no_events(cls) -> Self:
        """Nothing goes on."""
        return cls(HTTPStatus.OK, "Error: No Events")

    @classmethod
    def failed(cls, http: HTTPStatus = HTTPStatus.OK) -> Self:
        """It didn't work, and that is all that is said."""
        return cls(http, "Error")


class InvalidRequestError(Refusal):
    """The wrong verb for an object, such as `factory.close`."""

    def __init__(self) -> None:
        """Refuse; the status is the firmware's."""
        super().__init__(HTTPStatus.BAD_REQUEST, "Error", "ErrorID=2, Detail=Invalid Request!")


class NoAuthorityError(Refusal):
    """The user lacks the right."""

    def __init__(self) -> None:
        """Refuse; the text is the firmware's."""
        super().__init__(HTTPStatus.FORBIDDEN, "Authority:check failure.")


class Code(IntEnum):
    """Codes of RPC2's errors."""

    CHALLENGE = 268_632_079
    WRONG = 268_632_085
    UNKNOWN_USER = 268_632_070
    WRONG_PASSWORD = 268_632_071
    LOCKED = 268_632_081
    BLACKLISTED = 268_632_073
    IN_USE = 268_632_074
    BUSY = 268_632_075
    INVALID_SESSION = 287_637_505
    INVALID_REQUEST = 268_894_209
    UNKNOWN_METHOD = 268_894_210
    INVALID_PARAMETER = 268_894_211
    UNKNOWN_INTERFACE = 268_632_064
    UNSET = 268_959_743
    NO_DATA = 285_409_284
    NO_AUTHORITY = 285_278_249
    NO_OBJECT = -267_976_703


_MESSAGES = {
    Code.CHALLENGE: "Component error: login challenge!",
    Code.WRONG: "Component error: User or password not valid!",
    Code.UNKNOWN_USER: "Component error: User not valid!",
    Code.WRONG_PASSWORD: "Component error: Password not valid!",
    Code.LOCKED: "Component error: User is locked!",
    Code.BLACKLISTED: "Component error: In black list!",
    Code.IN_USE: "Component error: Has been used!",
    Code.BUSY: "Component error: System busy!",
    Code.INVALID_SESSION: "Invalid session in request data!",
    Code.INVALID_REQUEST: "Request has invalid data!",
    Code.UNKNOWN_METHOD: "Method not found!",
    Code.INVALID_PARAMETER: "Request has invalid parameter!",
    Code.UNKNOWN_INTERFACE: "Interface not found!",
    Code.UNSET: "Component error: error code not set!",
    Code.NO_DATA: "Component error: No data!",
    Code.NO_AUTHORITY: "Authority check failure!",
    Code.NO_OBJECT: "Object instance not found!",
}


class RpcRefusal(Exception):
    """A refusal by RPC2."""

    def __init__(self, code: int, detail: RpcDetail | None = None) -> None:
        """Refuse with an error's code, and with what is told besides."""
        super().__init__(code)
        self.code = code
        self.detail = detail

    @property
    def message(self) -> str:
        """What is said in words."""
        return _MESSAGES.get(Code(self.code), "") if self.code in _CODES else "Unknown error!"


_CODES = frozenset(Code)
