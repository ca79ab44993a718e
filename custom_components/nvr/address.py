"""The address of a recorder as people type it."""

from ipaddress import ip_address
from typing import NamedTuple

from yarl import URL

SCHEMES = {"http": False, "https": True}


class Address(NamedTuple):
    """Where a recorder's web interface is. ``port`` and ``tls`` are None where the text leaves them open."""

    host: str
    port: int | None
    tls: bool | None


def parse_address(text: str) -> Address:
    """Read ``host``, ``host:port`` or ``http(s)://host:port``; an IPv6 address with or without brackets.

    Raises:
        ValueError: It is none of these, or holds a user name or password, which have fields of their own.
    """
    text = text.strip()
    scheme, separator, rest = text.rpartition("://")
    if separator and scheme.lower() not in SCHEMES:
        raise ValueError("no address of a web interface")
    if not separator and rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"
    url = URL(f"http://{rest}")
    if not url.host or url.user is not None or url.password is not None or " " in url.host:
        raise ValueError("no address of a web interface")
    if ":" in url.host:
        # Between brackets anything may stand: a MAC address, or an address with two ports.
        ip_address(url.host)
    return Address(
        host=url.host,
        port=url.explicit_port,
        tls=SCHEMES[scheme.lower()] if separator else None,
    )
