"""How a device says no (section 3 of the protocol notes)."""

from http import HTTPStatus
from typing import Self

_STATUS_STRINGS = {
    1: "OK",
    2: "Device Busy",
    3: "Device Error",
    4: "Invalid Operation",
    5: "Invalid XML Format",
    6: "Invalid XML Content",
    7: "Reboot Required",
}

DONE = frozenset({1, 7})
"""The statusCodes that are no errors."""
BUSY = 2


class Refusal(Exception):
    """A request is answered with a ResponseStatus."""

    def __init__(
        self, http: HTTPStatus, code: int, sub_status: str, description: str | None = None
    ) -> None:
        """Refuse with an HTTP status, a statusCode and a subStatusCode."""
        super().__init__(sub_status)
        self.description = description
        self.http = http
        self.code = code
        self.sub_status = sub_status

    @property
    def status_string(self) -> str:
        """The words for the statusCode."""
        return _STATUS_STRINGS[self.code]

    @classmethod
    def ok(cls) -> Self:
        """No refusal at all: done."""
        return cls(HTTPStatus.OK, 1, "ok")

    @classmethod
    def not_supported(cls) -> Self:
        """The model doesn't have this."""
        return cls(HTTPStatus.FORBIDDEN, 4, "notSupport")

    @classmethod
    def missing(cls, http: HTTPStatus) -> Self:
        """The model doesn't have this, said by one of several statuses."""
        match http:
            case HTTPStatus.BAD_REQUEST:
                return cls.bad_content()
            case HTTPStatus.INTERNAL_SERVER_ERROR:
                return cls.device_error()
            case _:
                return cls(http, 4, "notSupport")

    @classmethod
    def bad_authorization(cls) -> Self:
        """Something else than the password is missing."""
        return cls(HTTPStatus.FORBIDDEN, 4, "badAuthorization")

    @classmethod
    def method_not_allowed(cls) -> Self:
        """Not with this verb."""
        return cls(HTTPStatus.FORBIDDEN, 4, "methodNotAllowed")

    @classmethod
    def low_privilege(cls) -> Self:
        """The user hasn't the right to."""
        return cls(HTTPStatus.FORBIDDEN, 4, "lowPrivilege")

    @classmethod
    def invalid_operation(cls) -> Self:
        """Not now, or not on this channel."""
        return cls(HTTPStatus.FORBIDDEN, 4, "invalidOperation")

    @classmethod
    def no_recording(cls) -> Self:
        """What is asked for isn't on the disks any more."""
        return cls(HTTPStatus.FORBIDDEN, 4, "taskNoRecFile")

    @classmethod
    def bad_format(cls) -> Self:
        """No XML."""
        return cls(HTTPStatus.BAD_REQUEST, 5, "badXmlFormat")

    @classmethod
    def bad_content(cls) -> Self:
        """XML that isn't understood."""
        return cls(HTTPStatus.BAD_REQUEST, 6, "badXmlContent")

    @classmethod
    def bad_parameters(cls, description: str | None = None) -> Self:
        """XML that is understood and asks for what can't be."""
        return cls(HTTPStatus.BAD_REQUEST, 6, "badParameters", description)

    @classmethod
    def reboot_required(cls) -> Self:
        """Done, and comes true with the next boot."""
        return cls(HTTPStatus.OK, 7, "rebootRequired")

    @classmethod
    def busy(cls) -> Self:
        """Others are being served."""
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, 2, "deviceBusy")

    @classmethod
    def device_error(cls) -> Self:
        """Something failed inside."""
        return cls(HTTPStatus.INTERNAL_SERVER_ERROR, 3, "deviceError")
