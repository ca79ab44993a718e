"""Times as people and automations read them."""

from datetime import datetime

from homeassistant.util import dt as dt_util


def local_text(instant: datetime) -> str:
    """Return an instant as ISO 8601 in Home Assistant's zone, with its offset."""
    return dt_util.as_local(instant).isoformat()
