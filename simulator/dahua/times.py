"""Device times as CGI and RPC2 write and read them: wall clock, whole seconds, no zone (section 2)."""

from datetime import datetime
import re

from simulator.core.recorder import SimulatedRecorder

from .firmware import Firmware
from .traits.box import TimeForm

_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?P<rest>\.\d+)?(?P<half> [AP]M)?"
)
_NOON = 12


def write(firmware: Firmware, wall: datetime) -> str:
    """Write digits of the device's clock; fractions of a second are left out."""
    match firmware.time_form:
        case TimeForm.PADDED:
            return f"{wall:%Y-%m-%d %H:%M:%S}"
        case TimeForm.UNPADDED:
            return f"{wall.year}-{wall.month}-{wall.day} {wall.hour}:{wall:%M:%S}"
        case TimeForm.TWELVE_HOURS:
            return f"{wall:%Y-%m-%d %I:%M:%S} {'AM' if wall.hour < _NOON else 'PM'}"


def tell(recorder: SimulatedRecorder, firmware: Firmware, instant: datetime) -> str:
    """Write what the device's clock shows at a true instant."""
    return write(firmware, recorder.clock.wall(instant))


def read(firmware: Firmware, text: str) -> datetime:
    """Read digits of the device's clock.

    Raises:
        ValueError: it is no time, or not one that this firmware takes.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"no time: {text!r}")
    if match["rest"] is not None and firmware.fractions_refused:
        raise ValueError(f"with fractions: {text!r}")
    if match["half"] is not None and firmware.time_form is not TimeForm.TWELVE_HOURS:
        raise ValueError(f"with half days: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if match["half"] is not None:
        hour = hour % _NOON + (_NOON if match["half"] == " PM" else 0)
    return datetime(year, month, day, hour, minute, second)
