"""How often a recorder has refused the credentials of an entry, over all attempts to set it up.

The driver keeps a recorder's account from being locked as long as it lives; a failed set-up ends the
driver, and Home Assistant tries again after five seconds. What has to last longer is kept here.
"""

from collections.abc import Callable
from time import monotonic

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LONGEST_LOCK, REFUSED_LOGIN_PAUSE
from .drivers.errors import AccountLockedError, AuthenticationError

DATA_REFUSALS: HassKey[dict[str, Refusals]] = HassKey(f"{DOMAIN}_refusals")


class Refusals:
    """The refused logins of one entry.

    Credentials of an entry worked once, else there were no entry. So the first refusal is followed by
    a pause, of a minute or as long as the account is locked, and one more try; the second is final,
    until a login succeeds. This is the driver's own rule, kept for as long as Home Assistant runs.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Initialize."""
        self._clock = clock
        self._refused = False
        self._silent_until: float | None = None
        self._last: AuthenticationError | None = None
        self.final = False

    @property
    def pending(self) -> AuthenticationError | None:
        """The error of the last refusal while the pause after it lasts: nobody may log in then."""
        if self._silent_until is not None and self._clock() < self._silent_until:
            return self._last
        return None

    def note(self, error: AuthenticationError) -> None:
        """Count a refusal. What a driver says within the pause, without asking, doesn't count."""
        if self.pending is not None:
            return
        self._last = error
        if self._refused:
            self.final = True
            self._silent_until = None
            return
        self._refused = True
        pause = REFUSED_LOGIN_PAUSE.total_seconds()
        if isinstance(error, AccountLockedError) and error.seconds_left is not None:
            pause = max(pause, min(error.seconds_left, LONGEST_LOCK.total_seconds()))
        self._silent_until = self._clock() + pause

    def clear(self) -> None:
        """Forget all: a login succeeded."""
        self._refused = False
        self._silent_until = None
        self._last = None
        self.final = False


def refusals_of(hass: HomeAssistant, entry_id: str) -> Refusals:
    """Return the refused logins of an entry."""
    return hass.data.setdefault(DATA_REFUSALS, {}).setdefault(entry_id, Refusals())


def forget_refusals(hass: HomeAssistant, entry_id: str) -> None:
    """Forget an entry that is removed."""
    hass.data.get(DATA_REFUSALS, {}).pop(entry_id, None)
