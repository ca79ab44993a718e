"""What a server sends on one connection: answers and frames, one whole thing at a time."""

import asyncio

_LONGEST_PACKET = 0xFFFF


class Outlet:
    """Writes to one connection.

    Answers and frames come from different tasks; each is written whole.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        """Write here."""
        self._writer = writer
        self._claim = 0

    async def send(self, data: bytes) -> None:
        """Send bytes that belong together.

        Raises:
            ConnectionError: the client has gone.
        """
        self._writer.write(data)
        await self._writer.drain()

    async def send_frames(self, channel: int, packets: list[bytes]) -> None:
        """Send packets on an interleaved channel (RFC 2326, 10.12).

        Raises:
            ConnectionError: the client has gone.
        """
        head = b"$" + bytes((channel,))
        await self.send(b"".join(head + self._length(packet) + packet for packet in packets))

    def claim(self, more: int) -> None:
        """Let the next packet claim to be so many bytes longer than it is."""
        self._claim = more

    def _length(self, packet: bytes) -> bytes:
        more, self._claim = self._claim, 0
        return min(max(len(packet) + more, 0), _LONGEST_PACKET).to_bytes(2)

    def close(self) -> None:
        """End the connection when all is sent."""
        self._writer.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()
