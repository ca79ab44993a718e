"""A network such as a home has: machines with an address each, on one bridge.

The machines are network namespaces of the kernel. They have names only within the program that holds them,
so that networks made side by side don't meet, and all is gone with that program, which ends with the
one that started it, however that ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
import os
from pathlib import Path
import shutil
import subprocess
from types import TracebackType
from typing import Final, Self

SUBNET: Final = IPv4Network("10.10.10.0/24")
_NAMESPACES: Final = ("unshare", "--net", "--mount")
# Makes the bridge, and then a machine of each line that it reads: its name and its address. Where no port
# of the bridge forwards yet, the first question would be lost.
_HOLDER: Final = """
set -e
mount -t tmpfs tmpfs /run
ip link add home type bridge mcast_snooping 0
ip link set home up
echo ready
while read -r name address; do
    ip netns add "$name"
    ip link add "$name" type veth peer name eth0 netns "$name"
    ip link set "$name" master home up
    ip -n "$name" address add "$address" dev eth0
    ip -n "$name" link set lo up
    ip -n "$name" link set eth0 up
    ip -n "$name" route add default dev eth0
    until ip -d link show dev "$name" | grep -q "state forwarding"; do sleep 0.01; done
    echo "$name"
done
"""


class NetworkError(Exception):
    """The network, or a machine on it, could not be made."""


def can_be_made() -> bool:
    """Tell whether this user may make networks on this machine."""
    if not all(map(shutil.which, (_NAMESPACES[0], "ip"))):
        return False
    tried = subprocess.run([*_NAMESPACES, "true"], check=False, stderr=subprocess.DEVNULL)
    return tried.returncode == 0


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine on the network.

    Attributes:
        address: its own.
        namespace: the file by which the kernel knows it.
    """

    address: str
    namespace: Path

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let the calling thread be on this machine for the duration of the block.

        Sockets stay on the machine on which they were made; threads begin on that of whoever starts them.
        """
        with (
            Path("/proc/thread-self/ns/net").open("rb") as before,
            self.namespace.open("rb") as ours,
        ):
            os.setns(ours.fileno(), os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(before.fileno(), os.CLONE_NEWNET)


class HomeNetwork:
    """A bridge and the machines on it, for the duration of a block."""

    def __init__(self) -> None:
        """Prepare it."""
        self._holder = subprocess.Popen(
            [*_NAMESPACES, "/bin/sh", "-c", _HOLDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def holder(self) -> int:
        """The id of the process with which the network is gone."""
        return self._holder.pid

    def machine(self, number: int) -> Machine:
        """Add a machine, whose address ends in a number.

        Raises:
            NetworkError: it could not be made.
        """
        name = f"host-{number}"
        address = SUBNET[number]
        self._say(f"{name} {address}/{SUBNET.prefixlen}")
        self._hear(name)
        namespace = Path(f"/proc/{self.holder}/root/run/netns") / name
        return Machine(address=str(address), namespace=namespace)

    def _say(self, line: str) -> None:
        assert self._holder.stdin is not None
        self._holder.stdin.write(f"{line}\n")
        self._holder.stdin.flush()

    def _hear(self, expected: str) -> None:
        assert self._holder.stdout is not None
        if self._holder.stdout.readline().strip() != expected:
            raise NetworkError(f"no {expected}: {self._holder.communicate()[1].strip()}")

    def __enter__(self) -> Self:
        """Wait until there is a bridge."""
        try:
            self._hear("ready")
        except NetworkError:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take all of it away."""
        self._end()

    def _end(self) -> None:
        # At the end of its input it ends; it is ended, should it hang.
        self._holder.kill()
        self._holder.communicate()
