"""Addresses of live streams (section 9 of the notes)."""

from urllib.parse import quote

from ..models import Connection, StreamName
from .facts import ChannelPlace, Facts
from .ports import DEFAULT_RTSP_PORT
from .streams import STREAM_TYPES


def live_url(connection: Connection, facts: Facts, place: ChannelPlace, stream: StreamName) -> str:
    """Return the RTSP address of a stream, every reserved character of the credentials encoded.

    The user's port goes before the reported one: a recorder knows nothing of port forwarding.
    """
    port = connection.rtsp_port or facts.rtsp_port or DEFAULT_RTSP_PORT
    number = place.stream_id(stream)
    if number not in facts.streams and place.base == 1 and STREAM_TYPES[stream] in facts.streams:
        number = STREAM_TYPES[stream]
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    credentials = f"{quote(connection.username, safe='')}:{quote(connection.password, safe='')}"
    return f"rtsp://{credentials}@{host}:{port}/Streaming/Channels/{number}"
