"""Addresses of recordings for playback over RTSP, in the forms that firmware differs about (section 12 of the notes)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re
from urllib.parse import urlsplit

from ..clock import DeviceClock
from ..models import ClockConvention
from .download import cut
from .matches import uri_query

# How far before the asked start the key frame may lie with which a device begins: cameras that spare bits
# have one in many seconds.
LEAD = timedelta(seconds=12)
# Devices count whole seconds, and tell only to the second where they really begin.
ROUNDING = timedelta(seconds=2)

_TRACK = re.compile(r"/tracks/(\d{1,6})(?=[/?]|$)", re.IGNORECASE)
_SIGNS = re.compile(r"[-:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressForm:
    """One form of the address; without a ``path`` it is the device's own, with all that it wrote there."""

    name: str
    path: str = ""
    iso: bool = False


FORMS = (
    AddressForm(name="given"),
    AddressForm(name="slash", path="/Streaming/tracks/{track}/"),
    AddressForm(name="plain", path="/Streaming/tracks/{track}"),
    AddressForm(name="psia", path="/PSIA/streaming/tracks/{track}"),
    AddressForm(name="slash_iso", path="/Streaming/tracks/{track}/", iso=True),
    AddressForm(name="plain_iso", path="/Streaming/tracks/{track}", iso=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """What to play: a part of a recording. ``begin`` and ``end`` are the device's digits as far as they are known.

    ``first`` is where the recording itself begins, in the same digits. ``asked`` is how long the part is by true time.
    """

    uri: str
    first: datetime | None
    begin: datetime | None
    end: datetime | None
    asked: timedelta

    @classmethod
    def of(cls, token: str, start: datetime, end: datetime, device: DeviceClock) -> Playable:
        """Return the part between two moments (UTC) of the recording that a playback address stands for."""
        uri = cut(token, start, end, device)
        query = _times(uri)
        return cls(
            uri=uri,
            first=_times(token).get("starttime"),
            begin=query.get("starttime"),
            end=query.get("endtime"),
            asked=end - start,
        )

    def span(self, begun: datetime | None) -> tuple[timedelta, timedelta]:
        """Return how long the footage is at least and at most that begins with these digits, None if unknown.

        Devices begin with the key frame before; where they don't say so it may be any of the last seconds.
        """
        if self.begin is None or self.end is None:
            return self.asked, self.asked + LEAD + ROUNDING
        if begun is None or begun == self.begin:
            length = self.end - self.begin
            return length, length + LEAD + ROUNDING
        return self.end - begun, self.end - begun + ROUNDING

    def moments(self, device: DeviceClock) -> list[datetime]:
        """Return the instant at which it begins, and its digits as if they were UTC."""
        if self.begin is None:
            return []
        instant = device.to_utc(self.begin)
        wall = device.with_convention(ClockConvention.WALL).to_device(instant)
        return [instant, wall.replace(tzinfo=UTC)]

    def addresses(self, host: str, port: int, known: str | None) -> dict[str, str]:
        """Return the addresses on a server by the names of their forms, the one known to work alone or first.

        Other forms of the very same address are left out.
        """
        found: dict[str, str] = {}
        for form in sorted(FORMS, key=lambda entry: entry.name != known):
            local = self._local(form)
            if local is not None:
                address = f"rtsp://{host}:{port}{local}"
                if address not in found.values():
                    found[form.name] = address
        return found

    def _local(self, form: AddressForm) -> str | None:
        """Return path and query in a form, None where this address doesn't have what the form needs."""
        try:
            parts = urlsplit(self.uri)
        except ValueError:
            return None
        if not form.path:
            return f"{parts.path}?{parts.query}" if parts.path and parts.query else None
        track = _TRACK.search(parts.path)
        if track is None or self.begin is None or self.end is None:
            return None
        style = "%Y-%m-%dT%H:%M:%SZ" if form.iso else "%Y%m%dT%H%M%SZ"
        times = f"starttime={self.begin.strftime(style)}&endtime={self.end.strftime(style)}"
        return f"{form.path.format(track=track[1])}?{times}"


def _times(uri: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for name, value in uri_query(uri).items():
        if name.lower() in {"starttime", "endtime"}:
            with suppress(ValueError):
                compact = _SIGNS.sub("", value)[:15].upper()
                found[name.lower()] = datetime.strptime(compact, "%Y%m%dT%H%M%S")
    return found
