"""How fast a connection sends at most."""

import socket
import sys

# <linux/socket.h>; Python knows no name for it.
_SO_MAX_PACING_RATE = 47
_UNBOUND = (1 << 64) - 1


def bound_rate(connection: socket.socket, rate: int) -> None:
    """Let the kernel send so many bytes a second at most; 0 takes a bound away."""
    value = (rate or _UNBOUND).to_bytes(8, sys.byteorder)
    connection.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, value)
