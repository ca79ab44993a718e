"""Connections on which an answer can go wrong at any byte."""

import asyncio
from collections.abc import Callable
import re
import socket
import struct
from typing import Any, Final, override

from .faults import Effect, Faults

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"(?i)(\r\nContent-Length: *)(\d+)")
# More than any head that is written here.
_LONGEST_HEAD: Final = 16 * 1024
_RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)
_NONSENSE: Final = 0x5A
_FILL: Final = b"\0"


class WireTransport(asyncio.Transport):
    """A transport that spoils what is written to it, as long as it is told to."""

    def __init__(self, wire: Wire, transport: asyncio.Transport) -> None:
        """Stand before the transport of a connection."""
        super().__init__()
        self._wire = wire
        self._transport = transport
        self._damage: _Damage | None = None

    def spoil(self, effect: Effect, faults: Faults, reboot: Callable[[], None]) -> None:
        """Spoil what is written from now on, up to `mend`."""
        self._damage = _Damage(effect, faults, reboot, self._wire, self._transport)

    def mend(self) -> None:
        """The answer that is spoiled has been written."""
        damage, self._damage = self._damage, None
        if damage is not None:
            damage.end()
            if damage.stalled:
                self._damage = damage

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._damage is None:
            self._transport.write(data)
        else:
            self._damage.write(bytes(data))

    @override
    def writelines(self, list_of_data: Any) -> None:
        if self._damage is None:
            self._transport.writelines(list_of_data)
        else:
            self._damage.write(b"".join(list_of_data))

    @override
    def close(self) -> None:
        if self._damage is not None and self._damage.stalled:
            self._damage.close_later = True
        else:
            self._transport.close()

    @override
    def abort(self) -> None:
        self._transport.abort()

    @override
    def is_closing(self) -> bool:
        return self._transport.is_closing()

    @override
    def is_reading(self) -> bool:
        return self._transport.is_reading()

    @override
    def pause_reading(self) -> None:
        self._transport.pause_reading()

    @override
    def resume_reading(self) -> None:
        self._transport.resume_reading()

    @override
    def write_eof(self) -> None:
        self._transport.write_eof()

    @override
    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    @override
    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    @override
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    @override
    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()

    @override
    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)


class Wire(asyncio.Protocol):
    """Stands between a connection and the protocol that serves it.

    Attributes:
        when_lost: called when the connection ends.
    """

    def __init__(self, served: asyncio.Protocol, wires: Wires) -> None:
        """Serve a connection by a protocol."""
        self._served = served
        self._wires = wires
        self._refused = False
        self._pauses: set[str] = set()
        self.when_lost: Callable[[], None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if not self._wires.enter(self):
            self._refused = True
            transport.abort()
            return
        self._served.connection_made(WireTransport(self, transport))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._wires.leave(self)
        if self.when_lost is not None:
            self.when_lost()
        if not self._refused:
            self._served.connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if not self._refused:
            self._served.data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return None if self._refused else self._served.eof_received()

    @override
    def pause_writing(self) -> None:
        self.pause("full")

    @override
    def resume_writing(self) -> None:
        self.resume("full")

    def pause(self, why: str) -> None:
        """Keep the served protocol from writing, for one more reason."""
        if not self._pauses:
            self._served.pause_writing()
        self._pauses.add(why)

    def resume(self, why: str) -> None:
        """Take away a reason; without any, the served protocol writes on."""
        if why in self._pauses:
            self._pauses.remove(why)
            if not self._pauses:
                self._served.resume_writing()


class Wires:
    """All connections of a recorder."""

    def __init__(self, limit: Callable[[], int | None]) -> None:
        """Allow so many at once as `limit` gives; None for any number."""
        self._limit = limit
        self._open: set[Wire] = set()

    def __len__(self) -> int:
        """Count those that are open."""
        return len(self._open)

    def enter(self, wire: Wire) -> bool:
        """Say whether there is room for one more."""
        limit = self._limit()
        if limit is not None and len(self._open) >= limit:
            return False
        self._open.add(wire)
        return True

    def leave(self, wire: Wire) -> None:
        """Make room."""
        self._open.discard(wire)


class _Damage:
    """What happens to one answer."""

    def __init__(
        self,
        effect: Effect,
        faults: Faults,
        reboot: Callable[[], None],
        wire: Wire,
        transport: asyncio.Transport,
    ) -> None:
        self.stalled = False
        self.close_later = False
        self._effect = effect
        self._faults = faults
        self._reboot = reboot
        self._wire = wire
        self._transport = transport
        self._head: bytearray | None = bytearray()
        self._tail = bytearray()
        self._held = bytearray()
        self._sent = 0
        self._ended = False
        self._forget_stall: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        bounds = {
            "cut": effect.cut_at, "stall": effect.stall_at, "reboot": effect.reboot_at,
        }  # fmt: skip
        self._points = sorted((at, what) for what, at in bounds.items() if at is not None)

    def write(self, data: bytes) -> None:
        if self._head is not None:
            self._head += data
            if _END_OF_HEAD not in self._head and len(self._head) < _LONGEST_HEAD:
                return
            data = self._announced(bytes(self._head))
            self._head = None
        if self._effect.shorten:
            self._tail += data
            data = bytes(self._tail[: -self._effect.shorten])
            del self._tail[: len(data)]
        self._emit(data)

    def end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._head:
            self._emit(bytes(self._head))
        self._emit(_FILL * self._effect.lengthen)

    def _announced(self, beginning: bytes) -> bytes:
        """Let the head name the number of bytes that it is to name."""
        effect = self._effect
        more = effect.lengthen - effect.shorten + effect.claim
        head, end, rest = beginning.partition(_END_OF_HEAD)

        def changed(match: re.Match[bytes]) -> bytes:
            return match[1] + str(max(0, int(match[2]) + more)).encode()

        return _LENGTH.sub(changed, head) + end + rest

    def _emit(self, data: bytes) -> None:
        if self.stalled:
            self._held += data
            return
        while self._points and self._points[0][0] < self._sent + len(data):
            at, what = self._points.pop(0)
            ready = max(0, at - self._sent)
            self._send(data[:ready])
            data = data[ready:]
            if what == "cut":
                self._cut()
                return
            if what == "stall":
                self._stall(data)
                return
            self._reboot()
        self._send(data)

    def _send(self, data: bytes) -> None:
        begins, length = self._effect.garbage_at, self._effect.garbage
        if begins is not None and self._sent < begins + length and begins < self._sent + len(data):
            first = max(0, begins - self._sent)
            last = min(len(data), begins + length - self._sent)
            spoiled = bytes(byte ^ _NONSENSE for byte in data[first:last])
            data = data[:first] + spoiled + data[last:]
        self._sent += len(data)
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _cut(self) -> None:
        if self._effect.reset:
            sock: socket.socket | None = self._transport.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
            self._transport.abort()
        else:
            self._transport.close()

    def _stall(self, rest: bytes) -> None:
        self.stalled = True
        self._held += rest
        self._wire.pause("stalled")
        self._forget_stall = self._faults.stall(self._go_on)
        if self._effect.stall_s is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._effect.stall_s, self._go_on)
        self._wire.when_lost = self._forget

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._forget_stall is not None:
            self._forget_stall()

    def _go_on(self) -> None:
        if not self.stalled:
            return
        self.stalled = False
        self._forget()
        held, self._held = bytes(self._held), bytearray()
        self._emit(held)
        if not self.stalled:
            self._wire.resume("stalled")
            if self.close_later:
                self._transport.close()
