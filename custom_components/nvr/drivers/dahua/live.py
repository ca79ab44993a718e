"""Addresses of live streams (section 7 of the notes)."""

from urllib.parse import quote

from ..models import Connection, StreamName
from ..ports import DEFAULT_RTSP_PORT
from .facts import ChannelPlace, Facts
from .streams import SUBTYPES


class LiveAddresses:
    """Knows where a device's live streams are: everywhere at the same path, at a port that it tells."""

    def __init__(self, connection: Connection, facts: Facts) -> None:
        """Initialize."""
        self._connection = connection
        self._facts = facts

    @property
    def port(self) -> int:
        """The user's port goes before the reported one: a recorder knows nothing of port forwarding."""
        return self._connection.rtsp_port or self._facts.rtsp_port or DEFAULT_RTSP_PORT

    def url(self, place: ChannelPlace, stream: StreamName) -> str:
        """Return the RTSP address of a stream, every reserved character of the credentials encoded."""
        username, password = (
            quote(part, safe="") for part in (self._connection.username, self._connection.password)
        )
        host = self._connection.host
        host = f"[{host}]" if ":" in host else host
        path = f"/cam/realmonitor?channel={place.number}&subtype={SUBTYPES[stream]}"
        return f"rtsp://{username}:{password}@{host}:{self.port}{path}"
