"""What a request proves with who sends it: WS-UsernameToken."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameToken:
    """User name and password as a request carries them: hashed with the device's time.

    ``offset`` is device minus true time, as devices refuse what is not of their present (section 3 of the notes).
    """

    username: str
    password: str = field(repr=False)
    offset: timedelta
