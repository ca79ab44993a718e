"""Ports on loopback that nothing listens on."""

import socket

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Return that many different TCP ports of loopback that are free now, for UDP as well.

    All are held until the last is found, so that none is given twice.
    """
    found: list[int] = []
    held: list[socket.socket] = []
    try:
        while len(found) < count:
            tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.append(tcp)
            tcp.bind((LOOPBACK, 0))
            port: int = tcp.getsockname()[1]
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            held.append(udp)
            try:
                udp.bind((LOOPBACK, port))
            except OSError:
                continue
            found.append(port)
    finally:
        for each in held:
            each.close()
    return found
