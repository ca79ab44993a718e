"""Connections that send no faster than they are let."""

import socket
import sys

from simulator.core import rate as module
from simulator.core.rate import bound_rate

RATE = 123_456


def test_the_kernel_bounds_a_connection() -> None:
    here, there = socket.socketpair()
    with here, there:
        for rate, told in ((RATE, RATE), (0, module._UNBOUND)):
            bound_rate(here, rate)
            kept = here.getsockopt(socket.SOL_SOCKET, module._SO_MAX_PACING_RATE, 8)
            assert int.from_bytes(kept, sys.byteorder) == told
