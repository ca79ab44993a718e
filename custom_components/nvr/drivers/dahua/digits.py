"""The device's wall clock as it is written in requests and answers (section 2 of the notes)."""

from datetime import datetime, timedelta
import re

# No device has been filming outside of these years; times near the ends of the calendar can't be counted with.
FIRST_YEAR, LAST_YEAR = 1970, 2099
NOON = 12
MIDNIGHT_AFTER = 24

# Zeros in front may be missing, and where the clock is set to 12 hours so does the answer show them. What stands
# behind the seconds, a fraction or a zone, is none of what devices mean.
_DIGITS = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?\s*([AaPp]\.?[Mm]\.?)?"
)


def read_digits(text: str | None) -> datetime | None:
    """Read a time as devices write it: naive, whole seconds. None where it is something else."""
    match = _DIGITS.match((text or "").strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    half = match[7]
    if half is not None:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half[0] in "Pp" else 0)
    # Days end at 24:00:00 in some tables.
    ends_day = hour == MIDNIGHT_AFTER and minute == second == 0
    try:
        found = datetime(year, month, day, 0 if ends_day else hour, minute, second)
        return found + timedelta(days=1) if ends_day else found
    except ValueError:
        return None


def write_digits(digits: datetime) -> str:
    """Write a time for a request: whole seconds, as a fraction is refused."""
    return digits.strftime("%Y-%m-%d %H:%M:%S")
