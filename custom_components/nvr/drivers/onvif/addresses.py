"""The addresses that devices name, made safe: credentials go to nobody but who answered us.

A device behind a port forwarding, with two networks, or with a fixed idea of its address names what can't be
reached from here, or what is somebody else's (sections 4 and 6 of the notes). What it names is right in path and
query, so that is what is kept.
"""

from dataclasses import dataclass
from urllib.parse import quote

from yarl import URL

from ..address import base_url
from ..models import Connection
from ..ports import DEFAULT_RTSP_PORT

MAX_ADDRESS = 2048
_HTTP = ("http", "https")
_RTSP = "rtsp"
# What may stand in an address as it is; the rest is encoded.
_ADDRESS_SAFE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(slots=True)
class SafeAddresses:
    """Turns addresses that a device names into ones that lead back to it.

    ``rtsp_default`` is the port of streams whose address names none.
    """

    connection: Connection
    rtsp_default: int = DEFAULT_RTSP_PORT

    def web(self, text: str | None) -> str | None:
        """Return where to ask for something over HTTP: path and query, with the port where it is another one.

        None for what is no address of the web.
        """
        url = _parsed(text)
        if url is None or url.scheme not in _HTTP:
            return None
        path = url.raw_path_qs or "/"
        base = base_url(self.connection)
        same_host = url.host is not None and url.host.casefold() == (base.host or "").casefold()
        if same_host and url.scheme == base.scheme and url.port and url.port != base.port:
            # The device knows itself by the address that we do, so its port holds for us, too.
            base = base.with_port(url.port)
            return f"{base.origin()}{path}"
        # What begins with two slashes would be read as the name of another host.
        return f"{base.origin()}{path}" if path.startswith("//") else path

    def has_user(self, text: str) -> bool:
        """Return whether an address that a device names holds a user name or password before its host."""
        url = _parsed(text)
        return url is not None and bool(url.raw_user or url.raw_password)

    def rtsp(self, text: str | None) -> str | None:
        """Return the address of a stream without credentials, None where the device names none.

        The user's port goes before the device's: it knows nothing of port forwarding.
        """
        url = _parsed(text)
        if url is None or url.scheme != _RTSP:
            return None
        port = self.connection.rtsp_port or url.port or self.rtsp_default
        return f"rtsp://{self._host}:{port}{url.raw_path_qs or '/'}"

    def rtsp_port(self, address: str) -> int:
        """Return the port of an address of ours."""
        return URL(address, encoded=True).port or DEFAULT_RTSP_PORT

    def with_credentials(self, address: str) -> str:
        """Return the address of a stream with user name and password, every reserved character encoded."""
        username, password = (
            quote(part, safe="") for part in (self.connection.username, self.connection.password)
        )
        return address.replace("rtsp://", f"rtsp://{username}:{password}@", 1)

    @property
    def _host(self) -> str:
        host = self.connection.host
        return f"[{host}]" if ":" in host else host


def _parsed(text: str | None) -> URL | None:
    if text is None or not 0 < len(text) <= MAX_ADDRESS:
        return None
    try:
        url = URL(_single_port(quote(text.strip(), safe=_ADDRESS_SAFE)), encoded=True)
        # Some are found out only when they are looked into.
        _ = url.port, url.raw_path_qs
    except ValueError:
        return None
    return url if url.host is not None else None


def _single_port(text: str) -> str:
    """Return an address without the second of two ports, which some firmware writes (section 14 of the notes)."""
    scheme, separator, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    if not place.startswith("[") and place.count(":") > 1 and "@" not in place:
        place = place.rpartition(":")[0]
    return f"{scheme}{separator}{place}{slash}{path}"
