"""What is being sent: the counts that the device's limits are held against."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.core.time_source import Now
from simulator.footage.dhav import DhavForm, DhavStream
from simulator.footage.source import FootageSource


@dataclass
class Media:
    """Footage, pictures and events on their way to clients.

    Attributes:
        footages: what the disks hold, by stream and by how it is written.
        transfers: how many downloads are running.
        transfers_begun: how many were begun.
        held: until when places of downloads that clients gave up stay taken, true UTC.
        pictures_asked: how many pictures were asked for.
        picture: held while one is being taken.
        event_streams: how many event streams are open.
        attached: the codes of which sessions of RPC2 want to be told.
    """

    footages: dict[tuple[FootageSource, DhavForm], DhavStream] = field(default_factory=dict)
    transfers: int = 0
    transfers_begun: int = 0
    held: list[datetime] = field(default_factory=list)
    pictures_asked: int = 0
    picture: asyncio.Lock = field(default_factory=asyncio.Lock)
    event_streams: int = 0
    attached: dict[str, frozenset[str]] = field(default_factory=dict)

    def transferring(self, now: datetime) -> int:
        """Count the places of downloads that are taken."""
        self.held[:] = [until for until in self.held if until > now]
        return self.transfers + len(self.held)

    @contextmanager
    def transfer(self, now: Now, held: timedelta) -> Iterator[None]:
        """Take the place of a download, which stays taken for a while if it is given up."""
        self.transfers += 1
        self.transfers_begun += 1
        try:
            yield
        except BaseException:
            self.held.append(now() + held)
            raise
        finally:
            self.transfers -= 1

    def forget(self) -> None:
        """Begin anew, as after a boot."""
        self.held.clear()
        self.attached.clear()
