"""How a device says no: SOAP 1.2 faults (section 2 of the notes)."""

from typing import Self


class Refusal(Exception):
    """A request is answered by a fault.

    Attributes:
        receiver: whether the device is to blame, not the client.
        subcodes: the codes of ONVIF, the outer one first.
        detail: in words.
    """

    def __init__(
        self, reason: str, *subcodes: str, receiver: bool = False, detail: str | None = None
    ) -> None:
        """Refuse for a reason."""
        super().__init__(reason)
        self.reason = reason
        self.subcodes = subcodes
        self.receiver = receiver
        self.detail = detail

    @classmethod
    def malformed(cls) -> Self:
        """No SOAP."""
        return cls("Well-formed Error", "WellFormed")

    @classmethod
    def not_authorized(cls) -> Self:
        """No user's message, or not one of a user who may."""
        return cls("The action requested requires authorization", "NotAuthorized")

    @classmethod
    def unsupported(cls, *, sender: bool = False) -> Self:
        """There is no such operation."""
        reason = "This optional method is not implemented"
        return cls(reason, "ActionNotSupported", "NotImplemented", receiver=not sender)

    @classmethod
    def invalid(cls, what: str, reason: str = "the parameter value is illegal") -> Self:
        """An argument is wrong: `what` says which."""
        return cls(reason, "InvalidArgVal", what)

    @classmethod
    def exhausted(cls, what: str) -> Self:
        """There is no room for one more."""
        return cls("Resource problem", "Action", what, receiver=True)

    @classmethod
    def failed(cls) -> Self:
        """Something went wrong inside."""
        return cls("Action failed", "Action", receiver=True)
